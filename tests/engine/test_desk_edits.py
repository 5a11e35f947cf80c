"""What technicians change of what they wrote: the person reads words that were meant for them, and nothing else."""

from collections.abc import AsyncIterator

import pytest

from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk

INTERNAL = "quagga"


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> AsyncIterator[TestDesk]:
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True))
    for who in ("tess", "tom"):
        await made.appoint(who)
    await made.says("/ticket new my chair is broken")
    yield made


async def writes(desk: TestDesk, text: str, revision: str = "", thread: str | None = None) -> list[str]:
    """In the desk, or in a thread of its room, as message x or a later version of it; what the person reads then."""
    before = len(desk.wire.posted)
    desk.clock.forward(seconds=5)
    where = {"room": "desk", "thread": thread, "private": False} if thread else {"room": "desk-tess"}
    await desk.says(text, native_id="x", revision=revision, who="tess", **where)
    return [one.document.text for one in desk.wire.posted[before:] if one.conversation.room == "dm"]


async def notes(desk: TestDesk) -> list[str]:
    async with desk.storage.unit_of_work() as uow:
        one = await uow.tickets.by_number(1)
        return [note.text for note in await uow.tickets.notes(one.id)] if one else []


@pytest.mark.parametrize("command", ["/ticket reply T1", "!reply T1:", "/ticket répondre #1", "!reply 1", "!wait T1"])
async def test_of_a_command_the_words_follow_without_the_command(desk: TestDesk, command: str) -> None:
    assert "Come at 9" in (await writes(desk, f"{command} Come at 9"))[-1]
    (shown,) = await writes(desk, f"{command} Come at 10", "2")
    assert "Come at 10" in shown
    assert not [word for word in ("ticket", "!", "9", "✏️") if word in shown]


@pytest.mark.parametrize(
    "edited", [f"/ticket note T1 {INTERNAL}", f"!noter T1 {INTERNAL}", f"!nte T1 {INTERNAL}", f"note: {INTERNAL}"]
)
async def test_a_reply_by_command_that_becomes_another_is_taken_back(desk: TestDesk, edited: str) -> None:
    await writes(desk, "/ticket reply T1 Come at 9")
    (shown,) = await writes(desk, edited, "2")
    assert INTERNAL not in shown and "Come" not in shown


@pytest.mark.parametrize("edited", [f"/ticket note T1 {INTERNAL}", f"!escalate {INTERNAL}", f"!ticket note {INTERNAL}"])
async def test_a_reply_that_becomes_a_command_is_taken_back(desk: TestDesk, edited: str) -> None:
    thread = f"p{next(n for n, one in enumerate(desk.wire.posted, 1) if one.conversation.room == 'desk')}"
    await writes(desk, "Come at 9", thread=thread)
    (shown,) = await writes(desk, edited, "2", thread)
    assert INTERNAL not in shown and "Come" not in shown


@pytest.mark.parametrize("edited", [f"// {INTERNAL}", f"note: {INTERNAL}", f"/ticket note T1 {INTERNAL}"])
async def test_held_words_that_become_internal_cannot_be_sent(desk: TestDesk, edited: str) -> None:
    await desk.says("/ticket claim T1", "desk-tom", who="tom")
    desk.clock.forward(minutes=1)
    await writes(desk, "/ticket reply T1 Come at 9")
    await writes(desk, edited, "2")
    assert await notes(desk) == [INTERNAL]
    before = len(desk.posts())
    assert "note" in await desk.clicks("send_held", room="desk-tess", who="tess")
    assert len(desk.posts()) == before


async def test_a_note_by_command_stays_one(desk: TestDesk) -> None:
    await writes(desk, f"/ticket note T1 {INTERNAL}")
    assert not await writes(desk, f"/ticket reply T1 {INTERNAL} indeed", "2")
    assert await notes(desk) == [f"{INTERNAL} indeed"]
