"""CSV and past tickets, and the encodings of all documents."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.categories import Categories
from bot.errors import LoadError
from bot.model.knowledge import Article, PastTicket
from bot.model.values import Audience, Language, Urgency
from knowledge.loaders import Loaded, csv_records, load_folder
from knowledge.loaders.encodings import decoded
from knowledge.loaders.source import LARGEST_PDF, Source
from tests.knowledge.test_markdown_loader import Tree, write

CATEGORIES = Categories.load()
TICKET = {
    "ticket_id": "TCK-1042",
    "channel": "email",
    "client_id": "CL-77",
    "timestamp": "2026-02-03T09:15:00+01:00",
    "subject": "VPN drops",
    "content": "My VPN drops every ten minutes. Call me: 06 12 34 56 78, ada@example.org.\n\nRegards,\nAda Lovelace",
    "category": "Network",
    "subcategory": "VPN",
    "priority": "critical",
    "auto_resolvable": True,
    "resolution_type": "knowledge_base",
    "estimated_resolution_time": "1.5 h",
    "knowledge_base_ref": "03-Reseau-Internet/vpn-does-not-connect.en.md",
}


def everything(folder: Path) -> list[Loaded]:
    return list(load_folder(folder, CATEGORIES, "folder"))


def tickets(folder: Path, *entries: Any) -> list[Loaded]:
    write(folder, "past.json", json.dumps(entries))
    return everything(folder)


def rows(folder: Path, text: str | bytes) -> list[Loaded]:
    write(folder, "table.csv", text)
    return everything(folder)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_of_questions_as_a_spreadsheet_saves_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [
        ["Question", "Réponse", "Catégorie", "Mots-clés", "Langue", "Formulations"],
        [
            "Où est l’imprimante ?",
            '"Au 2e étage ;\nprès de l\'accueil, à gauche | droite."',
            "08",
            '"a, b"',
            "",
            '"x|y"',
        ],
        ["Qui appeler ?", "Le 4242.", "", "", "fr", ""],
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)

    first, second = rows(tmp_path, text.encode(encoding))

    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.body == "Au 2e étage ;\nprès de l'accueil, à gauche | droite."
    assert (first.title, first.category, first.language) == ("Où est l’imprimante ?", "hardware", Language.FR)
    assert (first.keywords, first.phrasings) == (("a", "b"), ("x", "y"))
    assert second.category == "uncategorised"


def test_subject_and_answer_make_an_entry_too_and_bad_rows_are_named(tmp_path: Path) -> None:
    found = rows(tmp_path, "sep=;\nSujet;Réponse\nUn ?;1\n;2\n\nTrois ?;3;4\nQuatre ?\nCinq ?;5\n")

    assert [each.title for each in found if isinstance(each, Article)] == ["Un ?", "Cinq ?"]
    assert [str(each) for each in found if isinstance(each, LoadError)] == [
        "table.csv, line 3: question: is missing",
        "table.csv, line 5: has 3 values for 2 columns: put quotes around texts",
        "table.csv, line 6: answer: is missing",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name,age\nAda,36\n", "first row should name the columns"),
        ("question,answer\nA?," + "x" * 10_000_000, "from line 2 on: field larger"),
        ('question,answer\nA?,"never closed\n' + "x,y\n" * 9, "from line 2 on"),
        ("question,answer\nA?,b\0c\n", "NUL"),
    ],
)
def test_a_bad_table_is_named_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    (error,) = rows(tmp_path, text)
    assert isinstance(error, LoadError)
    assert reason in error.reason


def test_a_past_ticket_is_read_without_saying_who_asked(tmp_path: Path) -> None:
    (ticket,) = tickets(tmp_path, TICKET)

    assert isinstance(ticket, PastTicket)
    assert ticket.id == "past#TCK-1042"
    assert (ticket.ticket_id, ticket.channel, ticket.subject) == ("TCK-1042", "email", "VPN drops")
    assert ticket.content == "My VPN drops every ten minutes. Call me: ●●●●, ●●●●."
    assert ticket.asked_at == datetime(2026, 2, 3, 8, 15, tzinfo=UTC)
    assert (ticket.category, ticket.category_name, ticket.priority) == ("network", "Network / VPN", Urgency.URGENT)
    assert (ticket.article, ticket.minutes) == ("03-Reseau-Internet/vpn-does-not-connect.en", 90)
    assert (ticket.auto_resolvable, ticket.resolution_type) == (True, "knowledge_base")
    assert "CL-77" not in repr(ticket)

    again, other = tickets(tmp_path, TICKET, TICKET | {"ticket_id": 2, "client_id": "CL-78"})
    assert isinstance(again, PastTicket)
    assert isinstance(other, PastTicket)
    assert again.client_id == ticket.client_id != other.client_id


def test_what_resolved_a_ticket_is_an_article_for_members(tmp_path: Path) -> None:
    resolved = TICKET | {
        "resolution": "1. Close the *client*\n2) Open it, then mail ada@example.org\nDone.",
        "audience": "public",
    }
    article, ticket = tickets(tmp_path, resolved)

    assert isinstance(article, Article)
    assert isinstance(ticket, PastTicket)
    assert (article.id, article.title, article.category) == (ticket.id, "VPN drops", "network")
    assert article.audience is Audience.INTERNAL
    assert article.body == (
        "1. Close the \\*client\\*\n2. Open it, then mail ●●●●\n\nDone.\n\n"
        "*Original request:* My VPN drops every ten minutes. Call me: ●●●●, ●●●●."
    )


def test_tickets_in_a_french_table(tmp_path: Path) -> None:
    text = (
        "N° ticket;Objet;Description;Catégorie;Sous-catégorie;Priorité;Date de création;Solution\n"
        "17;Bourrage;Bonjour, je m'appelle Jean Dupont. La feuille est coincée.;Matériel;Imprimante;Haute;"
        "31/03/2025 14:05;Ouvrir le capot.\n"
        "18;Écran noir;Rien ne s'affiche;Quantique;;P9;hier;\n"
    )
    article, first, second = rows(tmp_path, text.encode("cp1252"))

    assert isinstance(article, Article)
    assert isinstance(first, PastTicket)
    assert isinstance(second, PastTicket)
    assert article.body == (
        "Ouvrir le capot.\n\n*Demande d’origine :* Bonjour, je m'appelle ●●●●. La feuille est coincée."
    )
    assert (first.id, first.category, first.priority) == ("table#17", "hardware/printers", Urgency.HIGH)
    assert first.asked_at == datetime(2025, 3, 31, 14, 5, tzinfo=UTC)
    assert (second.category, second.category_name, second.priority, second.asked_at) == (None, "Quantique", None, None)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        (45, 45),
        ("45 min", 45),
        ("2 hours", 120),
        ("1h30", 90),
        ("2 jours", 2880),
        ("30 s", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_times_to_resolve(tmp_path: Path, written: object, minutes: int | None) -> None:
    (ticket,) = tickets(tmp_path, TICKET | {"estimated_resolution_time": written})
    assert isinstance(ticket, PastTicket)
    assert ticket.minutes == minutes


@pytest.mark.parametrize(
    "moment", [1770106500, 1770106500000, "2026-02-03 08:15", "2026-02-03T08:15:00Z", "03/02/2026 08:15"]
)
def test_moments(tmp_path: Path, moment: object) -> None:
    (ticket,) = tickets(tmp_path, TICKET | {"timestamp": moment})
    assert isinstance(ticket, PastTicket)
    assert ticket.asked_at == datetime(2026, 2, 3, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "99999999999999", "9" * 400, "yesterday", None])
def test_moments_that_are_none(tmp_path: Path, moment: object) -> None:
    (ticket,) = tickets(tmp_path, TICKET | {"timestamp": moment})
    assert isinstance(ticket, PastTicket)
    assert ticket.asked_at is None


def test_a_bad_ticket_stops_nothing(tmp_path: Path) -> None:
    found = tickets(tmp_path, TICKET, {"ticket_id": 3}, TICKET, TICKET | {"ticket_id": 4, "content": ["x"]})

    assert [str(each) for each in found if isinstance(each, LoadError)] == [
        "past.json, entry 2: a past ticket should have a subject and a content",
        "past.json, entry 3: has the question or id of an earlier entry",
        "past.json, entry 4: content: should be text",
    ]
    assert len([each for each in found if isinstance(each, PastTicket)]) == 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("question,answer;\t\"\n\0 é\ud800'|"), max_size=120))
def test_any_table_is_read_or_refused(text: str) -> None:
    content = f"question;answer\n{text}".encode("utf-8", "surrogatepass")
    try:
        for each in csv_records.load(Source("t.csv", "t", (), content, Tree(), "folder")):
            assert isinstance(each, Article | LoadError)
    except LoadError:
        pass


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Déjà vu : l’été", "utf-8"),
        ("Déjà vu", "utf-8-sig"),
        ("Déjà vu", "utf-16"),
        ("Déjà vu", "utf-32"),
        ("Réinitialisez le mot de passe, c’est gratuit : 0 €.", "cp1252"),
        ("é", "latin-1"),
    ],
)
def test_encodings_that_are_sure(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding), "x") == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Пожалуйста, перезагрузите".encode("cp1251"), "byte 0 is 0xcf"),
        ("Déjà".encode("cp437"), "byte 1 is 0x82"),
        ("Déjà".encode("mac_roman"), "byte 1 is 0x8e"),
        ("Caf\xe9 \x00".encode("latin-1"), "byte 3 is 0xe9"),
        (b"\xff\xfea", "not the UTF-16"),
        (b"\xef\xbb\xbf\xff", "not the UTF-8"),
    ],
)
def test_encodings_that_are_not_are_refused_naming_the_byte(content: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        decoded(content, "x")


@pytest.mark.parametrize("name", ["a.md", "a.json", "a.csv", "a.html", "a.pdf"])
def test_of_a_huge_file_nothing_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(200_000_000)  # takes no room on the disk
    assert path.stat().st_size > LARGEST_PDF
    path.chmod(0)

    (error,) = everything(tmp_path)

    assert isinstance(error, LoadError)
    assert "is too large: 200,000,000 bytes" in error.reason
