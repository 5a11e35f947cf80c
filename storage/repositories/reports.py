"""The desk's figures, added up by the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Executable, Select, and_, exists, func, select

from bot.model.ids import made_at
from bot.model.lateness import Lateness
from bot.model.reports import (
    Backlog,
    Failed,
    Handled,
    InNeed,
    Mark,
    Promises,
    Questions,
    Ratings,
    Span,
    Spread,
    StepTimes,
    TechnicianWork,
    TicketCounts,
)
from bot.model.tickets import SlaKind
from bot.model.values import ClosedReason, InboxState, OutboxState, TicketStatus
from bot.ports.reports import Aspect
from storage.changes import Changes
from storage.database import Database
from storage.models.base import among
from storage.models.knowledge import asked_questions as asked
from storage.models.ledger import INBOX_OVER, inbox, outbox
from storage.models.tickets import surveys, ticket_events, tickets
from storage.repositories.base import Repository
from storage.repositories.report_statements import (
    ACTIVE,
    INBOX_SHOWN,
    MARKS,
    OUTBOX_SHOWN,
    Dialect,
    active,
    counted,
    how_many,
    in_need,
    longest_due,
    made,
    opened_by,
    promised,
    questions_by,
    received,
    reopened_in,
    spread_of,
    start_of,
    steps_of,
    waiting,
    within,
)
from storage.repositories.tickets import SqlTickets


class SqlReports(Repository):
    __slots__ = ("_sql",)

    def __init__(self, database: Database, changes: Changes) -> None:
        super().__init__(database, changes)
        self._sql = Dialect(database.dialect)

    async def questions_at(self, span: Span) -> dict[datetime, Questions]:
        counted = await self._questions(self._sql.quarter(asked.c.asked_at), span)
        return {start_of(quarter): questions for quarter, questions in counted.items()}

    async def questions_by(self, aspect: Aspect, span: Span) -> dict[str, Questions]:
        column: ColumnElement[str] = func.coalesce(asked.c[aspect], "")
        return {str(key): questions for key, questions in (await self._questions(column, span)).items()}

    async def _questions(self, key: ColumnElement[Any], span: Span) -> dict[Any, Questions]:
        rows = await self._rows(questions_by(key, span))
        return {row[0]: Questions(*row[1:]) for row in rows}

    async def tickets(self, span: Span) -> TicketCounts:
        ended = tickets.c.closed_reason
        settled = ended.in_((ClosedReason.CONFIRMED, ClosedReason.SILENT))
        question = exists().where(asked.c.message_id == tickets.c.question_id)
        opened = select(func.count(), how_many(~question)).where(within(tickets.c.created_at, span))
        closed = select(
            *(how_many(ended == reason) for reason in ClosedReason), how_many(and_(settled, tickets.c.reopened > 0))
        ).where(within(tickets.c.closed_at, span), tickets.c.status == TicketStatus.CLOSED)
        resolved = select(func.count()).where(
            tickets.c.status == TicketStatus.RESOLVED, within(tickets.c.resolved_at, span)
        )
        reopened = select(func.count(ticket_events.c.ticket_id.distinct())).where(reopened_in(span))

        def block(connection: Connection) -> TicketCounts:
            many, unasked = connection.execute(opened).one()
            *reasons, again = connection.execute(closed).one()
            by_reason = dict(zip(ClosedReason, reasons, strict=True))
            return TicketCounts(
                opened=many,
                unasked=unasked,
                confirmed=by_reason[ClosedReason.CONFIRMED],
                silent=by_reason[ClosedReason.SILENT],
                reopened=connection.execute(reopened).scalar_one(),
                again=again,
                unconfirmed=connection.execute(resolved).scalar_one(),
                not_a_request=by_reason[ClosedReason.NOT_A_REQUEST],
                merged=by_reason[ClosedReason.MERGED],
                cancelled=by_reason[ClosedReason.CANCELLED],
            )

        return await self._database.read(block)

    async def opened_by(self, aspect: Literal["category", "intent", "opened_because"], span: Span) -> dict[str, int]:
        column = tickets.c[aspect]
        rows = await self._rows(opened_by(column, span))
        return {str(key): count for key, count in rows}

    async def opened_at(self, span: Span) -> dict[datetime, int]:
        rows = await self._rows(opened_by(self._sql.quarter(tickets.c.created_at), span))
        return {start_of(quarter): count for quarter, count in rows}

    async def times(self, span: Span) -> dict[Mark, Spread]:
        unmarked = select(
            *(figure for mark in MARKS.values() for figure in (func.count(waiting(mark)), func.min(waiting(mark))))
        ).where(*counted(span), tickets.c.status.in_(ACTIVE))
        spreads = {name: spread_of(self._until(mark, span)) for name, mark in MARKS.items()}

        def block(connection: Connection) -> dict[Mark, Spread]:
            still = list(connection.execute(unmarked).one())
            found = {name: connection.execute(statement).one() for name, statement in spreads.items()}
            return {
                name: Spread(row[0] or 0, row[1], row[2], still[2 * place], still[2 * place + 1])
                for place, (name, row) in enumerate(found.items())
            }

        return await self._database.read(block)

    def _until(self, mark: ColumnElement[Any], span: Span, *more: ColumnElement[Any]) -> Select[Any]:
        seconds = self._sql.seconds(tickets.c.created_at, mark).label("value")
        return select(seconds, *more).where(*counted(span), mark.is_not(None))

    async def promises(self, span: Span, now: datetime) -> dict[SlaKind, Promises]:
        statement = promised(self._sql, span, now)
        return {kind: Promises(*counts) for kind, *counts in await self._rows(statement)}

    async def lateness(self, span: Span) -> Lateness:
        return await SqlTickets(self._database, self._changes).lateness(span.since, span.until)

    async def ratings(self, span: Span) -> dict[Literal["csat", "nps"], Ratings]:
        statement = (
            select(surveys.c.kind, surveys.c.score, func.count())
            .where(within(surveys.c.sent_at, span))
            .group_by(surveys.c.kind, surveys.c.score)
        )
        found: dict[Literal["csat", "nps"], Ratings] = {}
        for kind, score, count in await self._rows(statement):
            so_far = found.get(kind, Ratings())
            scores = so_far.scores if score is None else so_far.scores | {score: count}
            found[kind] = Ratings(so_far.sent + count, scores)
        return found

    async def technicians(self, span: Span) -> list[TechnicianWork]:
        who = tickets.c.assignee_id
        ended = tickets.c.closed_reason
        opened = select(who, func.count()).where(within(tickets.c.created_at, span)).group_by(who)
        closed = (
            select(who, how_many(ended == ClosedReason.CONFIRMED), how_many(ended == ClosedReason.SILENT))
            .where(within(tickets.c.closed_at, span), tickets.c.status == TicketStatus.CLOSED)
            .group_by(who)
        )
        reopened = (
            select(who, func.count(tickets.c.id.distinct()))
            .join(ticket_events, ticket_events.c.ticket_id == tickets.c.id)
            .where(reopened_in(span))
            .group_by(who)
        )
        spreads = {
            name: spread_of(self._until(MARKS[name], span, who.label("who")).where(who.is_not(None)), "who")
            for name in ("claim", "resolution")
        }

        def block(connection: Connection) -> list[TechnicianWork]:
            found: dict[UUID, TechnicianWork] = {}

            def note(id: UUID | None, **figures: Any) -> None:
                if id is not None:
                    found[id] = replace(found.get(id, TechnicianWork(id)), **figures)

            for id, count in connection.execute(opened):
                note(id, opened=count)
            for id, confirmed, silent in connection.execute(closed):
                note(id, confirmed=confirmed, silent=silent)
            for id, count in connection.execute(reopened):
                note(id, reopened=count)
            for name, statement in spreads.items():
                for id, count, median, p90, _ in connection.execute(statement):
                    note(id, **{name: Spread(count, median, p90)})
            return list(found.values())

        return await self._database.read(block)

    async def in_need(self, now: datetime) -> list[InNeed]:
        rows = await self._rows(active(now))
        return sorted(filter(None, (in_need(row, now) for row in rows)), key=longest_due)

    async def steps(self, spans: Sequence[Span]) -> list[list[StepTimes]]:
        def block(connection: Connection) -> list[list[StepTimes]]:
            return [
                [StepTimes(step, count, p50, p95) for step, count, p50, _, p95 in connection.execute(steps_of(span))]
                for span in spans
            ]

        return await self._database.read(block)

    async def handled(self, spans: Sequence[Span]) -> list[Handled]:
        took = self._sql.seconds(inbox.c.received_at, inbox.c.finished_at)

        def block(connection: Connection) -> list[Handled]:
            found = []
            for span in spans:
                many, retried, dead = connection.execute(received(span)).one()
                done = select((took * 1000).label("value")).where(made(span), inbox.c.state == InboxState.DONE)
                _, p50, _, p95 = connection.execute(spread_of(done)).one()
                found.append(Handled(many, retried, dead, p50, p95))
            return found

        return await self._database.read(block)

    async def backlog(self) -> list[Backlog]:
        def block(connection: Connection) -> list[Backlog]:
            found: list[Backlog] = []
            for state, group in INBOX_SHOWN:
                mine = and_(among(inbox.c.state, *group), inbox.c.state == state)
                count, oldest = connection.execute(
                    select(func.count(), func.min(inbox.c.received_at)).where(mine)
                ).one()
                found += [Backlog("inbox", state.value, count, oldest)] if count else []
            for shown, group in OUTBOX_SHOWN:
                sent = and_(among(outbox.c.state, *group), outbox.c.state == shown)
                count, first = connection.execute(select(func.count(), func.min(outbox.c.number)).where(sent)).one()
                if count:
                    id = connection.execute(select(outbox.c.id).where(outbox.c.number == first)).scalar_one()
                    found.append(Backlog("outbox", shown.value, count, made_at(id)))
            return found

        return await self._database.read(block)

    async def failed(self, limit: int = 20) -> list[Failed]:
        dead = (
            select(inbox.c.received_at, inbox.c.conversation_key, inbox.c.attempt, inbox.c.error)
            .where(among(inbox.c.state, *INBOX_OVER), inbox.c.state == InboxState.DEAD)
            .order_by(inbox.c.sequence.desc())
            .limit(limit)
        )
        unsent = [
            select(outbox.c.id, outbox.c.state, outbox.c.platform, outbox.c.attempt, outbox.c.error)
            .where(among(outbox.c.state, *group), outbox.c.state == state)
            .order_by(outbox.c.number.desc())
            .limit(limit)
            for state, group in OUTBOX_SHOWN
            if state in (OutboxState.UNKNOWN, OutboxState.FAILED)
        ]

        def block(connection: Connection) -> list[Failed]:
            found = [
                Failed("inbox", InboxState.DEAD.value, key.split("\x1f")[0], at, attempt, error or "")
                for at, key, attempt, error in connection.execute(dead)
            ]
            for statement in unsent:
                for id, state, platform, attempt, error in connection.execute(statement):
                    found.append(Failed("outbox", state.value, platform, made_at(id), attempt, error or ""))
            return sorted(found, key=lambda one: one.since, reverse=True)[:limit]

        return await self._database.read(block)

    async def _rows(self, statement: Executable) -> Sequence[Any]:
        return await self._database.read(lambda connection: connection.execute(statement).all())
