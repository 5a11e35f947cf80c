"""A ticket that was put off comes back at its time, once, and whoever has it hears of it."""

from datetime import timedelta

from bot.model.tickets import Ticket
from bot.model.values import Role
from bot.tickets.lifecycle import rebuilt
from jobs.wake_snoozed import anybody_to_wake, wake_snoozed
from tests.engine.desk import TestDesk

HUMAN = "I want to talk to a human about my invoice"


async def snoozed(desk: TestDesk, *, claimed: bool) -> Ticket:
    """A ticket that sleeps for two hours."""
    await desk.appoint("grace", Role.LEAD)
    await desk.says(HUMAN)
    if claimed:
        await desk.says("/ticket claim T1", "desk-grace", who="grace")
    await desk.says("/ticket snooze T1 2h", "desk-grace", who="grace")
    [ticket] = await desk.tickets()
    assert ticket.snoozed_until == desk.clock() + timedelta(hours=2)
    return ticket


async def test_it_sleeps_until_its_time(desk: TestDesk) -> None:
    await snoozed(desk, claimed=True)
    desk.clock.forward(hours=1, minutes=59)
    assert not await anybody_to_wake(desk.services)
    assert await wake_snoozed(desk.services) == 0
    desk.clock.forward(minutes=1)
    assert await anybody_to_wake(desk.services)


async def test_its_technician_is_told_once(desk: TestDesk) -> None:
    await snoozed(desk, claimed=True)
    desk.clock.forward(hours=2)
    before = len(desk.posts("desk"))
    assert await wake_snoozed(desk.services) == 1
    assert await wake_snoozed(desk.services) == 0
    await desk.settle()
    said = [text for text in desk.posts("desk-grace") if "awake again" in text]
    assert len(said) == 1 and "T1" in said[0]
    assert len(desk.posts("desk")) == before, "the others need not know"
    [ticket] = await desk.tickets()
    assert ticket.snoozed_until is None
    async with desk.storage.unit_of_work() as uow:
        events = await uow.tickets.events(ticket.id)
    assert events[-1].kind == "woken" and events[-1].actor_id is None
    assert rebuilt(events)["snoozed_until"] is None


async def test_where_nobody_has_it_the_desk_is_told(desk: TestDesk) -> None:
    await snoozed(desk, claimed=False)
    desk.clock.forward(hours=3)
    assert await wake_snoozed(desk.services) == 1
    await desk.settle()
    assert [text for text in desk.posts("desk") if "awake again" in text]


async def test_one_that_woke_by_itself_is_left_alone(desk: TestDesk) -> None:
    await snoozed(desk, claimed=True)
    await desk.says("/ticket snooze T1 off", "desk-grace", who="grace")
    desk.clock.forward(hours=3)
    assert await wake_snoozed(desk.services) == 0


async def test_two_at_once_wake_it_once(desk: TestDesk) -> None:
    import asyncio

    await snoozed(desk, claimed=True)
    desk.clock.forward(hours=2)
    woken = await asyncio.gather(*(wake_snoozed(desk.services) for _ in range(4)))
    assert sum(woken) == 1
    await desk.settle()
    assert len([text for text in desk.posts("desk-grace") if "awake again" in text]) == 1
