"""Past tickets become questions and proposals, once, and go with their document."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.categories import Categories
from bot.model.ids import new_id
from bot.model.knowledge import PastTicket
from bot.model.values import Language
from bot.ports.storage import Storage
from knowledge.past_questions import drop_past_questions, keep_past_questions, keeper
from knowledge.sync import sync_folder
from tests.contract.storage.makers import AT, article

VPN = article("network/vpn.en", title="The VPN does not connect", language=Language.EN, phrasings=())
VPN_FR = article(
    "network/vpn.fr", title="Le VPN ne se connecte pas", language=Language.FR, translation_of=VPN.id, phrasings=()
)


def ticket(number: int, subject: str, **more: object) -> PastTicket:
    known = PastTicket(f"old#{number}", "tickets", str(number), subject, "A long story.", Language.EN, AT)
    return replace(known, **more)  # type: ignore[arg-type]


async def filled(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.knowledge.put(VPN)
        work.knowledge.put(VPN_FR)
        await work.commit()


async def test_tickets_are_kept_as_questions_and_those_resolved_by_an_article_proposed(storage: Storage) -> None:
    await filled(storage)
    client = new_id()
    tickets = [
        ticket(1, "no tunnel from my hotel room", article="network/vpn.en", client_id=client, category="network"),
        ticket(2, "pas de tunnel depuis mon hôtel", article="VPN.en", language=Language.FR),
        ticket(3, "the VPN does not connect", article="vpn.en"),
        ticket(4, "call me about the tunnel on +33 6 12 34 56 78", article="vpn.en"),
        ticket(5, "who waters the plants"),
    ]
    assert await keep_past_questions(storage.unit_of_work, "tickets", tickets, AT) == 5
    knowledge = storage.unit_of_work().knowledge
    questions = await knowledge.asked_from("tickets")
    first = questions["old#1"]
    assert (first.text, first.asker_id, first.asked_at, first.category) == (tickets[0].subject, client, AT, "network")
    assert (first.outcome, first.best_article) == ("answered", VPN.id)
    assert (questions["old#5"].outcome, questions["old#5"].best_article) == ("lost", None)
    assert questions["old#4"].text == "call me about the tunnel on ●●●●"
    proposed = await knowledge.proposed_phrasings()
    assert {(one.article_id, one.text, one.source) for one in proposed} == {
        (VPN.id, "no tunnel from my hotel room", "past_ticket"),
        (VPN_FR.id, "pas de tunnel depuis mon hôtel", "past_ticket"),
    }


async def test_to_keep_them_again_changes_nothing_and_a_changed_one_is_changed(storage: Storage) -> None:
    await filled(storage)
    tickets = [ticket(1, "no tunnel from my hotel room", article="vpn.en"), ticket(2, "plants", asked_at=None)]
    await keep_past_questions(storage.unit_of_work, "tickets", tickets, AT)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert await keep_past_questions(storage.unit_of_work, "tickets", tickets, later) == 0
    knowledge = storage.unit_of_work().knowledge
    assert len(await knowledge.proposed_phrasings()) == 1
    changed = [tickets[0], ticket(2, "plants in the lobby")]
    assert await keep_past_questions(storage.unit_of_work, "tickets", changed, later) == 1
    assert {one.text for one in await knowledge.asked()} == {"no tunnel from my hotel room", "plants in the lobby"}


async def test_what_a_curator_decided_outlives_the_next_sync(storage: Storage) -> None:
    await filled(storage)
    await keep_past_questions(storage.unit_of_work, "tickets", [ticket(1, "no tunnel at all", article="vpn.en")], AT)
    async with storage.unit_of_work() as work:
        (phrasing,) = await work.knowledge.proposed_phrasings()
        work.knowledge.save(replace(phrasing, rejected_at=AT))
        await work.commit()
    again = [ticket(1, "No tunnel, at all!", article="vpn.en"), ticket(9, "no tunnel at all", article="vpn.en")]
    await keep_past_questions(storage.unit_of_work, "tickets", again, AT)
    assert await storage.unit_of_work().knowledge.proposed_phrasings() == []


async def test_what_is_gone_is_forgotten_and_what_could_not_be_read_is_not(storage: Storage) -> None:
    await filled(storage)
    tickets = [ticket(number, f"no tunnel in hotel number {number}", article="vpn.en") for number in (1, 2, 3)]
    await keep_past_questions(storage.unit_of_work, "tickets", tickets, AT)
    assert await drop_past_questions(storage.unit_of_work, "tickets", {"old#1"}, lambda id: id == "old#2") == 1
    knowledge = storage.unit_of_work().knowledge
    assert {*(await knowledge.asked_from("tickets"))} == {"old#1", "old#2"}
    assert await drop_past_questions(storage.unit_of_work, "tickets") == 2
    assert (await knowledge.asked(), await knowledge.proposed_phrasings()) == ([], [])


async def test_a_folder_with_past_tickets_is_followed(sqlite_storage: Storage, tmp_path: Path) -> None:
    await filled(sqlite_storage)
    record = {
        "ticket_id": "TK-1",
        "subject": "No tunnel from home",
        "content": "Hello.",
        "knowledge_base_ref": "vpn.en",
    }
    record |= {"channel": "email", "client_id": "C-9", "timestamp": "2026-01-06T08:12:00Z", "category": "network"}
    other = record | {"ticket_id": "TK-2", "subject": "Who waters the plants?", "knowledge_base_ref": ""}
    file = tmp_path / "old.json"
    (tmp_path / "other.md").write_text("# Something else\n\nText.\n", encoding="utf-8")
    factory = sqlite_storage.unit_of_work

    async def sync() -> None:
        await sync_folder(factory, tmp_path, Categories.load(None), "tickets", keep_tickets=keeper(factory))

    for records in ([record], [record, other], None):
        if records is None:
            file.unlink()
        else:
            file.write_text(json.dumps(records), encoding="utf-8")
        await sync()
        questions = await factory().knowledge.asked_from("tickets")
        assert len(questions) == len(records or ())
        assert len(await factory().knowledge.proposed_phrasings()) == (1 if records else 0)
