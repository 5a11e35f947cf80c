"""The life of a ticket: which status follows which, and the event that records it.

Each function takes a ticket and gives the changed ticket with its event, or raises IllegalTransition. Nothing here
reads or writes: the caller saves both in one transaction.

    open -> in_progress (claimed) -> waiting (on the person) -> resolved -> closed

Every event carries what it changed of the fields in TRACKED, as it was and as it is: the trail alone rebuilds them,
and a step can be taken back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from bot.errors import IllegalTransition
from bot.model.tickets import Ticket, TicketEvent
from bot.model.values import ACTIVE, ClosedReason, TicketStatus, Urgency

OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED = TicketStatus
UNDO_WINDOW = timedelta(seconds=30)
UNDOABLE = frozenset({"claimed", "resolved", "closed", "merged", "not_a_request"})

# event -> status before -> status after
TRANSITIONS: dict[str, dict[TicketStatus, TicketStatus]] = {
    "claimed": {OPEN: IN_PROGRESS},
    "released": {OPEN: OPEN, IN_PROGRESS: OPEN, WAITING: OPEN},
    "assigned": {OPEN: OPEN, IN_PROGRESS: OPEN, WAITING: OPEN},  # to somebody who has not claimed it yet
    "waiting": {OPEN: WAITING, IN_PROGRESS: WAITING, WAITING: WAITING},
    "answered": {WAITING: IN_PROGRESS},  # the person came back
    "resolved": {OPEN: RESOLVED, IN_PROGRESS: RESOLVED, WAITING: RESOLVED},
    "reopened": {RESOLVED: OPEN},
    "closed": dict.fromkeys((*ACTIVE, RESOLVED), CLOSED),
    "not_a_request": dict.fromkeys((*ACTIVE, RESOLVED), CLOSED),
    "merged": dict.fromkeys(ACTIVE, CLOSED),
    "snoozed": {status: status for status in ACTIVE},
    "woken": {status: status for status in ACTIVE},
    "prioritised": {status: status for status in ACTIVE},
    "escalated": {status: status for status in ACTIVE},
    "categorised": {status: status for status in TicketStatus},
    "due_set": {status: status for status in ACTIVE},  # the person's own deadline
    "joined": {status: status for status in ACTIVE},  # a problem
    "unjoined": {status: status for status in TicketStatus},
}
# "undone", "unmerged" and a lead's "reopened" of a closed ticket go back to what was, whatever that is.

TRACKED = (
    "status", "closed_reason", "assignee_id", "priority", "category", "snoozed_until", "claimed_at", "first_reply_at",
    "resolved_at", "closed_at", "resolution_reason", "reopened", "problem_id", "merged_into_id", "deadline_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket before and after a step of its life, and the line in its trail. `before` is None for a new one."""

    ticket: Ticket
    event: TicketEvent
    before: Ticket | None = None


def opened(ticket: Ticket, actor_id: UUID | None) -> Change:
    """The first event of a new ticket."""
    detail = {
        "because": ticket.opened_because,
        "set": {name: [None, _plain(getattr(ticket, name))] for name in TRACKED},
    }
    if ticket.previous_id:
        detail["follows"] = str(ticket.previous_id)
    return Change(ticket, TicketEvent(ticket.id, "opened", ticket.created_at, actor_id, ticket.status, detail))


def claimed(ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime) -> Change:
    """Taken in hand by a human. One that was only assigned to somebody may be claimed by anybody."""
    return _step(
        ticket, "claimed", at, actor_id,
        assignee_id=technician_id, claimed_at=ticket.claimed_at or at, snoozed_until=None,
    )  # fmt: skip


def released(ticket: Ticket, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "released", at, actor_id, assignee_id=None)


def assigned(ticket: Ticket, technician_id: UUID, actor_id: UUID | None, at: datetime) -> Change:
    """Given to somebody, who has yet to claim it."""
    return _step(ticket, "assigned", at, actor_id, assignee_id=technician_id)


def replied(ticket: Ticket, actor_id: UUID, at: datetime) -> Change:
    """A human wrote to the person. The ticket has been claimed before."""
    return _same(ticket, "replied", at, actor_id, first_reply_at=ticket.first_reply_at or at)


def unsaid(ticket: Ticket, actor_id: UUID, at: datetime, said_at: datetime) -> Change:
    """What a human wrote at `said_at` was taken back before anybody read it."""
    first = None if ticket.first_reply_at == said_at else ticket.first_reply_at
    return _same(ticket, "public_undone", at, actor_id, first_reply_at=first)


def waiting(ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime) -> Change:
    """Nothing can be done until the person answers: the clocks of the SLA stand."""
    return _step(
        ticket, "waiting", at, actor_id,
        assignee_id=ticket.assignee_id or technician_id, claimed_at=ticket.claimed_at or at, snoozed_until=None,
    )  # fmt: skip


def heard(ticket: Ticket, actor_id: UUID | None, at: datetime, message_id: UUID) -> Change:
    """The person added something; a ticket that waited for them goes on, one that slept wakes."""
    status = TRANSITIONS["answered"].get(ticket.status, ticket.status)
    return _same(
        ticket, "detail_added", at, actor_id, {"message": str(message_id)}, status=status, snoozed_until=None
    )  # fmt: skip


def resolved(
    ticket: Ticket, technician_id: UUID, actor_id: UUID, at: datetime, resolution: str, reason: str | None = None
) -> Change:
    """Done, as far as the technician can tell; the person is asked to confirm."""
    return _step(
        ticket, "resolved", at, actor_id,
        resolved_at=at, resolution=resolution, resolution_reason=reason, snoozed_until=None,
        assignee_id=ticket.assignee_id or technician_id, claimed_at=ticket.claimed_at or at,
    )  # fmt: skip


def reopened(ticket: Ticket, actor_id: UUID | None, at: datetime, *, by_desk: bool = False) -> Change:
    """Not settled after all. It keeps its assignee. A closed one only the desk may reopen."""
    changes = {
        "resolved_at": None, "closed_at": None, "closed_reason": None, "resolution_reason": None,
        "reopened": ticket.reopened + 1,
    }  # fmt: skip
    if by_desk and ticket.status is CLOSED and ticket.merged_into_id is None:
        return _same(ticket, "reopened", at, actor_id, status=OPEN, **changes)
    return _step(ticket, "reopened", at, actor_id, **changes)


def closed(ticket: Ticket, actor_id: UUID | None, at: datetime, reason: ClosedReason) -> Change:
    kind = "not_a_request" if reason is ClosedReason.NOT_A_REQUEST else "closed"
    return _step(ticket, kind, at, actor_id, closed_at=at, closed_reason=reason, snoozed_until=None)


def merged(ticket: Ticket, into: Ticket, actor_id: UUID, at: datetime) -> Change:
    """Part of another ticket from now on. Raises IllegalTransition for itself, and for one that is merged or over."""
    if into.id == ticket.id or not into.is_active:
        raise IllegalTransition(f"{ticket.reference} cannot be merged into {into.reference}")
    return _step(
        ticket, "merged", at, actor_id,
        closed_at=at, closed_reason=ClosedReason.MERGED, merged_into_id=into.id, snoozed_until=None,
    )  # fmt: skip


def unmerged(ticket: Ticket, events: Iterable[TicketEvent], actor_id: UUID, at: datetime) -> Change:
    """By itself again, as it was before it was merged."""
    merging = next((event for event in reversed(list(events)) if event.kind == "merged"), None)
    if ticket.merged_into_id is None or merging is None:
        raise IllegalTransition(f"{ticket.reference} is part of no other ticket")
    return _same(ticket, "unmerged", at, actor_id, **_as_before(merging))


def snoozed(ticket: Ticket, until: datetime, actor_id: UUID, at: datetime) -> Change:
    return _step(ticket, "snoozed", at, actor_id, snoozed_until=until)


def woken(ticket: Ticket, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "woken", at, actor_id, snoozed_until=None)


def prioritised(ticket: Ticket, priority: Urgency, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "prioritised", at, actor_id, priority=priority)


def escalated(
    ticket: Ticket, actor_id: UUID | None, at: datetime, because: str, priority: Urgency | None = None
) -> Change:
    """Somebody who decides is to look at it. `because`: a code, `sla` or `asked`."""
    change = _step(ticket, "escalated", at, actor_id, priority=priority or ticket.priority)
    return replace(change, event=replace(change.event, detail=change.event.detail | {"because": because}))


def categorised(ticket: Ticket, category: str, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "categorised", at, actor_id, category=category)


def due_set(ticket: Ticket, words: str | None, until: datetime | None, actor_id: UUID | None, at: datetime) -> Change:
    """The person needs it by then, as `words` say; None: there is no such moment."""
    return _step(ticket, "due_set", at, actor_id, deadline=words, deadline_at=until)


def joined(ticket: Ticket, problem_id: UUID, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "joined", at, actor_id, problem_id=problem_id)


def unjoined(ticket: Ticket, actor_id: UUID | None, at: datetime) -> Change:
    return _step(ticket, "unjoined", at, actor_id, problem_id=None)


def not_written_up(ticket: Ticket, reason: str, actor_id: UUID | None, at: datetime) -> Change:
    """There is nothing to learn from it, and why."""
    return _same(ticket, "not_written_up", at, actor_id, resolution_reason=reason)


def undone(ticket: Ticket, events: Iterable[TicketEvent], actor_id: UUID, at: datetime) -> Change:
    """Take back the ticket's last step, if the same person took it and UNDO_WINDOW has not passed.

    Notes and held words are no step. Raises IllegalTransition when there is nothing to take back.
    """
    last = last_step(events)
    if last is None or last.kind not in UNDOABLE or last.actor_id != actor_id or at - last.at > UNDO_WINDOW:
        raise IllegalTransition(f"there is nothing to undo on {ticket.reference}")
    return _same(ticket, "undone", at, actor_id, {"undid": last.kind}, **_as_before(last))


def last_step(events: Iterable[TicketEvent]) -> TicketEvent | None:
    """The latest event that changed the ticket."""
    return next((event for event in reversed(list(events)) if event.detail.get("set")), None)


def rebuilt(events: Iterable[TicketEvent]) -> dict[str, Any]:
    """The TRACKED fields of a ticket, from its trail alone."""
    state: dict[str, Any] = {}
    for event in events:
        state |= {name: _typed(name, after) for name, (_, after) in event.detail.get("set", {}).items()}
    return state


def _as_before(event: TicketEvent) -> dict[str, Any]:
    return {name: _typed(name, before) for name, (before, _) in event.detail["set"].items()}


def _step(ticket: Ticket, kind: str, at: datetime, actor_id: UUID | None, **changes: object) -> Change:
    try:
        status = TRANSITIONS[kind][ticket.status]
    except KeyError:
        raise IllegalTransition(f"{ticket.reference} is {ticket.status} and cannot be {kind}") from None
    return _same(ticket, kind, at, actor_id, status=status, **changes)


def _same(
    ticket: Ticket, kind: str, at: datetime, actor_id: UUID | None, detail: Mapping[str, Any] | None = None,
    /, **changes: Any,
) -> Change:  # fmt: skip
    """A step that may be taken in any status, unless `changes` says another."""
    after: Ticket = replace(ticket, **changes)
    changed = {
        name: [_plain(getattr(ticket, name)), _plain(getattr(after, name))]
        for name in TRACKED
        if getattr(ticket, name) != getattr(after, name)
    }
    told = dict(detail or {}) | ({"set": changed} if changed else {})
    return Change(after, TicketEvent(ticket.id, kind, at, actor_id, after.status, told), ticket)


def _plain(value: object) -> object:
    """As JSON holds it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | StrEnum) else value


_TIMES = ("snoozed_until", "claimed_at", "first_reply_at", "resolved_at", "closed_at", "deadline_at")
_KINDS: dict[str, Any] = {
    "status": TicketStatus,
    "closed_reason": ClosedReason,
    "priority": Urgency,
    **dict.fromkeys(("assignee_id", "problem_id", "merged_into_id"), UUID),
    **dict.fromkeys(_TIMES, datetime.fromisoformat),
}


def _typed(name: str, value: Any) -> Any:
    return value if value is None or name not in _KINDS else _KINDS[name](value)
