"""What ended and is taken back is as it was: the ticket, and whether a human or the bot speaks there."""

from dataclasses import replace

import pytest

from bot.model.documents import Files
from bot.model.messages import IncomingFile
from bot.model.values import TicketStatus
from tests.engine.desk import TestDesk

KEY = "0" * 31 + "1"
SCREEN = IncomingFile(KEY, "error.png", "image/png", 120_000, stored_as=KEY)


@pytest.fixture
async def answered(desk: TestDesk) -> TestDesk:
    """Ada's ticket T1, on which tess has written to her."""
    await desk.appoint("tess")
    await desk.says("/ticket new my chair is broken")
    await do(desk, "/ticket reply T1 Which chair is it?")
    return desk


async def do(desk: TestDesk, command: str) -> str:
    desk.clock.forward(seconds=1)
    return await desk.says(command, "desk-tess", who="tess")


async def status(desk: TestDesk) -> TicketStatus:
    return (await desk.tickets())[0].status


@pytest.mark.parametrize("ending", ["resolve T1 glued", "close T1", "not-a-request T1"])
async def test_the_human_goes_on_where_an_end_is_taken_back(answered: TestDesk, ending: str) -> None:
    await do(answered, f"/ticket {ending}")
    await do(answered, "/ticket undo T1")
    assert "Sent to Tess" in await answered.says("My VPN does not connect")


async def test_the_human_goes_on_where_the_asker_takes_it_back(answered: TestDesk) -> None:
    await answered.says("T1 never mind, fixed")
    await answered.clicks("reopen")
    assert await status(answered) is TicketStatus.IN_PROGRESS
    assert "Sent to Tess" in await answered.says("My VPN does not connect")


async def test_a_close_of_what_was_resolved_that_is_taken_back_waits_for_a_yes_again(answered: TestDesk) -> None:
    await do(answered, "/ticket resolve T1 glued")
    await do(answered, "/ticket close T1")
    await do(answered, "/ticket undo T1")
    assert await status(answered) is TicketStatus.RESOLVED
    await answered.says("yes")
    assert await status(answered) is TicketStatus.CLOSED


async def test_what_is_not_settled_after_all_is_open_however_soon(answered: TestDesk) -> None:
    await do(answered, "/ticket resolve T1 glued")
    await answered.says("T1 never mind, fixed")
    assert await status(answered) is TicketStatus.CLOSED
    assert "reopened" in await answered.clicks("reopen")
    assert await status(answered) is TicketStatus.OPEN


async def test_a_file_that_shows_that_it_is_not_settled_reaches_the_desk(answered: TestDesk) -> None:
    await do(answered, "/ticket resolve T1 glued")
    before = len(answered.wire.posted)
    await answered.receive(replace(answered.message("T1 it is broken still, look"), files=(SCREEN,)))
    await answered.settle()
    desk = [one for one in answered.wire.posted[before:] if one.conversation.room == "desk"]
    assert [item.name for one in desk for block in one.document.blocks if isinstance(block, Files)
            for item in block.items] == ["error.png"]  # fmt: skip


async def test_answers_come_to_where_it_was_reopened(answered: TestDesk) -> None:
    await do(answered, "/ticket resolve T1 glued")
    answered.clock.forward(minutes=1)
    await answered.says("T1 it is broken still", "dm2")
    assert await status(answered) is TicketStatus.OPEN
    await do(answered, "/ticket reply T1 I am coming")
    assert "I am coming" in answered.posts("dm2")[-1]
