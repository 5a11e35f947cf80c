"""Close what was resolved and never confirmed."""

from datetime import datetime, timedelta

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.tickets import Ticket
from bot.model.values import ClosedReason, TicketStatus
from bot.ports.storage import TicketFilter
from bot.tickets import lifecycle
from bot.tickets.places import let_bot_speak, tell_askers
from jobs.each import each

PORTION = 100


async def anything_to_close(services: Services, after: timedelta) -> bool:
    return bool(await _silent(services, services.clock() - after, 1))


async def close_resolved(services: Services, after: timedelta) -> int:
    """Close tickets that were resolved at least `after` ago, as silent; return how many.

    Whoever asked is told in a sentence, with the way back.
    """
    before, closed = services.clock() - after, 0
    while True:
        silent = await _silent(services, before, PORTION)
        closed += (done := await each(silent, lambda ticket: _close(services, ticket, before)))
        if len(silent) < PORTION or not done:
            return closed


async def _silent(services: Services, before: datetime, limit: int) -> list[Ticket]:
    wanted = TicketFilter(statuses=(TicketStatus.RESOLVED,), resolved_before=before)
    async with services.storage.unit_of_work() as uow:
        return await uow.tickets.find(wanted, order="oldest", limit=limit)


async def _close(services: Services, seen: Ticket, before: datetime) -> bool:
    async with working(services, f"close:{seen.id}:{seen.resolved_at}") as work:
        ticket = await work.current(seen.id)
        if ticket is None or ticket.status is not TicketStatus.RESOLVED:
            return False
        if ticket.resolved_at is None or ticket.resolved_at > before:
            return False
        ticket = work.save(lifecycle.closed(ticket, None, work.now, ClosedReason.SILENT))
        await let_bot_speak(work, ticket)
        await tell_askers(work, ticket, "ticket.closed_silently")
    return True
