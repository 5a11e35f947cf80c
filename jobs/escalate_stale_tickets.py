"""Warn of promises that are about to be broken, and escalate those that are."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.tickets import SlaNotice, Ticket
from bot.model.values import Urgency
from bot.sla.notices import Due
from bot.tickets import lifecycle
from bot.tickets.overdue import tell_notices
from jobs.each import each

BATCH = 500


async def anything_stale(services: Services) -> bool:
    async with services.storage.unit_of_work() as uow:
        return bool(await uow.tickets.sla_due(services.clock(), limit=1))


async def escalate_stale_tickets(services: Services) -> int:
    """Send the SLA notices that are due, each exactly once, however many processes do this at once and whenever they
    are killed; return how many tickets were spoken of.

    Of a promise whose notices all came due while nobody was here only the last is said; all are recorded.
    """
    spoken_of = 0
    while True:
        async with services.storage.unit_of_work() as uow:
            due = await uow.tickets.sla_due(services.clock(), BATCH)
        spoken_of += (done := await each(due, partial(_look_again, services)))
        if len(due) < BATCH or not done:
            return spoken_of


async def _look_again(services: Services, seen: Ticket) -> bool:
    return await rerun_when_stale(partial(_notify, services, seen), seen.reference)


async def _notify(services: Services, seen: Ticket) -> bool:
    async with working(services, f"sla:{seen.id}") as work:
        ticket = await work.current(seen.id)
        due = services.sla.notices_due(ticket, work.now) if ticket else ()
        if ticket is None or not due:
            return False
        new = await _recorded(work, ticket, due)
        noticed = services.sla.noticed(ticket, due)
        raised = None
        if any(one.roles for one in new):
            ticket, raised = await _escalated(work, noticed)
            # A priority that rises because a promise was broken breaks no other promise at that.
            noticed = replace(ticket, sla=noticed.sla, sla_policy=noticed.sla_policy, sla_next_at=noticed.sla_next_at)
        ticket = work.keep_ticket(noticed)
        if latest := list({one.kind: one for one in new}.values()):
            work.key += f":{ticket.reopened}:" + ",".join(f"{one.kind}{one.stage}" for one in latest)
            await tell_notices(work, ticket, latest, raised)
        return bool(latest)


async def _recorded(work: Work, ticket: Ticket, due: Sequence[Due]) -> list[Due]:
    """Those of the notices that had not gone out before; each is written down."""
    known = {(one.kind, one.stage) for one in await work.uow.tickets.notices(ticket.id) if one.cycle == ticket.reopened}
    new = [one for one in due if (one.kind, one.stage) not in known]
    for one in new:
        work.uow.tickets.add_notice(
            SlaNotice(ticket.id, one.kind, one.stage, ticket.reopened, due_at=one.due_at, sent_at=work.now)
        )
    return new


async def _escalated(work: Work, ticket: Ticket) -> tuple[Ticket, Urgency | None]:
    """Note that somebody who decides is to look at it. The first time, its priority goes up by one."""
    events = await work.uow.tickets.events(ticket.id)
    before = any(event.kind == "escalated" and event.detail.get("because") == "sla" for event in events)
    levels = tuple(Urgency)
    raised = None if before or ticket.priority is levels[-1] else levels[ticket.priority.rank + 1]
    return work.save(lifecycle.escalated(ticket, None, work.now, "sla", raised)), raised
