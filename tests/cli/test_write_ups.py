"""Write-ups leave and come back at a terminal, and answer at once."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import LoadError
from bot.interventions.numbers import next_reference
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Intervention, Ticket
from bot.model.values import Language, Urgency
from storage.store import open_storage
from tests.cli.conftest import Run

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
REFERENCE = "INT-2026-11-NET-001"


@pytest.fixture
def written(home: Path) -> None:
    """T1 with a write-up that waits for review."""

    async def write() -> None:
        storage = await open_storage(str(home / "guichet.db"))
        ada, place = Person("Ada"), Conversation(ConversationRef("test", "T", "dm"))
        ticket = Ticket(1, "t", "", "network", Urgency.LOW, ada.id, place.id, "asked", AT, Language.EN)
        async with storage.unit_of_work() as uow:
            reference = await next_reference(uow, AT, ZoneInfo("UTC"), "NET")
            uow.people.add(ada)
            uow.conversations.add(place)
            uow.tickets.add(ticket)
            uow.tickets.add(
                Intervention(
                    reference, ticket.id, "network", "the zorglub router was off", ("Switch the zorglub router on.",),
                    ada.id, AT, ("zorglub",), title="The zorglub router is off", symptoms="no light on the router",
                )
            )  # fmt: skip
            await uow.commit()
        await storage.close()

    asyncio.run(write())


def test_what_is_approved_in_a_file_answers_at_once(written: None, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert f"1 write-ups in {folder}" in run("kb", "export-write-ups", str(folder)).stdout
    same = run("kb", "import-write-ups", str(folder))
    assert "0 added, 0 changed, 1 unchanged, 0 not used" in same.stdout and same.exit_code == 0
    question = "there is no light on the zorglub router"
    assert "Switch the zorglub router on" not in run("ask", question).stdout
    file = folder / f"{REFERENCE}.md"
    file.write_text(file.read_text().replace("state: draft", "state: approved"))
    assert f"would be changed: {REFERENCE}" in run("kb", "import-write-ups", str(folder), "--dry-run").stdout
    assert "Switch the zorglub router on" not in run("ask", question).stdout
    assert f"changed: {REFERENCE}" in run("kb", "import-write-ups", str(folder)).stdout
    assert "Switch the zorglub router on" in run("ask", question).stdout
    assert "write-ups" in run("kb", "list").stdout


def test_a_wrong_file_is_named_and_the_others_are_used(written: None, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    run("kb", "export-write-ups", str(folder))
    (folder / "wrong.md").write_text("nothing to see")
    result = run("kb", "import-write-ups", str(folder))
    assert "not used: wrong.md: should begin with front matter" in result.stderr
    assert "1 unchanged, 1 not used" in result.stdout and result.exit_code == 1


def test_a_place_that_cannot_be_written_is_said(written: None, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadError, match="cannot be written"):
        run("kb", "export-write-ups", str(tmp_path / "file" / "below"))
