"""Tickets and what surrounds them, announced problems, and the category tree."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, case, func, select

from bot.model.tickets import (
    Attachment,
    Category,
    Intervention,
    Note,
    Problem,
    Proposal,
    Survey,
    Ticket,
    TicketEvent,
    TicketPlace,
)
from bot.model.values import Audience, TicketStatus, Urgency
from bot.ports.storage import TicketFilter, TicketOrder
from storage import records
from storage.models import tickets as t
from storage.records import fold
from storage.repositories.base import Repository
from storage.upserts import upsert

_GET = records.TICKETS.select().where(t.tickets.c.id == bindparam("id"))
_BY_NUMBER = records.TICKETS.select().where(t.tickets.c.number == bindparam("number"))
_ACTIVE = (
    records.TICKETS.select()
    .where(t.tickets.c.asker_id == bindparam("person"), t.tickets.c.status != TicketStatus.CLOSED)
    .order_by(t.tickets.c.number.desc())
)
_EVENTS = (
    records.EVENTS.select().where(t.ticket_events.c.ticket_id == bindparam("id")).order_by(t.ticket_events.c.number)
)
_NOTES = records.NOTES.select().where(t.notes.c.ticket_id == bindparam("id")).order_by(t.notes.c.at, t.notes.c.id)
_PLACES = records.PLACES.select().where(t.ticket_places.c.ticket_id == bindparam("id")).order_by(t.ticket_places.c.id)
_PLACES_IN = (
    records.PLACES.select().where(t.ticket_places.c.conversation_id == bindparam("id")).order_by(t.ticket_places.c.id)
)
_PROPOSALS = (
    records.PROPOSALS.select()
    .where(t.proposals.c.conversation_id == bindparam("id"))
    .order_by(t.proposals.c.position, t.proposals.c.at, t.proposals.c.id)
)
_INTERVENTIONS = (
    records.INTERVENTIONS.select()
    .where(t.interventions.c.ticket_id == bindparam("id"))
    .order_by(t.interventions.c.at, t.interventions.c.id)
)
_SURVEYS = (
    records.SURVEYS.select()
    .where(t.surveys.c.ticket_id == bindparam("id"))
    .order_by(t.surveys.c.sent_at, t.surveys.c.id)
)
_ATTACHMENTS = (
    records.ATTACHMENTS.select().where(t.attachments.c.message_id == bindparam("id")).order_by(t.attachments.c.id)
)
_PROBLEM = records.PROBLEMS.select().where(t.problems.c.id == bindparam("id"))
_ANNOUNCED = (
    records.PROBLEMS.select()
    .where(
        t.problems.c.announced_at.is_not(None),
        t.problems.c.ended_at.is_(None),
        t.problems.c.audience.in_(bindparam("readable", expanding=True)),
    )
    .order_by(t.problems.c.announced_at, t.problems.c.id)
)
_CATEGORIES = records.CATEGORIES.select().order_by(t.categories.c.position, t.categories.c.slug)

_BY_STATUS = case({str(status): place for place, status in enumerate(TicketStatus)}, value=t.tickets.c.status)
_BY_PRIORITY = case({str(level): -level.rank for level in Urgency}, value=t.tickets.c.priority)
_ORDERS: dict[TicketOrder, tuple[Any, ...]] = {
    "turn": (_BY_STATUS, _BY_PRIORITY, t.tickets.c.created_at, t.tickets.c.number),
    "newest": (t.tickets.c.created_at.desc(), t.tickets.c.number.desc()),
    "oldest": (t.tickets.c.created_at, t.tickets.c.number),
    "priority": (_BY_PRIORITY, t.tickets.c.created_at, t.tickets.c.number),
}


def _narrowed(statement: Select[Any], wanted: TicketFilter) -> Select[Any]:
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
    if wanted.text is not None:
        statement = statement.where(ticket.search_text.contains(fold(wanted.text), autoescape=True))
    return statement


class SqlTickets(Repository):
    __slots__ = ()

    def add(self, record: Ticket | TicketPlace | Note | Proposal | Intervention | Survey | Attachment) -> None:
        self._changes.add(record)

    def save(self, record: Ticket | TicketPlace | Note | Proposal | Intervention | Survey | Attachment) -> None:
        self._changes.save(record)

    def add_event(self, event: TicketEvent) -> None:
        self._changes.add(event)

    async def next_number(self) -> int:
        take = upsert(self._database.dialect).next_ticket

        def block(connection: Connection) -> int:
            return int(connection.execute(take).scalar_one())

        return await self._database.write(block)

    async def get(self, id: UUID) -> Ticket | None:
        return await self._one(records.TICKETS, _GET, id=id)

    async def by_number(self, number: int) -> Ticket | None:
        if not 0 < number < 2**31:  # what the column can hold
            return None
        return await self._one(records.TICKETS, _BY_NUMBER, number=number)

    async def find(
        self, filter: TicketFilter = TicketFilter(), order: TicketOrder = "turn", limit: int = 20, offset: int = 0
    ) -> list[Ticket]:
        statement = _narrowed(records.TICKETS.select(), filter).order_by(*_ORDERS[order])
        return await self._all(records.TICKETS, statement.limit(limit).offset(offset))

    async def count(self, filter: TicketFilter = TicketFilter()) -> int:
        statement = _narrowed(select(func.count()).select_from(t.tickets), filter)
        return await self._database.read(lambda connection: int(connection.execute(statement).scalar_one()))

    async def active_of(self, person_id: UUID) -> list[Ticket]:
        return await self._all(records.TICKETS, _ACTIVE, person=person_id)

    async def events(self, ticket_id: UUID) -> list[TicketEvent]:
        return await self._all(records.EVENTS, _EVENTS, id=ticket_id)

    async def notes(self, ticket_id: UUID) -> list[Note]:
        return await self._all(records.NOTES, _NOTES, id=ticket_id)

    async def places(self, ticket_id: UUID) -> list[TicketPlace]:
        return await self._all(records.PLACES, _PLACES, id=ticket_id)

    async def places_in(self, conversation_id: UUID) -> list[TicketPlace]:
        return await self._all(records.PLACES, _PLACES_IN, id=conversation_id)

    async def proposals(self, conversation_id: UUID) -> list[Proposal]:
        return await self._all(records.PROPOSALS, _PROPOSALS, id=conversation_id)

    async def interventions(self, ticket_id: UUID) -> list[Intervention]:
        return await self._all(records.INTERVENTIONS, _INTERVENTIONS, id=ticket_id)

    async def surveys(self, ticket_id: UUID) -> list[Survey]:
        return await self._all(records.SURVEYS, _SURVEYS, id=ticket_id)

    async def attachments(self, message_id: UUID) -> list[Attachment]:
        return await self._all(records.ATTACHMENTS, _ATTACHMENTS, id=message_id)


class SqlProblems(Repository):
    __slots__ = ()

    def add(self, record: Problem) -> None:
        self._changes.add(record)

    def save(self, record: Problem) -> None:
        self._changes.save(record)

    async def get(self, id: UUID) -> Problem | None:
        return await self._one(records.PROBLEMS, _PROBLEM, id=id)

    async def announced(self, audience: Audience) -> list[Problem]:
        readable = [kind for kind in Audience if audience.may_read(kind)]
        return await self._all(records.PROBLEMS, _ANNOUNCED, readable=readable)


class SqlCategories(Repository):
    __slots__ = ()

    def replace(self, categories: Sequence[Category]) -> None:
        self._changes.categories = list(categories)

    async def all(self) -> list[Category]:
        return await self._all(records.CATEGORIES, _CATEGORIES)
