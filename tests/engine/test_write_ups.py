"""From a resolved ticket to an answer: the write-up is drafted, saved, reviewed, and answers the next person."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.knowledge import Article
from bot.model.tickets import Attachment, Intervention
from bot.model.values import Audience, Language, Role, TicketStatus
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from storage.store import SqlStorage, open_storage
from tests.engine.desk import TestDesk
from tests.homes import copy_home

PLOTTER = "the zorglub plotter in the workshop draws every line twice since monday"
TRACEUR = "le traceur zorglub de l'atelier dessine chaque trait en double depuis lundi"
REPLY = "Please clean the carriage rail with the dry cloth. Then run the alignment page twice."
WRITE_UP = """/ticket write-up T1
title: Zorglub plotter draws lines twice
cause: the carriage rail was dirty
steps:
1. Clean the carriage rail with a dry cloth.
2. Run the alignment page twice.
keywords: zorglub, plotter"""


@pytest.fixture
async def sampled(sampled_home: Path, tmp_path: Path) -> AsyncIterator[tuple[SqlStorage, EmbeddedIndex]]:
    """With an index of the test's own, which follows what becomes of the articles."""
    copy_home(sampled_home, tmp_path / "home")
    storage = await open_storage(str(tmp_path / "home" / "guichet.db"))
    index = await EmbeddedIndex.open(tmp_path / "home" / "index")
    yield storage, index
    await index.close()
    await storage.close()


async def resolved(desk: TestDesk, question: str = PLOTTER) -> None:
    """Ada asked, T1 was opened, tess claimed, wrote, noted and resolved; cora is curator."""
    await desk.appoint("tess")
    await desk.appoint("cora", Role.CURATOR)
    await desk.says(question)
    await desk.clicks("human") if await wants_human(desk) else await desk.clicks("open_ticket")
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    await desk.says(f"/ticket reply T1 Hello Ada! {REPLY} Does it work?", "desk-tess", who="tess")
    await desk.says("/ticket note T1 cause: the carriage rail was dirty", "desk-tess", who="tess")
    desk.clock.forward(minutes=30)
    await desk.says("/ticket resolve T1 The rail is clean, the lines are single again.", "desk-tess", who="tess")


async def wants_human(desk: TestDesk) -> bool:
    try:
        desk.button("human")
    except AssertionError:
        return False
    return True


async def write_ups(desk: TestDesk) -> list[Intervention]:
    return await desk.storage.unit_of_work().tickets.written_up()


async def article(desk: TestDesk, id: str = "write-ups/INT-2026-11-GEN-001") -> Article | None:
    return await desk.storage.unit_of_work().knowledge.article(id)


async def test_the_draft_is_made_of_what_was_said_without_greetings_questions_and_names(desk: TestDesk) -> None:
    await resolved(desk)
    shown = await desk.says("/ticket write-up T1", "desk-tess", who="tess")
    assert "/ticket write-up T1\n" in shown
    assert f"symptoms: {PLOTTER}" in shown
    assert "cause: the carriage rail was dirty" in shown
    assert "1. Please clean the carriage rail with the dry cloth.\n2. Then run the alignment page twice." in shown
    assert "3. The rail is clean, the lines are single again." in shown
    assert "Hello" not in shown and "Does it work" not in shown and "Ada" not in shown
    assert await write_ups(desk) == [], "to look at a draft saves nothing"


async def test_what_was_copied_changed_and_sent_is_saved_numbered_and_given_to_the_curator(desk: TestDesk) -> None:
    await resolved(desk)
    said = await desk.says(WRITE_UP, "desk-tess", who="tess")
    assert "INT-2026-11-GEN-001" in said and "Cora" in said
    (one,) = await write_ups(desk)
    assert one.title == "Zorglub plotter draws lines twice" and one.root_cause == "the carriage rail was dirty"
    assert one.steps == ("Clean the carriage rail with a dry cloth.", "Run the alignment page twice.")
    assert one.keywords == ("zorglub", "plotter") and one.symptoms == PLOTTER, "what is left out stays as drafted"
    assert (one.state, one.audience, one.language) == ("draft", Audience.INTERNAL, Language.EN)
    assert "INT-2026-11-GEN-001" in desk.posts("desk-cora")[-1], "who acts next is told"
    events = await desk.storage.unit_of_work().tickets.events(one.ticket_id)
    assert [event.detail for event in events if event.kind == "written_up"] == [{"intervention": one.reference}]


async def test_a_draft_that_is_sent_back_unchanged_says_the_same(desk: TestDesk) -> None:
    await resolved(desk)
    shown = await desk.says("/ticket write-up T1", "desk-tess", who="tess")
    start = shown.index("/ticket write-up T1")
    end = shown.index("A line that begins")
    await desk.says(shown[start:end].split("Masked as personal")[0], "desk-tess", who="tess")
    again = await desk.says("/ticket write-up T1", "desk-tess", who="tess")
    assert shown[start:end] == again[again.index("/ticket write-up T1") : again.index("A line that begins")]


async def test_a_saved_write_up_is_changed_under_its_number(desk: TestDesk) -> None:
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    await desk.says("/ticket write-up T1\ncause: dust on the rail", "desk-tess", who="tess")
    (one,) = await write_ups(desk)
    assert one.reference == "INT-2026-11-GEN-001" and one.root_cause == "dust on the rail" and len(one.steps) == 2


async def test_in_french_with_french_labels(desk: TestDesk) -> None:
    await desk.says("bonjour", "desk-tess", who="tess", language=Language.FR)
    await resolved(desk, TRACEUR)
    shown = await desk.says("/ticket fiche T1", "desk-tess", who="tess", language=Language.FR)
    assert f"symptômes\N{NO-BREAK SPACE}: {TRACEUR}" in shown and "langue\N{NO-BREAK SPACE}: fr" in shown
    said = await desk.says(
        "/ticket compte-rendu T1\nTitre : Traceur zorglub en double\nCause racine : le rail était encrassé\n"
        "Étapes :\n- Nettoyer le rail\n- Lancer la page d'alignement\nMots-clés : traceur ; zorglub",
        "desk-tess", who="tess", language=Language.FR,
    )  # fmt: skip
    assert "INT-2026-11-GEN-001 est enregistrée" in said
    (one,) = await write_ups(desk)
    assert one.root_cause == "le rail était encrassé" and one.steps == (
        "Nettoyer le rail",
        "Lancer la page d'alignement",
    )
    assert one.keywords == ("traceur", "zorglub") and one.language is Language.FR


async def test_one_line_is_enough_where_a_command_has_only_one(desk: TestDesk) -> None:
    await resolved(desk)
    line = "/ticket write-up T1 cause: dirty rail steps: 1. clean it 2. align it keywords: rail, plotter"
    await desk.says(line, "desk-tess", who="tess")
    (one,) = await write_ups(desk)
    assert (one.root_cause, one.steps, one.keywords) == ("dirty rail", ("clean it", "align it"), ("rail", "plotter"))


async def test_none_is_needed_where_a_reason_says_why(desk: TestDesk) -> None:
    await resolved(desk)
    assert "How to use it" in await desk.says("/ticket write-up T1 --skip because", "desk-tess", who="tess")
    said = await desk.says("/ticket fiche T1 --sans doublon", "desk-tess", who="tess")
    assert "T1 needs no write-up: a duplicate" in said
    (ticket,) = await desk.tickets()
    assert ticket.resolution_reason == "duplicate" and ticket.status is TicketStatus.RESOLVED
    assert await write_ups(desk) == []


async def test_a_resolved_ticket_has_a_button_that_begins_it(desk: TestDesk) -> None:
    await resolved(desk)
    assert "symptoms: " in await desk.clicks("ticket_write-up", room="desk-tess", who="tess")
    assert "for technicians" in await desk.clicks("ticket_write-up", "T1")


async def test_only_what_is_resolved_is_written_up_by_who_may(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.appoint("ted")
    await desk.says("I want to talk to a human")
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    assert "not resolved" in await desk.says(WRITE_UP, "desk-tess", who="tess")
    await desk.says("/ticket resolve T1 done", "desk-tess", who="tess")
    assert "for technicians" in await desk.says(WRITE_UP)
    assert "for technicians" in await desk.says("/ticket write-up T1")
    assert "Tess" in await desk.says(WRITE_UP, "desk-ted", who="ted"), "it is in tess's hands"
    assert "cause or steps" in await desk.says("/ticket write-up T1\nsteps:\ncause:", "desk-tess", who="tess")
    assert await write_ups(desk) == []
    said = await desk.says(WRITE_UP, "desk-tess", who="tess")
    assert "Nobody may review" in said and "INT-2026-11-GEN-001" in said


async def test_names_numbers_and_secrets_are_masked_in_the_draft_and_in_what_is_saved(desk: TestDesk) -> None:
    question = f"{PLOTTER}, serial number ZX81-99887, call me at 06 12 34 56 78 or ada.l@acme.example"
    await resolved(desk, question)
    shown = await desk.says("/ticket write-up T1", "desk-tess", who="tess")
    for personal in ("ZX81-99887", "06 12 34 56 78", "acme.example", "Ada"):
        assert personal not in shown
    assert "Masked as personal: e-mail addresses, serial numbers, phone numbers" in shown or "serial numbers" in shown
    said = await desk.says(
        "/ticket write-up T1\ncause: ADA and Tess Smith dropped it, see +33 6 12 34 56 78\nsteps: tell ada's boss",
        "desk-tess", who="tess",
    )  # fmt: skip
    assert "Masked as personal" in said and "names" in said
    (one,) = await write_ups(desk)
    whole = " ".join((one.title, one.symptoms, one.root_cause, *one.steps))
    for personal in ("ADA", "Tess", "ada's", "12 34", "ZX81"):
        assert personal not in whole
    assert {"name", "phone", "serial", "email"} <= set(one.masked)


async def test_pictures_that_the_asker_sent_go_with_it(desk: TestDesk) -> None:
    await resolved(desk)
    question = next(one for one in await desk.history() if one.text == PLOTTER)
    async with desk.storage.unit_of_work() as uow:
        picture = Attachment(question.id, "lines.png", "image/png", 1200)
        uow.tickets.add(picture)
        uow.tickets.add(Attachment(question.id, "log.txt", "text/plain", 10))
        await uow.commit()
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    (one,) = await write_ups(desk)
    assert one.screenshots == (picture.id,)
    assert "screenshots: 1" in await desk.says(f"/kb review {one.reference}", "desk-cora", who="cora")


async def test_the_curator_reads_it_whole_and_decides(desk: TestDesk) -> None:
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    assert "INT-2026-11-GEN-001: Zorglub plotter" in await desk.says("/kb review", "desk-cora", who="cora")
    shown = await desk.says("/kb review int-2026-11-gen-001", "desk-cora", who="cora")
    assert "the carriage rail was dirty" in shown and "2. Run the alignment page twice." in shown and "Tess" in shown
    for command in ("approve", "reject", "withdraw", "recall", "review"):
        told = await desk.says(f"/kb {command} INT-2026-11-GEN-001 why", "desk-tess", who="tess")
        assert "for curators" in told
        assert "for technicians" in await desk.says(f"/kb {command} INT-2026-11-GEN-001")
    assert (await write_ups(desk))[0].state == "draft"
    assert "INT-2026-11-GEN-001 answers from now on" in await desk.clicks("kb_approve", room="desk-cora", who="cora")
    assert "is an article now" in desk.posts("desk-tess")[-1]
    shown_now = await article(desk)
    assert shown_now and shown_now.audience is Audience.INTERNAL and shown_now.origin == "write-ups"
    assert "cannot be done" in await desk.says("/kb approve INT-2026-11-GEN-001", "desk-cora", who="cora")
    assert "approved already" in await desk.says(WRITE_UP, "desk-tess", who="tess")


async def test_an_approved_write_up_answers_the_next_employee_at_once_but_not_the_public(
    sampled: tuple[SqlStorage, EmbeddedIndex], desk: TestDesk
) -> None:
    storage, index = sampled
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    before = await desk.says(PLOTTER, "bo", who="bo")
    assert "alignment page" not in before, "a draft answers nobody"
    await desk.says("/kb approve INT-2026-11-GEN-001", "desk-cora", who="cora")
    await IndexFollower(storage.unit_of_work, index).catch_up()
    answer = await desk.says("zorglub plotter draws every line twice", "eve", who="eve")
    assert "Zorglub plotter draws lines twice" in answer and "2. Run the alignment page twice." in answer
    public = await desk.says("zorglub plotter draws every line twice", "zoe", who="zoe", audience=Audience.PUBLIC)
    assert "alignment page" not in public and "Zorglub plotter draws" not in public
    await desk.says("/kb approve INT-2026-11-GEN-001 public", "desk-cora", who="cora")
    await IndexFollower(storage.unit_of_work, index).catch_up()
    public = await desk.says("zorglub plotter draws every line twice", "yan", who="yan", audience=Audience.PUBLIC)
    assert "2. Run the alignment page twice." in public


async def test_what_is_withdrawn_answers_nobody_until_it_is_recalled(
    sampled: tuple[SqlStorage, EmbeddedIndex], desk: TestDesk
) -> None:
    storage, index = sampled
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    await desk.says("/kb approve INT-2026-11-GEN-001", "desk-cora", who="cora")
    await IndexFollower(storage.unit_of_work, index).catch_up()
    said = await desk.says("/kb withdraw write-ups/INT-2026-11-GEN-001 out of date", "desk-cora", who="cora")
    assert "/kb recall INT-2026-11-GEN-001" in said and "out of date" in desk.posts("desk-tess")[-1]
    # Before the index has followed: the row decides.
    assert "alignment page" not in await desk.says("zorglub plotter draws every line twice", "eve", who="eve")
    await desk.says("/kb recall INT-2026-11-GEN-001", "desk-cora", who="cora")
    assert "alignment page" in await desk.says("zorglub plotter draws every line twice", "kim", who="kim")
    assert [one.state for one in await write_ups(desk)] == ["approved"]


async def test_a_rejected_one_goes_back_to_its_author_with_the_reason(desk: TestDesk) -> None:
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    assert "Say why" in await desk.says("/kb reject INT-2026-11-GEN-001", "desk-cora", who="cora")
    await desk.says("/kb reject INT-2026-11-GEN-001 no steps for *beginners*", "desk-cora", who="cora")
    assert "no steps for *beginners*" in desk.posts("desk-tess")[-1]
    assert (await write_ups(desk))[0].state == "rejected" and await article(desk) is None
    await desk.says("/ticket write-up T1\nsteps:\n1. Switch it off\n2. Clean the rail", "desk-tess", who="tess")
    (one,) = await write_ups(desk)
    assert one.state == "draft" and one.remark == "" and one.reference == "INT-2026-11-GEN-001"


async def test_a_ticket_that_came_back_may_be_written_up_anew(desk: TestDesk) -> None:
    await resolved(desk)
    await desk.says(WRITE_UP, "desk-tess", who="tess")
    await desk.says("/kb approve INT-2026-11-GEN-001", "desk-cora", who="cora")
    desk.clock.forward(minutes=5)
    await desk.says("/ticket reopen T1", "desk-tess", who="tess")
    desk.clock.forward(minutes=5)
    await desk.says("/ticket resolve T1 Another belt.", "desk-tess", who="tess")
    said = await desk.says("/ticket write-up T1\ncause: worn belt", "desk-tess", who="tess")
    assert "INT-2026-11-GEN-002" in said


async def test_any_article_is_withdrawn_and_recalled(desk: TestDesk) -> None:
    await desk.appoint("cora", Role.CURATOR)
    id = "08-Materiel/printer-phantom-jam.en"
    known = await article(desk, id)
    if known is None:
        catalogue = await desk.storage.unit_of_work().knowledge.catalogue()
        id = next(one for one in catalogue if one.endswith("printer-phantom-jam.en"))
    said = await desk.says("/kb withdraw printer-phantom-jam.en", "desk-cora", who="cora")
    assert f"/kb recall {id}" in said
    assert "withdrawn already" in await desk.says(f"/kb withdraw {id}", "desk-cora", who="cora")
    withdrawn = await article(desk, id)
    assert withdrawn and withdrawn.withdrawn
    await desk.says(f"/kb recall {id}", "desk-cora", who="cora")
    back = await article(desk, id)
    assert back == replace(withdrawn, withdrawn=False, version=back.version if back else 0)
    assert "not withdrawn" in await desk.says(f"/kb recall {id}", "desk-cora", who="cora")


async def test_the_folder_is_synchronised_by_curators_where_there_is_one(desk: TestDesk) -> None:
    await desk.appoint("cora", Role.CURATOR)
    assert "GUICHET_KNOWLEDGE" in await desk.says("/kb sync", "desk-cora", who="cora")

    class Folder:
        async def has_changed(self) -> bool:
            return True

        async def sync(self) -> int:
            return 3

    desk.dispatcher._services = replace(desk.services, folder=Folder())
    assert "Articles changed: 3" in await desk.says("/kb sync", "desk-cora", who="cora")
    assert "for technicians" in await desk.says("/kb sync")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> & <b>bold</b>",
        "**x** [click](https://evil.example) `code` ~~gone~~ | a | b |",
        "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{POP DIRECTIONAL FORMATTING} \N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}",
        "# heading\n## root cause: none\n---\n1. not a step\n> quote\n```\ncode",
        "\x00\x07\x1b[31mred\x1b[0m",
        "nul\ud800surrogate".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
)
async def test_hostile_text_stays_text_all_the_way_to_the_answer(
    sampled: tuple[SqlStorage, EmbeddedIndex], desk: TestDesk, hostile: str
) -> None:
    storage, index = sampled
    await resolved(desk)
    indented = hostile.replace("\n", "\n  ")
    text = f"/ticket write-up T1\ntitle: Zorglub plotter draws twice\nsymptoms: {indented}\ncause: {indented}\nsteps:\n1. {indented}\n2. Run the page"  # noqa: E501
    await desk.says(text, "desk-tess", who="tess")
    await desk.says("/kb approve INT-2026-11-GEN-001", "desk-cora", who="cora")
    await IndexFollower(storage.unit_of_work, index).catch_up()
    answer = await desk.says("zorglub plotter draws every line twice", "eve", who="eve")
    assert "2. Run the page" in answer, "the steps are those that were written, whatever is in them"
    assert "\x00" not in answer and "\x1b" not in answer
    document = desk.wire.posted[-1].document
    assert not any("<script" in getattr(block, "text", "").replace("\\<", "") for block in document.blocks)
    assert not any("](https" in getattr(block, "text", "").replace("\\]", "") for block in document.blocks)
