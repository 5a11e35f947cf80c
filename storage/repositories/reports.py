"""The desk's figures, added up by the database."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Executable, and_, case, func, select

from bot.model.ids import made_at
from bot.model.lateness import Lateness
from bot.model.reports import (
    Backlog,
    Failed,
    Funnel,
    Handled,
    InNeed,
    Mark,
    OpenedBy,
    Promises,
    Questions,
    QuestionsBy,
    Ratings,
    Span,
    Spread,
    StepTimes,
    TechnicianWork,
    TicketCounts,
)
from bot.model.tickets import SlaKind
from bot.model.values import ACTIVE, ClosedReason, InboxState, OutboxState, TicketStatus
from storage.changes import Changes
from storage.database import Database
from storage.models.base import among
from storage.models.ledger import INBOX_OVER, inbox, outbox
from storage.models.tickets import sla_notices, surveys, ticket_events, tickets
from storage.records import SLA_FATES, SLA_KINDS
from storage.repositories import report_statements as st
from storage.repositories.base import Repository


class SqlReports(Repository):
    __slots__ = ("_sql",)

    def __init__(self, database: Database, changes: Changes) -> None:
        super().__init__(database, changes)
        self._sql = st.Dialect(database.dialect)

    async def questions(self, span: Span, zone: ZoneInfo) -> QuestionsBy:
        counts: dict[str, dict[str, dict[str, int]]] = {}
        for part, key, place, shown, many in await self._rows(st.questions(self._sql, span, zone)):
            fate = st.FATES[place]
            fates = counts.setdefault(part, {}).setdefault(key, {})
            fates[fate] = fates.get(fate, 0) + many
            fates["answered"] = fates.get("answered", 0) + shown * many
        found = {part: {key: Questions(**fates) for key, fates in keys.items()} for part, keys in counts.items()}
        return QuestionsBy(
            days={st.day_of(key): one for key, one in found.get("days", {}).items()},
            hours={int(key): one for key, one in found.get("hours", {}).items()},
            categories=found.get("categories", {}),
            intents=found.get("intents", {}),
        )

    async def tickets(self, span: Span) -> TicketCounts:
        reason, had_come_back = tickets.c.closed_reason, case((tickets.c.reopened > 0, 1), else_=0)
        unasked = st.how_many(tickets.c.question_id.is_(None))
        opened = select(func.count(), unasked).where(st.within(tickets.c.created_at, span))
        closed = (
            select(reason, func.count(), func.sum(had_come_back))
            .where(st.within(tickets.c.closed_at, span))
            .group_by(reason)
        )
        resolved = select(func.count()).where(
            tickets.c.status == TicketStatus.RESOLVED, st.within(tickets.c.resolved_at, span)
        )
        reopened = select(func.count(ticket_events.c.ticket_id.distinct())).where(st.reopened_in(span))

        def block(connection: Connection) -> TicketCounts:
            many, without = connection.execute(opened).one()
            ended = {reason: (count, again) for reason, count, again in connection.execute(closed)}
            by_reason = {reason: ended.get(reason, (0, 0))[0] for reason in ClosedReason}
            settled = (ClosedReason.CONFIRMED, ClosedReason.SILENT)
            return TicketCounts(
                opened=many,
                unasked=without,
                confirmed=by_reason[ClosedReason.CONFIRMED],
                silent=by_reason[ClosedReason.SILENT],
                reopened=connection.execute(reopened).scalar_one(),
                again=sum(ended[reason][1] for reason in settled if reason in ended),
                unconfirmed=connection.execute(resolved).scalar_one(),
                not_a_request=by_reason[ClosedReason.NOT_A_REQUEST],
                merged=by_reason[ClosedReason.MERGED],
                cancelled=by_reason[ClosedReason.CANCELLED],
            )

        return await self._database.read(block)

    async def opened(self, span: Span, zone: ZoneInfo) -> OpenedBy:
        found: dict[str, dict[str, int]] = {}
        for part, key, many in await self._rows(st.opened(self._sql, span, zone)):
            found.setdefault(part, {})[key] = many
        return OpenedBy(
            days={st.day_of(key): many for key, many in found.get("days", {}).items()},
            hours={int(key): many for key, many in found.get("hours", {}).items()},
            categories=found.get("categories", {}),
            intents=found.get("intents", {}),
            because=found.get("because", {}),
        )

    async def times(self, span: Span) -> dict[Mark, Spread]:
        created = tickets.c.created_at
        waiting = {mark: case((at.is_(None), created)) for mark, at in st.MARKS.items()}
        unmarked = select(
            *(figure for since in waiting.values() for figure in (func.count(since), func.min(since)))
        ).where(*st.counted(span), tickets.c.status.in_(ACTIVE))
        marked = select(*(self._sql.seconds(created, at) for at in st.MARKS.values())).where(*st.counted(span))

        def block(connection: Connection) -> dict[Mark, Spread]:
            still = iter(connection.execute(unmarked).one())
            took = dict(zip(st.MARKS, zip(*connection.execute(marked), strict=True), strict=False))
            return {mark: _spread(took.get(mark, ()), next(still), next(still)) for mark in st.MARKS}

        return await self._database.read(block)

    async def promises(self, span: Span, now: datetime) -> dict[SlaKind, Promises]:
        counts: Counter[tuple[SlaKind, str]] = Counter()

        def block(connection: Connection) -> None:
            counts.clear()
            for fates, is_active, many in connection.execute(st.promised(span)):
                for kind, letter in SLA_KINDS.items():
                    for fate in (fates[at + 1] for at in range(0, len(fates), 2) if fates[at] == letter):
                        counts[kind, fate if fate != SLA_FATES[None] or is_active else "void"] += many
            for (targets,) in connection.execute(st.still_promised(span)):
                for target in targets:
                    if target.in_time is None and target.due_at is not None and target.due_at < now:
                        counts[target.kind, SLA_FATES[None]] -= 1
                        counts[target.kind, SLA_FATES[False]] += 1

        await self._database.read(block)
        return {
            kind: Promises(*(counts[kind, SLA_FATES[fate]] for fate in (True, False, None)))
            for kind in SLA_KINDS
            if any(of == kind for of, _ in counts)
        }

    async def lateness(self, span: Span) -> Lateness:
        late = self._sql.seconds(sla_notices.c.due_at, sla_notices.c.sent_at)
        statement = select(late).where(st.within(sla_notices.c.sent_at, span))
        seconds = await self._database.read(lambda connection: connection.execute(statement).scalars().all())
        return Lateness.of(seconds)

    async def ratings(self, span: Span) -> dict[Literal["csat", "nps"], Ratings]:
        statement = (
            select(surveys.c.kind, surveys.c.score, func.count())
            .where(st.within(surveys.c.sent_at, span))
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
        opened = select(who, func.count()).where(st.within(tickets.c.created_at, span)).group_by(who)
        closed = (
            select(who, st.how_many(ended == ClosedReason.CONFIRMED), st.how_many(ended == ClosedReason.SILENT))
            .where(st.within(tickets.c.closed_at, span))
            .group_by(who)
        )
        reopened = (
            select(who, func.count(tickets.c.id.distinct()))
            .join(ticket_events, ticket_events.c.ticket_id == tickets.c.id)
            .where(st.reopened_in(span))
            .group_by(who)
        )
        created = tickets.c.created_at
        took = select(
            who, self._sql.seconds(created, st.MARKS["claim"]), self._sql.seconds(created, st.MARKS["resolution"])
        ).where(*st.counted(span), who.is_not(None))

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
            seconds: dict[UUID, tuple[list[float | None], list[float | None]]] = {}
            for id, claim, resolution in connection.execute(took):
                claims, resolutions = seconds.setdefault(id, ([], []))
                claims.append(claim)
                resolutions.append(resolution)
            for id, (claims, resolutions) in seconds.items():
                note(id, claim=_spread(claims), resolution=_spread(resolutions))
            return list(found.values())

        return await self._database.read(block)

    async def funnel(self, span: Span) -> Funnel:
        return await self._database.read(lambda connection: Funnel(*connection.execute(st.funnel(span)).one()))

    async def in_need(self, now: datetime) -> list[InNeed]:
        rows = await self._rows(st.active(now))
        return sorted(filter(None, (st.in_need(row, now) for row in rows)), key=st.longest_due)

    async def steps(self, spans: Sequence[Span]) -> list[list[StepTimes]]:
        def block(connection: Connection) -> list[list[StepTimes]]:
            return [
                [StepTimes(step, count, p50, p95) for step, count, p50, p95, _ in connection.execute(st.steps_of(span))]
                for span in spans
            ]

        return await self._database.read(block)

    async def handled(self, spans: Sequence[Span]) -> list[Handled]:
        took = self._sql.seconds(inbox.c.received_at, inbox.c.finished_at)

        def block(connection: Connection) -> list[Handled]:
            found = []
            for span in spans:
                many, retried, dead = connection.execute(st.received(span)).one()
                done = select((took * 1000).label("value")).where(st.made(span), inbox.c.state == InboxState.DONE)
                _, p50, p95, _ = connection.execute(st.spread_of(done)).one()
                found.append(Handled(many, retried, dead, p50, p95))
            return found

        return await self._database.read(block)

    async def backlog(self) -> list[Backlog]:
        def block(connection: Connection) -> list[Backlog]:
            found: list[Backlog] = []
            for state, group in st.INBOX_SHOWN:
                mine = and_(among(inbox.c.state, *group), inbox.c.state == state)
                count, oldest = connection.execute(
                    select(func.count(), func.min(inbox.c.received_at)).where(mine)
                ).one()
                found += [Backlog("inbox", state.value, count, oldest)] if count else []
            for shown, group in st.OUTBOX_SHOWN:
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
            for state, group in st.OUTBOX_SHOWN
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


def _spread(seconds: Iterable[float | None], waiting: int = 0, oldest: datetime | None = None) -> Spread:
    """The nearest ranks: no figure that was not measured."""
    ordered = sorted(one for one in seconds if one is not None)
    if not ordered:
        return Spread(waiting=waiting, oldest=oldest)
    median, p90 = (ordered[(len(ordered) * percent + 99) // 100 - 1] for percent in (50, 90))
    return Spread(len(ordered), median, p90, waiting, oldest)
