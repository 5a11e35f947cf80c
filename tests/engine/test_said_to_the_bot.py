"""What technicians say to the bot in the thread under a ticket's card, and in which language it answers them."""

import pytest

from bot.model.documents import Actions
from bot.model.values import TicketStatus, Visibility
from tests.engine.at_work import ticket
from tests.engine.desk import TestDesk
from tests.engine.test_desk_threads import desk as desk
from tests.engine.test_desk_threads import opened, writes


@pytest.mark.parametrize(("said", "status"), [("claim", TicketStatus.IN_PROGRESS), ("wait", TicketStatus.WAITING)])
async def test_a_command_may_follow_the_bots_name(desk: TestDesk, said: str, status: TicketStatus) -> None:
    thread = await opened(desk)
    await writes(desk, said, thread, mentioned=True)
    assert (await ticket(desk)).status is status
    assert not any(f"Tess on T1:\n{said}" in post for post in desk.posts())


async def test_a_note_after_the_bots_name_stays_inside(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "note she is difficult", thread, mentioned=True)
    one = await ticket(desk)
    async with desk.storage.unit_of_work() as uow:
        assert [note.text for note in await uow.tickets.notes(one.id)] == ["she is difficult"]
    assert not any(d.conversation.room == "dm" and "difficult" in d.document.text for d in desk.wire.posted)


async def test_words_to_the_bot_are_not_for_the_asker(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "what a bore she is", thread, mentioned=True)
    (held,) = desk.wire.posted[-1:]
    assert "you wrote it to me" in held.document.text and held.visibility is Visibility.ONLY_ASKER
    assert not any(d.conversation.room == "dm" and "bore" in d.document.text for d in desk.wire.posted)
    assert (await ticket(desk)).status is TicketStatus.OPEN


async def test_the_name_may_stay_when_a_command_is_edited(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "reply I come at ten", thread, mentioned=True, native_id="m-by-name")
    await writes(desk, "reply I come at noon", thread, mentioned=True, native_id="m-by-name", revision="2")
    assert "I come at noon" in next(d.document.text for d in reversed(desk.wire.posted) if d.conversation.room == "dm")


async def test_a_ticket_that_is_over_can_be_reopened_where_it_is_said(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "!resolve done", thread)
    await writes(desk, "one more thing", thread)
    (actions,) = [block for block in desk.wire.posted[-1].document.blocks if isinstance(block, Actions)]
    assert [button.action for button in actions.buttons] == ["keep_held", "ticket_reopen"]


async def test_what_is_no_command_is_said_as_it_was_typed_to_who_typed_it(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "!clam", thread)
    said = desk.wire.posted[-1]
    assert "“!clam”. Did you mean /ticket claim?" in said.document.text
    assert (said.visibility, said.recipient) == (Visibility.ONLY_ASKER, "tess")
    await writes(desk, "!kb frobnicate", thread)
    assert "“/kb frobnicate”" in desk.wire.posted[-1].document.text


async def test_each_technician_is_answered_in_their_own_language(desk: TestDesk) -> None:
    """Whoever spoke last in the room."""
    thread = await opened(desk)
    await desk.clicks("ticket_claim", "T1", "desk", who="tess", locale="en-GB")
    assert "entre ses mains" in await desk.clicks("ticket_claim", "T1", "desk", who="tom", locale="fr-FR")
    await writes(desk, "!priorité haute", thread, "tom")
    assert "priorité" in desk.wire.posted[-1].document.text
    await writes(desk, "!priority low", thread)
    assert "priority" in desk.wire.posted[-1].document.text
