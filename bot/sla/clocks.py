"""The clock of one promise: started, stopped, set again, kept. Pure arithmetic on SlaTarget.

A clock runs while technicians have the ticket, and stands while it waits on the person or is over.
"""

from dataclasses import replace
from datetime import datetime

from bot.model.tickets import SlaKind, SlaTarget, Ticket
from bot.model.values import TicketStatus
from bot.sla.policy import BREACH, WARNING, Terms
from bot.tickets.lifecycle import UNDO_WINDOW


def runs(ticket: Ticket) -> bool:
    return ticket.status in (TicketStatus.OPEN, TicketStatus.IN_PROGRESS)


def kept_at(kind: SlaKind, ticket: Ticket) -> datetime | None:
    """When a human did what was promised. What they say when they resolve it is an answer, too."""
    match kind:
        case "acknowledge":
            return ticket.claimed_at
        case "first_contact":
            return ticket.first_reply_at or ticket.resolved_at
        case "resolution":
            return ticket.resolved_at


def started(kind: SlaKind, terms: Terms, at: datetime) -> SlaTarget:
    target = SlaTarget(kind, terms.seconds, at, terms.calendar.add(at, terms.seconds))
    return replace(target, next_at=next_notice(target, terms, at))


def next_notice(target: SlaTarget, terms: Terms, since: datetime) -> datetime | None:
    """When the notice after its `stage` is due: the warning, the breach or the next level; never before `since`, when
    the clock was last set or the notice before it was due. None after the last, and while the clock stands.

    Where a level would have been due before then, its time after the one before it is counted from then: who hears late
    of a promise has that time all the same.
    """
    if target.due_at is None:
        return None
    if target.stage < WARNING:
        return max(since, terms.calendar.add(target.due_at, (terms.warning - 1) * target.seconds))
    if target.stage < BREACH:
        return max(since, target.due_at)
    level = target.stage - BREACH
    if level >= len(terms.levels):
        return None
    after = terms.levels[level].after
    due = terms.calendar.add(target.due_at, after)
    before = terms.levels[level - 1].after if level else 0
    return due if due >= since else terms.calendar.add(since, after - before)


def carried(
    target: SlaTarget, terms: Terms | None, own: Terms | None, before: Ticket, after: Ticket, at: datetime
) -> SlaTarget:
    """What a step of the ticket's life makes of a target. `own` are the terms it was made by, as they now are; `terms`
    those that hold from now on, None if nothing is promised any more: then the clock stands until something is again.
    Time that was spent counts on."""
    mark = kept_at(target.kind, after)
    if target.met_at is not None:
        was_kept_by_this = target.met_at == kept_at(target.kind, before)
        if mark is not None or not was_kept_by_this or after.reopened > before.reopened:
            return target
        left, since = _left(target, own, target.met_at), target.met_at  # taken back
    elif target.due_at is not None:
        left, since = _left(target, own, at), at
    else:
        left, since = target.left or 0.0, _stood_until(before, at)
    if terms is not None:
        left += terms.seconds - target.seconds
        target = replace(target, seconds=terms.seconds)
    if terms is not None and mark is not None:
        due_at = target.due_at if terms == own else None
        return replace(target, due_at=due_at or terms.calendar.add(mark, left), left=None, next_at=None, met_at=mark)
    if terms is None or not runs(after):
        return replace(target, due_at=None, next_at=None, left=left, met_at=None)
    if target.due_at is not None and target.met_at is None and terms == own:
        return target
    due_at = target.due_at if terms == own else None
    target = replace(target, due_at=due_at or terms.calendar.add(since, left), left=None, met_at=None)
    return replace(target, next_at=next_notice(target, terms, at))


def _left(target: SlaTarget, own: Terms | None, at: datetime) -> float:
    """Seconds of business time from `at` until a target is due."""
    assert target.due_at is not None
    return own.calendar.between(at, target.due_at) if own else 0.0


def _stood_until(before: Ticket, at: datetime) -> datetime:
    """From when a clock that stood goes on: a close that is taken back never stopped it."""
    closed = before.closed_at
    return closed if closed is not None and at - closed <= UNDO_WINDOW else at
