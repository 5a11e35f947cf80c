"""A ticket that was resolved and never confirmed is closed as silent, and whoever asked is told once."""

import asyncio
from datetime import timedelta

from bot.model.values import ClosedReason, Role, TicketStatus
from jobs.close_resolved import anything_to_close, close_resolved
from tests.engine.desk import TestDesk

AFTER = timedelta(days=3)


async def resolved(desk: TestDesk) -> None:
    await desk.appoint("grace", Role.LEAD)
    await desk.says("I want to talk to a human about my invoice")
    await desk.says("/ticket claim T1", "desk-grace", who="grace")
    await desk.says("/ticket resolve T1 The invoice was corrected.", "desk-grace", who="grace")
    [ticket] = await desk.tickets()
    assert ticket.status is TicketStatus.RESOLVED


async def test_it_is_closed_when_nobody_has_said_a_word_for_long_enough(desk: TestDesk) -> None:
    await resolved(desk)
    desk.clock.forward(days=2, hours=23)
    assert not await anything_to_close(desk.services, AFTER)
    assert await close_resolved(desk.services, AFTER) == 0
    desk.clock.forward(hours=1)
    assert await anything_to_close(desk.services, AFTER)
    assert await close_resolved(desk.services, AFTER) == 1
    [ticket] = await desk.tickets()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, ClosedReason.SILENT)
    await desk.settle()
    assert "T1" in desk.posts()[-1] and "not heard from you" in desk.posts()[-1]
    assert await close_resolved(desk.services, AFTER) == 0


async def test_the_way_back_works(desk: TestDesk) -> None:
    await resolved(desk)
    desk.clock.forward(days=4)
    await close_resolved(desk.services, AFTER)
    await desk.settle()
    await desk.says("T1 is still wrong, the amount has not changed")
    tickets = await desk.tickets()
    assert [ticket.status for ticket in tickets] == [TicketStatus.CLOSED, TicketStatus.OPEN]
    assert tickets[1].previous_id == tickets[0].id


async def test_one_that_was_confirmed_or_reopened_is_left_alone(desk: TestDesk) -> None:
    await resolved(desk)
    await desk.says("no, it still does not work")
    desk.clock.forward(days=9)
    assert await close_resolved(desk.services, AFTER) == 0
    [ticket] = await desk.tickets()
    assert ticket.status is TicketStatus.OPEN


async def test_two_at_once_close_it_once(desk: TestDesk) -> None:
    await resolved(desk)
    desk.clock.forward(days=3)
    closed = await asyncio.gather(*(close_resolved(desk.services, AFTER) for _ in range(4)))
    assert sum(closed) == 1
    await desk.settle()
    assert len([text for text in desk.posts() if "not heard from you" in text]) == 1
