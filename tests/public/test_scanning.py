"""What must not be published is found, whatever it is dressed as; what a manual says is left alone."""

import time

import pytest

from bot.model.people import Company, Person, Technician
from bot.model.values import Role
from bot.ports.storage import Storage
from bot.public.scanning import KINDS, known_names, scan
from bot.texts import Texts
from bot.understanding.names import Names
from bot.understanding.secrets import MASK as M

NAMES = Names(close=("Ada Lovelace",), others=("Jean-Pierre Durand",), capitalised=("Orange",))


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        ("call 06 12 34 56 78 or +44 20 7946 0958.", f"call {M} or {M}.", {"phone"}),
        ("tel: 0612345678", f"tel: {M}", {"phone"}),
        ("06\u200b12\u200b34\u200b56\u200b78", M, {"phone"}),
        ("０６ １２ ３４ ５６ ７８", M, {"phone"}),
        ("my mobile is 07700 900123", f"my mobile is {M}", {"phone"}),
        ("mail a.b@acme.example", f"mail {M}", {"email"}),
        ("mail a.b (at) acme (dot) example", f"mail {M}", {"email"}),
        ("a.b arobase acme point example", M, {"email"}),
        ("a.b＠acme.example", M, {"email"}),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", f"IBAN {M} merci", {"card"}),
        ("gb82west12345698765432", M, {"card"}),
        ("FR76-3000-6000-0112-3456-7890-189", M, {"card"}),
        ("4111 1111 1111 1111", M, {"card"}),
        ("4111‑1111‑1111‑1111", M, {"card"}),
        ("client n° 12345678", f"client n° {M}", {"number"}),
        ("votre numéro de client est AB-998877", f"votre numéro de client est {M}", {"number"}),
        ("contrat : C2024-00012", f"contrat : {M}", {"number"}),
        ("order #778812 is late", f"order #{M} is late", {"number"}),
        ("your account number is 4477 1122", f"your account number is {M}", {"number"}),
        ("S/N ZX81-99887", f"S/N {M}", {"serial"}),
        ("1 85 05 78 006 084 36", M, {"number"}),
        ("it is 123456789012", f"it is {M}", {"number"}),
        ("12 rue de la Paix", M, {"street"}),
        ("12 bis, avenue Foch, 75116 Paris", f"{M}, {M}", {"street"}),
        ("221B Baker Street, NW1 6XE", f"{M}, {M}", {"street"}),
        ("Hauptstraße 12", M, {"street"}),
        ("né le 12/03/1980", f"né le {M}", {"birth"}),
        ("mac 00:1A:2b:3c:4D:5e", f"mac {M}", {"address"}),
        ("10.2.3.4 and 2001:db8::1", f"{M} and {M}", {"address"}),
        ("T12, INT-2026-01-NET-001", f"{M}, {M}", {"reference"}),
        ("TECH-042 has ticket 14", f"{M} has {M}", {"reference"}),
        ("https://acme.slack.com/archives/C1/p2", M, {"link"}),
        ("http://wiki.intranet/x wiki.corp/page", f"{M} {M}", {"link"}),
        (r"\\srv\share\x", M, {"link"}),
        ("https://desk.example/x?sig=abc", M, {"link"}),
        ("http://10.0.0.7:8080/admin", M, {"link"}),
        ("http://localhost:8080/", M, {"link"}),
        ("@bob@example.social and @durand", f"{M} and {M}", {"handle"}),
        ("mot de passe : Soleil2024!", f"mot de passe : {M}", {"password"}),
        ("jean pierre durand, DURAND Jean-Pierre, Ada", f"{M}, {M}, {M}", {"name"}),
        ("an orange for Orange", f"an orange for {M}", {"name"}),
        ("My name is Alice Martin", f"My name is {M}", {"name"}),
    ],
)
def test_what_must_not_be_published_is_masked(text: str, masked: str, kinds: set[str]) -> None:
    found = scan(text, names=NAMES)
    assert found and found.masked == masked
    assert set(found.kinds) == kinds <= set(KINDS)
    assert [text[one.start :].startswith(one.text) for one in found.found] == [True] * len(found.found)
    assert not scan(found.masked, names=NAMES), "what is masked stays so"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Il est 14 h 30, version 10.0.19045, le 21/11/2026, 2026-11-21 : 500 Go, 12 500 €, 1 000 000 de clients.",
        "Redémarrez votre box en 3 minutes ; le voyant n° 2 doit être vert. Code erreur 0x80070005, E-04.",
        "Rendez-vous sur https://help.acme.example/articles/box-42?lang=fr ou répondez 1.",
        "We are here 24/7; windows 11 23H2; HTTP 404; 2.4 GHz / 5 GHz; 1920x1080; a ThinkPad T14",
        "Open 192.168.1.1 in your browser, then choose Settings > Wi-Fi. The code is on the back of the box.",
        "The update takes 10 minutes on the way. Call 3900 or 112.",
        "Un technicien vous répond en message privé avant 14 h 30 lundi 23 novembre 2026.",
    ],
)
def test_what_a_manual_says_is_left_alone(text: str) -> None:
    assert scan(text, names=NAMES).found == ()


def test_the_country_says_what_a_number_without_one_is() -> None:
    assert scan("ring (020) 7946-0958", country="GB").kinds == ("phone",)
    assert scan("0171 23 45 67", country="CH").masked != "0171 23 45 67"


def test_what_the_desk_itself_puts_there_may_stand_and_nothing_that_begins_like_it() -> None:
    link = "http://127.0.0.1:8080/c/abc"
    assert scan(f"see {link} or {link}", allowed=(link,)).found == ()
    assert scan(f"see {link}def", allowed=(link,)).kinds == ("link",)
    assert scan("T12 and T13", allowed=("T12",)).masked == f"T12 and {M}"


async def test_known_people_are_those_of_the_database(storage: Storage) -> None:
    uow = storage.unit_of_work
    async with uow() as work:
        acme = Company("Acme")
        tech = Person("Zoé Lefèvre")
        for record in (
            *(acme, tech, Person("Jean-Noël Dupré"), Person("Votre Réponse"), Person("Kowalski")),
            *(
                Person("Mia Kowalczyk", email="mia@acme.example"),
                Person("Rue Blanche"),
                Person("Abelard", company_id=acme.id),
            ),
            Technician(tech.id, 1, Role.TECHNICIAN),
        ):
            work.people.add(record)
        await work.commit()
    texts = Texts.load()

    async def masked(text: str) -> str:
        async with uow() as work:
            return scan(text, names=await known_names(work, texts, text)).masked

    assert await masked("jean noel dupre, DUPRÉ Jean-Noël") == f"{M}, {M}"
    assert await masked("zoe lefevre; Lefevre; the lefevre") == f"{M}; {M}; the lefevre", "a technician's family name"
    assert await masked("Dupré, Kowalski") == "Dupré, Kowalski", "the public's only whole"
    assert await masked("Kowalczyk and Abelard") == f"{M} and {M}", "the organisation's people"
    assert await masked("votre réponse; Votre Réponse") == f"votre réponse; {M}", "everyday words need capitals"


@pytest.mark.parametrize(
    "text",
    [
        *("0" * 5000, "1 " * 2500, "a@" * 2500, "1 rue de " * 600, "A1 " * 1600, ":" * 5000, "client n° " * 500),
        *(
            "ab12" * 1200,
            "a." * 2500,
            "https://" + "a" * 4990,
            "1." * 2500,
            "né le " * 800,
            "tel " * 1200,
            "aB1-" * 1250,
        ),
        *("\\\\a\\" * 1000, "12:" * 1600, "fr76" * 1250, "12 Rue " * 700),
    ],
)
def test_no_text_holds_it_up(text: str) -> None:
    began = time.process_time()
    scan(text, names=NAMES)
    assert time.process_time() - began < 1
