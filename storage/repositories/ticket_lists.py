"""Lists of tickets: which, and in which order."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case

from bot.model.values import TicketStatus, Urgency
from bot.ports.storage import TicketFilter, TicketOrder
from storage.models import tickets as t
from storage.records import fold

_BY_PRIORITY = case({str(level): -level.rank for level in Urgency}, value=t.tickets.c.priority)
_OLDEST = (t.tickets.c.created_at, t.tickets.c.number)
_SOONEST = (t.tickets.c.due_at.is_(None), t.tickets.c.due_at, _BY_PRIORITY, *_OLDEST)
_ORDERS: dict[TicketOrder, tuple[Any, ...]] = {
    "newest": (t.tickets.c.created_at.desc(), t.tickets.c.number.desc()),
    "oldest": _OLDEST,
    "priority": (_BY_PRIORITY, *_OLDEST),
}
_BY_ASKERS_TURN = case(
    (t.tickets.c.status.in_([TicketStatus.WAITING, TicketStatus.RESOLVED]), 0),
    (t.tickets.c.status == TicketStatus.CLOSED, 2),
    else_=1,
)


def ordered(order: TicketOrder, wanted: TicketFilter, reader: UUID | None) -> tuple[Any, ...]:
    """What to sort by. `reader`: the technician whose turn counts; None for an asker's own tickets."""
    by_turn = _BY_ASKERS_TURN if wanted.asker_id is not None and reader is None else _by_turn(reader)
    match order:
        case "turn":
            return (by_turn, *_SOONEST)
        case "due":
            return (*_SOONEST[:2], by_turn, *_SOONEST[2:])
        case _:
            return _ORDERS[order]


def _by_turn(technician: UUID | None) -> Any:
    """A number: the lower, the sooner a technician has to act."""
    ticket = t.tickets.c
    return case(
        (ticket.status == TicketStatus.CLOSED, 6),
        (ticket.status == TicketStatus.RESOLVED, 5),
        (ticket.snoozed_until.is_not(None), 4),
        (ticket.status == TicketStatus.WAITING, 3),
        (ticket.assignee_id.is_(None), 1),
        (ticket.assignee_id == technician, 0) if technician else (ticket.status == TicketStatus.OPEN, 1),
        else_=2,
    )


def narrowed(statement: Select[Any], wanted: TicketFilter) -> Select[Any]:
    """The statement, of tickets, with what a filter asks for."""
    ticket = t.tickets.c
    if wanted.statuses:
        statement = statement.where(ticket.status.in_(wanted.statuses))
    if wanted.priorities:
        statement = statement.where(ticket.priority.in_(wanted.priorities))
    if wanted.category is not None:
        below = ticket.category.startswith(f"{wanted.category}/", autoescape=True)
        statement = statement.where((ticket.category == wanted.category) | below)
    if wanted.assignee_id is not None:
        statement = statement.where(ticket.assignee_id == wanted.assignee_id)
    if wanted.unassigned:
        statement = statement.where(ticket.assignee_id.is_(None))
    if wanted.asker_id is not None:
        statement = statement.where(ticket.asker_id == wanted.asker_id)
    if wanted.conversation_id is not None:
        statement = statement.where(ticket.conversation_id == wanted.conversation_id)
    if wanted.problem_id is not None:
        statement = statement.where(ticket.problem_id == wanted.problem_id)
    if wanted.device_id is not None:
        statement = statement.where(ticket.device_id == wanted.device_id)
    if wanted.snoozed is not None:
        is_snoozed = ticket.snoozed_until.is_not(None)
        statement = statement.where(is_snoozed if wanted.snoozed else ~is_snoozed)
    if wanted.created_after is not None:
        statement = statement.where(ticket.created_at >= wanted.created_after)
    if wanted.resolved_before is not None:
        statement = statement.where(ticket.resolved_at <= wanted.resolved_before)
    if wanted.text is not None:
        statement = statement.where(ticket.search_text.contains(fold(wanted.text), autoescape=True))
    return statement
