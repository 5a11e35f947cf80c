"""The life of a ticket: which status follows which, and the event that records it.

Each function takes a ticket and gives the changed ticket with its event, or raises IllegalTransition. Nothing here
reads or writes: the caller saves both in one transaction.

    open -> in_progress (claimed) -> waiting (on the person) -> resolved -> closed
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from bot.errors import IllegalTransition
from bot.model.tickets import Ticket, TicketEvent
from bot.model.values import ClosedReason, TicketStatus

OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED = TicketStatus

# event -> status before -> status after
TRANSITIONS: dict[str, dict[TicketStatus, TicketStatus]] = {
    "claimed": {OPEN: IN_PROGRESS},
    "released": {OPEN: OPEN, IN_PROGRESS: OPEN, WAITING: OPEN},
    "waiting": {OPEN: WAITING, IN_PROGRESS: WAITING},
    "answered": {WAITING: IN_PROGRESS},  # the person came back
    "resolved": {OPEN: RESOLVED, IN_PROGRESS: RESOLVED, WAITING: RESOLVED},
    "reopened": {RESOLVED: OPEN, CLOSED: OPEN},
    "closed": dict.fromkeys((OPEN, IN_PROGRESS, WAITING, RESOLVED), CLOSED),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket after a step of its life, and the line in its trail."""

    ticket: Ticket
    event: TicketEvent


def opened(ticket: Ticket, actor_id: UUID | None) -> Change:
    """The first event of a new ticket."""
    detail = {"because": ticket.opened_because, "priority": ticket.priority, "category": ticket.category}
    return Change(ticket, TicketEvent(ticket.id, "opened", ticket.created_at, actor_id, ticket.status, detail))


def claimed(ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime) -> Change:
    """Taken in hand. Raises IllegalTransition if it is anybody's already."""
    if ticket.status is OPEN and ticket.assignee_id not in (None, technician_id):
        raise IllegalTransition(f"{ticket.reference} has an assignee")
    return _step(ticket, "claimed", at, actor_id, assignee_id=technician_id, claimed_at=ticket.claimed_at or at)


def released(ticket: Ticket, actor_id: UUID, at: datetime) -> Change:
    return _step(ticket, "released", at, actor_id, assignee_id=None)


def replied(ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime) -> Change:
    """A human wrote to the person. Replying to a ticket that is nobody's claims it."""
    if ticket.status is OPEN:
        ticket = claimed(ticket, technician_id, actor_id, at).ticket
    ticket = replace(ticket, first_reply_at=ticket.first_reply_at or at)
    return Change(ticket, TicketEvent(ticket.id, "replied", at, actor_id, ticket.status, _assignee(ticket)))


def heard(ticket: Ticket, actor_id: UUID | None, at: datetime, message_id: UUID) -> Change:
    """The person added something; a ticket that waited for them goes on."""
    status = TRANSITIONS["answered"].get(ticket.status, ticket.status)
    ticket = replace(ticket, status=status)
    return Change(ticket, TicketEvent(ticket.id, "detail_added", at, actor_id, status, {"message": str(message_id)}))


def resolved(ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime, resolution: str) -> Change:
    """Done, as far as the technician can tell; the person is asked to confirm."""
    changes = {"resolved_at": at, "resolution": resolution, "assignee_id": ticket.assignee_id or technician_id}
    return _step(ticket, "resolved", at, actor_id, **changes)


def reopened(ticket: Ticket, actor_id: UUID | None, at: datetime) -> Change:
    """Not settled after all. It keeps its assignee."""
    changes = {"resolved_at": None, "closed_at": None, "closed_reason": None, "reopened": ticket.reopened + 1}
    return _step(ticket, "reopened", at, actor_id, **changes)


def closed(ticket: Ticket, actor_id: UUID | None, at: datetime, reason: ClosedReason) -> Change:
    change = _step(ticket, "closed", at, actor_id, closed_at=at, closed_reason=reason)
    return Change(change.ticket, replace(change.event, detail=change.event.detail | {"reason": reason}))


def _step(ticket: Ticket, kind: str, at: datetime, actor_id: UUID | None, **changes: object) -> Change:
    try:
        status = TRANSITIONS[kind][ticket.status]
    except KeyError:
        raise IllegalTransition(f"{ticket.reference} is {ticket.status} and cannot be {kind}") from None
    after: Ticket = replace(ticket, status=status, **changes)  # type: ignore[arg-type]  # checked by the dataclass
    return Change(after, TicketEvent(ticket.id, kind, at, actor_id, status, _assignee(after)))


def _assignee(ticket: Ticket) -> dict[str, str]:
    return {"assignee": str(ticket.assignee_id)} if ticket.assignee_id else {}
