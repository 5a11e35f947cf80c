"""Bring tickets back whose time has come."""

from dataclasses import replace

from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.tickets import Ticket
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk
from jobs.each import each

PORTION = 100


async def anybody_to_wake(services: Services) -> bool:
    async with services.storage.unit_of_work() as uow:
        return bool(await uow.tickets.snooze_ended(services.clock(), limit=1))


async def wake_snoozed(services: Services) -> int:
    """Wake them, and tell whoever has them in hand, or else the desk's rooms; return how many."""
    woken = 0
    while True:
        async with services.storage.unit_of_work() as uow:
            due = await uow.tickets.snooze_ended(services.clock(), PORTION)
        woken += (done := await each(due, lambda ticket: _wake(services, ticket)))
        if len(due) < PORTION or not done:
            return woken


async def _wake(services: Services, seen: Ticket) -> bool:
    async with working(services, f"wake:{seen.id}:{seen.snoozed_until}") as work:
        ticket = await work.current(seen.id)
        if ticket is None or ticket.snoozed_until is None or ticket.snoozed_until > work.now:
            return False
        if not ticket.is_active:
            work.keep_ticket(replace(ticket, snoozed_until=None))
            return False
        ticket = work.save(lifecycle.woken(ticket, None, work.now))
        if not await _tell_assignee(work, ticket):
            await tell_desk(work, ticket, "desk.woken", title=ticket.title)
    return True


async def _tell_assignee(work: Work, ticket: Ticket) -> bool:
    technician = await work.uow.people.technician(ticket.assignee_id) if ticket.assignee_id else None
    if technician is None or technician.disabled:
        return False
    return await work.tell(
        technician.person_id,
        lambda language: work.line("desk.woken", language, reference=ticket.reference, title=ticket.title),
    )
