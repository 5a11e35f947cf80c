"""Tickets and what surrounds them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, func, or_, select, true

from bot.model.lateness import Lateness
from bot.model.messages import ConversationRef
from bot.model.tickets import (
    Attachment,
    HeldReply,
    Intervention,
    Note,
    Proposal,
    SlaNotice,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from bot.model.values import ACTIVE, ClosedReason, TicketStatus
from bot.ports.storage import TicketFilter, TicketOrder, TicketRecord
from storage import records
from storage.models import tickets as t
from storage.models.conversations import conversations
from storage.models.types import Utc
from storage.repositories.base import VALUES, Repository
from storage.repositories.ticket_lists import narrowed, ordered
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
_PROPOSAL = records.PROPOSALS.select().where(t.proposals.c.id == bindparam("id"))
_PROPOSALS_ON = (
    records.PROPOSALS.select()
    .where(t.proposals.c.ticket_id == bindparam("id"))
    .order_by(t.proposals.c.position, t.proposals.c.at, t.proposals.c.id)
)
_RESOLVED_WITH = (
    select(t.proposals.c.id, t.tickets.c.created_at, t.tickets.c.resolved_at)
    .join_from(t.proposals, t.tickets, t.proposals.c.ticket_id == t.tickets.c.id)
    .where(
        t.proposals.c.article_id == bindparam("article"),
        t.proposals.c.helped == true(),
        t.tickets.c.resolved_at.is_not(None),
    )
)
_PLACE_OF_CARD = records.PLACES.select().where(t.ticket_places.c.card_id == bindparam("id"))
_BY_IDS = records.TICKETS.select().where(t.tickets.c.id.in_(VALUES))
_WRITTEN_UP_SINCE = exists().where(
    t.interventions.c.ticket_id == t.tickets.c.id, t.interventions.c.at >= bindparam("since", type_=Utc)
)
_TROUBLES = (
    records.TICKETS.select()
    .where(
        or_(t.tickets.c.asker_id == bindparam("asker"), t.tickets.c.device_id == bindparam("device")),
        or_(t.tickets.c.created_at >= bindparam("since", type_=Utc), _WRITTEN_UP_SINCE),
        or_(
            t.tickets.c.closed_reason.is_(None),
            t.tickets.c.closed_reason.not_in([ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED]),
        ),
        t.tickets.c.number < bindparam("number"),
    )
    .order_by(t.tickets.c.number)
)
_OPENED_BY = (
    select(func.count())
    .select_from(t.tickets)
    .join(t.ticket_events, t.ticket_events.c.ticket_id == t.tickets.c.id)
    .where(
        t.tickets.c.created_at >= bindparam("since", type_=Utc),
        t.ticket_events.c.kind == "opened",
        t.ticket_events.c.actor_id == bindparam("actor"),
    )
)
_SLA_DUE = (
    records.TICKETS.select()
    .where(t.tickets.c.sla_next_at <= bindparam("now", type_=Utc))
    .order_by(t.tickets.c.sla_next_at)
    .limit(bindparam("most"))
)
_SNOOZE_ENDED = (
    records.TICKETS.select()
    .where(t.tickets.c.snoozed_until <= bindparam("now", type_=Utc))
    .order_by(t.tickets.c.snoozed_until)
    .limit(bindparam("most"))
)
_SHOWN_THERE = exists().where(
    t.ticket_places.c.ticket_id == t.tickets.c.id,
    t.ticket_places.c.side == "desk",
    t.ticket_places.c.conversation_id == conversations.c.id,
    conversations.c.ref_key.in_(VALUES),
)
_WITHOUT_CARD = (
    records.TICKETS.select()
    .where(t.tickets.c.status.in_(ACTIVE), t.tickets.c.created_at >= bindparam("since", type_=Utc), ~_SHOWN_THERE)
    .order_by(t.tickets.c.number)
    .limit(bindparam("most"))
)
_LINKS = (
    records.LINKS.select()
    .where(or_(t.ticket_links.c.ticket_id == bindparam("id"), t.ticket_links.c.other_id == bindparam("id")))
    .order_by(t.ticket_links.c.id)
)
_HELD = records.HELD.select().where(t.held_replies.c.id == bindparam("id"))
_HELD_OF = (
    records.HELD.select()
    .where(t.held_replies.c.ticket_id == bindparam("id"), t.held_replies.c.state == "held")
    .order_by(t.held_replies.c.id)
)
_NOTE_OF = records.NOTES.select().where(t.notes.c.message_id == bindparam("id")).order_by(t.notes.c.id.desc())
_HELD_AS = records.HELD.select().where(t.held_replies.c.message_id == bindparam("id"))
_NOTICES = records.SLA_NOTICES.select().where(t.sla_notices.c.ticket_id == bindparam("id")).order_by(t.sla_notices.c.id)
_INTERVENTIONS = (
    records.INTERVENTIONS.select()
    .where(t.interventions.c.ticket_id == bindparam("id"))
    .order_by(t.interventions.c.at, t.interventions.c.id)
)
_INTERVENTION = records.INTERVENTIONS.select().where(t.interventions.c.reference == bindparam("reference"))
_WRITTEN_UP = records.INTERVENTIONS.select().order_by(t.interventions.c.at, t.interventions.c.id)
_SURVEYS = (
    records.SURVEYS.select()
    .where(t.surveys.c.ticket_id == bindparam("id"))
    .order_by(t.surveys.c.sent_at, t.surveys.c.id)
)
_SURVEY = records.SURVEYS.select().where(t.surveys.c.id == bindparam("id"))
_SURVEYS_OF = (
    records.SURVEYS.select()
    .where(t.surveys.c.person_id == bindparam("id"))
    .order_by(t.surveys.c.sent_at.desc(), t.surveys.c.id.desc())
)
_SURVEYS_SENT = (
    records.SURVEYS.select()
    .where(
        t.surveys.c.kind == bindparam("kind"),
        t.surveys.c.sent_at >= bindparam("after"),
        t.surveys.c.sent_at < bindparam("before"),
    )
    .order_by(t.surveys.c.sent_at, t.surveys.c.id)
)
_UNSURVEYED = (
    records.TICKETS.select()
    .where(
        t.tickets.c.closed_at >= bindparam("after"),
        t.tickets.c.closed_at < bindparam("before"),
        t.tickets.c.resolved_at.is_not(None),
        t.tickets.c.closed_reason.in_([ClosedReason.CONFIRMED, ClosedReason.SILENT]),
        ~exists().where(t.surveys.c.ticket_id == t.tickets.c.id, t.surveys.c.kind == "csat"),
    )
    .order_by(t.tickets.c.closed_at, t.tickets.c.number)
    .limit(bindparam("most"))
    .offset(bindparam("skipped"))
)
_ATTACHMENTS = (
    records.ATTACHMENTS.select().where(t.attachments.c.message_id == bindparam("id")).order_by(t.attachments.c.id)
)


class SqlTickets(Repository):
    __slots__ = ()

    def add(self, record: TicketRecord) -> None:
        self._changes.add(record)

    def save(self, record: TicketRecord) -> None:
        self._changes.save(record)

    def remove(self, record: TicketPlace | TicketLink) -> None:
        self._changes.remove(record)

    def add_notice(self, notice: SlaNotice) -> None:
        self._changes.add(notice)

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
        self,
        filter: TicketFilter = TicketFilter(),
        order: TicketOrder = "turn",
        limit: int = 20,
        offset: int = 0,
        *,
        reader: UUID | None = None,
    ) -> list[Ticket]:
        statement = narrowed(records.TICKETS.select(), filter).order_by(*ordered(order, filter, reader))
        return await self._all(records.TICKETS, statement.limit(limit).offset(offset))

    async def count(self, filter: TicketFilter = TicketFilter()) -> int:
        statement = narrowed(select(func.count()).select_from(t.tickets), filter)
        return await self._database.read(lambda connection: int(connection.execute(statement).scalar_one()))

    async def count_opened(self, actor_id: UUID, since: datetime) -> int:
        wanted = {"actor": actor_id, "since": since}
        return await self._database.read(lambda connection: int(connection.execute(_OPENED_BY, wanted).scalar_one()))

    async def sla_due(self, now: datetime, limit: int = 100) -> list[Ticket]:
        return await self._all(records.TICKETS, _SLA_DUE, now=now, most=limit)

    async def snooze_ended(self, now: datetime, limit: int = 100) -> list[Ticket]:
        return await self._all(records.TICKETS, _SNOOZE_ENDED, now=now, most=limit)

    async def without_card(self, rooms: Collection[ConversationRef], since: datetime, limit: int = 100) -> list[Ticket]:
        keys = [room.key for room in rooms]
        return await self._all(records.TICKETS, _WITHOUT_CARD, values=keys, since=since, most=limit) if keys else []

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Ticket]:
        return {ticket.id: ticket for ticket in await self._among(records.TICKETS, _BY_IDS, ids)}

    async def troubles(self, ticket: Ticket, category: str, since: datetime) -> list[Ticket]:
        below = t.tickets.c.category.startswith(f"{category}/", autoescape=True)
        return await self._all(
            records.TICKETS,
            _TROUBLES.where((t.tickets.c.category == category) | below),
            asker=ticket.asker_id,
            device=ticket.device_id,
            since=since,
            number=ticket.number,
        )

    async def active_of(self, person_id: UUID) -> list[Ticket]:
        return await self._few(records.TICKETS, _ACTIVE, person=person_id)

    async def events(self, ticket_id: UUID) -> list[TicketEvent]:
        return await self._all(records.EVENTS, _EVENTS, id=ticket_id)

    async def notes(self, ticket_id: UUID) -> list[Note]:
        return await self._all(records.NOTES, _NOTES, id=ticket_id)

    async def places(self, ticket_id: UUID) -> list[TicketPlace]:
        return await self._few(records.PLACES, _PLACES, id=ticket_id)

    async def places_in(self, conversation_id: UUID) -> list[TicketPlace]:
        return await self._few(records.PLACES, _PLACES_IN, id=conversation_id)

    async def place_of_card(self, card_id: UUID) -> TicketPlace | None:
        return await self._one(records.PLACES, _PLACE_OF_CARD, id=card_id)

    async def links(self, ticket_id: UUID) -> list[TicketLink]:
        return await self._few(records.LINKS, _LINKS, id=ticket_id)

    async def held(self, id: UUID) -> HeldReply | None:
        return await self._one(records.HELD, _HELD, id=id)

    async def held_of(self, ticket_id: UUID) -> list[HeldReply]:
        return await self._few(records.HELD, _HELD_OF, id=ticket_id)

    async def written_as(self, message_id: UUID) -> Note | HeldReply | None:
        if note := await self._one(records.NOTES, _NOTE_OF, id=message_id):
            return note
        return await self._one(records.HELD, _HELD_AS, id=message_id)

    async def notices(self, ticket_id: UUID) -> list[SlaNotice]:
        return await self._all(records.SLA_NOTICES, _NOTICES, id=ticket_id)

    async def lateness(self, since: datetime | None = None, until: datetime | None = None) -> Lateness:
        notice = t.sla_notices.c
        statement = select(notice.due_at, notice.sent_at)
        if since is not None:
            statement = statement.where(notice.sent_at >= since)
        if until is not None:
            statement = statement.where(notice.sent_at < until)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return Lateness.of((sent_at - due_at).total_seconds() for due_at, sent_at in rows)

    async def proposals(self, conversation_id: UUID) -> list[Proposal]:
        return await self._few(records.PROPOSALS, _PROPOSALS, id=conversation_id)

    async def proposal(self, id: UUID) -> Proposal | None:
        return await self._one(records.PROPOSALS, _PROPOSAL, id=id)

    async def proposals_on(self, ticket_id: UUID) -> list[Proposal]:
        return await self._few(records.PROPOSALS, _PROPOSALS_ON, id=ticket_id)

    async def resolved_with(self, article_id: str) -> list[tuple[UUID, datetime, datetime]]:
        def block(connection: Connection) -> list[tuple[UUID, datetime, datetime]]:
            return [(row[0], row[1], row[2]) for row in connection.execute(_RESOLVED_WITH, {"article": article_id})]

        return await self._database.read(block)

    async def interventions(self, ticket_id: UUID) -> list[Intervention]:
        return await self._few(records.INTERVENTIONS, _INTERVENTIONS, id=ticket_id)

    async def intervention(self, reference: str) -> Intervention | None:
        return await self._one(records.INTERVENTIONS, _INTERVENTION, reference=reference)

    async def written_up(self, state: str | None = None, limit: int = 100, offset: int = 0) -> list[Intervention]:
        statement = _WRITTEN_UP if state is None else _WRITTEN_UP.where(t.interventions.c.state == state)
        return await self._all(records.INTERVENTIONS, statement.limit(limit).offset(offset))

    async def surveys(self, ticket_id: UUID) -> list[Survey]:
        return await self._few(records.SURVEYS, _SURVEYS, id=ticket_id)

    async def survey(self, id: UUID) -> Survey | None:
        return await self._one(records.SURVEYS, _SURVEY, id=id)

    async def surveys_of(self, person_id: UUID) -> list[Survey]:
        return await self._all(records.SURVEYS, _SURVEYS_OF, id=person_id)

    async def surveys_sent(self, kind: Literal["csat", "nps"], after: datetime, before: datetime) -> list[Survey]:
        return await self._all(records.SURVEYS, _SURVEYS_SENT, kind=kind, after=after, before=before)

    async def unsurveyed(self, after: datetime, before: datetime, limit: int = 100, offset: int = 0) -> list[Ticket]:
        wanted: dict[str, Any] = {"after": after, "before": before, "most": limit, "skipped": offset}
        return await self._all(records.TICKETS, _UNSURVEYED, **wanted)

    async def attachments(self, message_id: UUID) -> list[Attachment]:
        return await self._few(records.ATTACHMENTS, _ATTACHMENTS, id=message_id)
