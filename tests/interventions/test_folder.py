"""A folder of write-ups: written, edited, brought back; what is wrong in one file leaves the others alone."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.categories import Categories
from bot.errors import LoadError
from bot.interventions import review
from bot.interventions.folder import ImportReport, export_write_ups, import_write_ups
from bot.interventions.numbers import next_reference
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Intervention, Ticket
from bot.model.values import Audience, Language, Urgency
from bot.texts import Texts
from storage.store import SqlStorage

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TEXTS, CATEGORIES = Texts.load(), Categories.load(None)


@pytest.fixture
async def desk(sqlite_storage: SqlStorage) -> SqlStorage:
    """T1 and T2; one write-up of each: an approved one and a draft."""
    ada, place = Person("Ada"), Conversation(ConversationRef("test", "T", "dm"))
    async with sqlite_storage.unit_of_work() as uow:
        uow.people.add(ada)
        uow.conversations.add(place)
        for number, state in ((1, "approved"), (2, "draft")):
            ticket = Ticket(number, "t", "", "network", Urgency.LOW, ada.id, place.id, "asked", AT, Language.EN)
            one = Intervention(
                f"INT-2026-11-NET-00{number}", ticket.id, "network", "a proxy", ("leave it out",), ada.id, AT,
                ("vpn",), title="VPN stops", symptoms="it stops", masked=("name",),
            )  # fmt: skip
            uow.tickets.add(ticket)
            uow.tickets.add(one)
            if state == "approved":
                await review.approve(uow, one, TEXTS, ada.id, AT)
        await uow.commit()
    return sqlite_storage


async def bring(storage: SqlStorage, folder: Path, *, dry_run: bool = False) -> ImportReport:
    return await import_write_ups(storage.unit_of_work, folder, CATEGORIES, TEXTS, lambda: AT, dry_run=dry_run)


async def test_what_was_exported_changes_nothing_when_it_comes_back(desk: SqlStorage, tmp_path: Path) -> None:
    before = await desk.unit_of_work().tickets.written_up()
    assert await export_write_ups(desk.unit_of_work, tmp_path / "out") == 2
    assert [file.name for file in sorted((tmp_path / "out").iterdir())] == [f"{one.reference}.md" for one in before]
    report = await bring(desk, tmp_path / "out")
    assert report == ImportReport((), (), ("INT-2026-11-NET-001", "INT-2026-11-NET-002"), ())
    assert await desk.unit_of_work().tickets.written_up() == before


async def test_an_edited_file_changes_the_write_up_and_its_article(desk: SqlStorage, tmp_path: Path) -> None:
    await export_write_ups(desk.unit_of_work, tmp_path)
    file = tmp_path / "INT-2026-11-NET-001.md"
    edited = file.read_text().replace("a proxy", "an old proxy").replace("state: ", "audience: public\nstate: ")
    file.write_text(edited)
    assert (await bring(desk, tmp_path, dry_run=True)).changed == ("INT-2026-11-NET-001",)
    uow = desk.unit_of_work()
    known = await uow.knowledge.article("write-ups/INT-2026-11-NET-001")
    assert known and "old proxy" not in known.body, "a dry run changes nothing"
    assert (await bring(desk, tmp_path)).changed == ("INT-2026-11-NET-001",)
    article = await uow.knowledge.article("write-ups/INT-2026-11-NET-001")
    assert article and "an old proxy" in article.body and article.audience is Audience.PUBLIC
    one = await uow.tickets.intervention("INT-2026-11-NET-001")
    assert one and one.root_cause == "an old proxy"
    file.write_text(edited.replace("state: approved", "state: withdrawn"))
    await bring(desk, tmp_path)
    gone = await uow.knowledge.article("write-ups/INT-2026-11-NET-001")
    assert gone and gone.withdrawn


async def test_a_write_up_that_is_not_there_is_added_and_counted(desk: SqlStorage, tmp_path: Path) -> None:
    await export_write_ups(desk.unit_of_work, tmp_path)
    text = (tmp_path / "INT-2026-11-NET-002.md").read_text().replace("NET-002", "NET-017")
    (tmp_path / "new.md").write_text(text.replace("state: draft", "state: approved"))
    assert (await bring(desk, tmp_path)).added == ("INT-2026-11-NET-017",)
    uow = desk.unit_of_work()
    assert await uow.knowledge.article("write-ups/INT-2026-11-NET-017")
    assert await next_reference(uow, AT, ZoneInfo("UTC"), "NET") == "INT-2026-11-NET-018"


async def test_each_wrong_file_is_named_and_the_others_are_used(desk: SqlStorage, tmp_path: Path) -> None:
    await export_write_ups(desk.unit_of_work, tmp_path)
    good = (tmp_path / "INT-2026-11-NET-002.md").read_text()
    (tmp_path / "a-twin.md").write_text(good)
    (tmp_path / "b-binary.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "c-ticket.md").write_text(good.replace("NET-002", "NET-003").replace("ticket: T2", "ticket: T99"))
    (tmp_path / "d-other.md").write_text(good.replace("NET-002", "NET-001"))
    (tmp_path / "e-category.md").write_text(good.replace("NET-002", "NET-004").replace(": network", ": cars"))
    (tmp_path / "f-huge.md").write_text("x" * 2_000_000)
    (tmp_path / "g-empty.md").write_text("")
    (tmp_path / "ignored.txt").write_text("not Markdown")
    (tmp_path / "INT-2026-11-NET-001.md").unlink()
    report = await bring(desk, tmp_path)
    said = {error.document: error.reason for error in report.errors}
    assert sorted(said) == [
        "a-twin.md", "b-binary.md", "c-ticket.md", "d-other.md", "e-category.md", "f-huge.md", "g-empty.md"
    ]  # fmt: skip
    assert "INT-2026-11-NET-002.md" in said["a-twin.md"] and "UTF-8" in said["b-binary.md"]
    assert (
        "no T99" in said["c-ticket.md"] and "another ticket" in said["d-other.md"] and "cars" in said["e-category.md"]
    )
    assert "too long" in said["f-huge.md"] and "front matter" in said["g-empty.md"]
    assert report.changed == () and len(report.unchanged) == 1


async def test_a_write_up_takes_no_other_articles_place(desk: SqlStorage, tmp_path: Path) -> None:
    """Else one edited line would put its words where those of the organisation's own article stand."""
    async with desk.unit_of_work() as uow:
        written = await uow.knowledge.article("write-ups/INT-2026-11-NET-001")
        assert written
        uow.knowledge.put(replace(written, id="base/vpn.md", origin="base", title="The VPN", version=0))
        await uow.commit()
    await export_write_ups(desk.unit_of_work, tmp_path / "out")
    file = tmp_path / "out" / "INT-2026-11-NET-001.md"
    file.write_text(file.read_text().replace("write-ups/INT-2026-11-NET-001", "base/vpn.md"))
    report = await bring(desk, tmp_path / "out")
    assert [str(one).partition(": ")[2] for one in report.errors] == [
        "article: should be write-ups/INT-2026-11-NET-001, the write-up's own, or not be there"
    ]
    kept = await desk.unit_of_work().knowledge.article("base/vpn.md")
    assert kept and kept.title == "The VPN"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
async def test_a_moment_beyond_the_calendar_is_an_error_of_its_file_alone(
    desk: SqlStorage, tmp_path: Path, moment: str
) -> None:
    await export_write_ups(desk.unit_of_work, tmp_path / "out")
    file = tmp_path / "out" / "INT-2026-11-NET-001.md"
    file.write_text(re.sub("written: .*", f"written: {moment}", file.read_text()))
    report = await bring(desk, tmp_path / "out")
    assert report.unchanged == ("INT-2026-11-NET-002",)
    assert "written" in str(report.errors[0]) and "calendar" in str(report.errors[0])


async def test_a_folder_that_is_none_is_said(desk: SqlStorage, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="cannot be read"):
        await bring(desk, tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadError, match="cannot be written"):
        await export_write_ups(desk.unit_of_work, tmp_path / "file" / "below")


async def test_a_whole_base_moves_to_a_desk_with_the_same_tickets(desk: SqlStorage, tmp_path: Path) -> None:
    await export_write_ups(desk.unit_of_work, tmp_path)
    before = await desk.unit_of_work().tickets.written_up()
    async with desk.unit_of_work() as uow:
        for one in before:
            uow.tickets.save(replace(one, title="changed", root_cause="changed", state="rejected", remark="why"))
        await uow.commit()
    await bring(desk, tmp_path)
    after = await desk.unit_of_work().tickets.written_up()
    assert [replace(one, version=0) for one in after] == [replace(one, version=0) for one in before]
