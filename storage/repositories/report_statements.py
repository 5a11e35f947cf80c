"""The statements behind the desk's figures. Every one is bounded by an index on the time that it counts by."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Case,
    Column,
    ColumnElement,
    DateTime,
    Executable,
    Float,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from bot.model.ids import first_id_at
from bot.model.reports import InNeed, Mark, Need, Span
from bot.model.tickets import SlaTarget
from bot.model.values import ClosedReason, InboxState, OutboxState, TicketStatus
from storage.models.base import among
from storage.models.conversations import processing_steps as steps
from storage.models.knowledge import asked_questions as asked
from storage.models.ledger import INBOX_OPEN, INBOX_OVER, OUTBOX_OPEN, OUTBOX_OVER, inbox
from storage.models.tickets import ticket_events, tickets

_QUARTER = 900  # seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VOID = (ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED)
ACTIVE = (TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.WAITING)
LAST_WORDS = ("detail_added", "replied", "waiting", "claimed", "reopened")  # which tell whose turn it is


def within(column: Column[datetime], span: Span) -> ColumnElement[bool]:
    return and_(column >= span.since, column < span.until)


def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


class Dialect:
    """What the two databases write differently."""

    def __init__(self, dialect: str) -> None:
        self._is_sqlite = dialect == "sqlite"

    def seconds(self, start: Column[datetime], end: ColumnElement[Any]) -> ColumnElement[float]:
        """To the millisecond on SQLite."""
        if self._is_sqlite:
            return (func.julianday(end, type_=Float) - func.julianday(start, type_=Float)) * 86400.0
        return cast(func.extract("epoch", end - start), Float)

    def quarter(self, at: Column[datetime]) -> ColumnElement[int]:
        """Quarters of an hour since the epoch."""
        if self._is_sqlite:
            return cast(func.strftime("%s", at), Integer) // _QUARTER
        return cast(func.floor(func.extract("epoch", at) / _QUARTER), Integer)

    def members(self, of: Column[Any]) -> tuple[Any, ColumnElement[Any]]:
        """A table of the members of a JSON list, and its column."""
        if self._is_sqlite:
            listed = func.json_each(of).table_valued("value", name="member")
            return listed, listed.c.value
        listed = func.json_array_elements(cast(of, JSON)).table_valued("value", name="member")
        return listed, listed.c.value

    def text_of(self, member: ColumnElement[Any], key: str) -> ColumnElement[str]:
        """None where the member has none."""
        if self._is_sqlite:
            return func.json_extract(member, f"$.{key}")
        return func.json_extract_path_text(member, key)

    def number_of(self, member: ColumnElement[Any], key: str) -> ColumnElement[float]:
        return cast(self.text_of(member, key), Float)

    def moment_of(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        """A time of a JSON value, to be compared with others and with `moment`."""
        return func.julianday(text) if self._is_sqlite else cast(text, DateTime(timezone=True))

    def moment(self, at: datetime) -> ColumnElement[Any]:
        return self.moment_of(literal(at.astimezone(UTC).isoformat()))


def spread_of(values: Select[Any], *parts: str) -> Select[Any]:
    """Of a selection with a column `value`, and others to part it by: how many, and the nearest ranks at 50, 90 and
    95 percent."""
    rows = values.subquery()
    by = [rows.c[name] for name in parts]
    ranked = select(
        *by,
        rows.c.value,
        func.row_number().over(partition_by=by or None, order_by=rows.c.value).label("place"),
        func.count().over(partition_by=by or None).label("total"),
    ).subquery()

    def at(percent: int) -> Case[Any]:
        return case((ranked.c.place == (ranked.c.total * percent + 99) // 100, ranked.c.value))

    figures = [func.max(at(percent)) for percent in (50, 90, 95)]
    kept = [ranked.c[name] for name in parts]
    return select(*kept, func.max(ranked.c.total), *figures).group_by(*kept)


# Of each ledger: the states that are shown, and the group whose index finds them.
INBOX_SHOWN: tuple[tuple[InboxState, tuple[str, ...]], ...] = (
    (InboxState.RECEIVED, INBOX_OPEN),
    (InboxState.PROCESSING, INBOX_OPEN),
    (InboxState.DEAD, INBOX_OVER),
)
OUTBOX_SHOWN: tuple[tuple[OutboxState, tuple[str, ...]], ...] = (
    (OutboxState.PENDING, OUTBOX_OPEN),
    (OutboxState.SENDING, OUTBOX_OPEN),
    (OutboxState.UNKNOWN, OUTBOX_OPEN),
    (OutboxState.FAILED, OUTBOX_OVER),
)
MARKS: dict[Mark, ColumnElement[Any]] = {
    "claim": tickets.c.claimed_at,
    "contact": func.coalesce(tickets.c.first_reply_at, tickets.c.resolved_at),
    "resolution": tickets.c.resolved_at,
}


def waiting(mark: ColumnElement[Any]) -> ColumnElement[Any]:
    """Since when a ticket waits for what is not there yet."""
    return case((mark.is_(None), tickets.c.created_at))


def questions_by(key: ColumnElement[Any], span: Span) -> Select[Any]:
    ticket = exists().where(tickets.c.question_id == asked.c.message_id)
    outcome, confirmed = asked.c.outcome, asked.c.confirmed
    seen = (
        select(
            key.label("key"),
            outcome,
            confirmed,
            or_(outcome == "escalated", ticket).label("human"),
        )
        .where(within(asked.c.asked_at, span), asked.c.origin == "chat")
        .subquery()
    )
    alone, unsaid = ~seen.c.human, seen.c.confirmed.is_(None)
    silent = {"silent": "answered", "suggested": "suggested", "lost": "lost", "unavailable": "unavailable"}
    return select(
        seen.c.key,
        how_many(and_(alone, seen.c.confirmed == true())),
        how_many(and_(alone, seen.c.confirmed.is_not(None), seen.c.confirmed != true())),
        *(how_many(and_(alone, unsaid, seen.c.outcome == of)) for of in (*silent.values(), "problem")),
        how_many(seen.c.human),
        how_many(or_(seen.c.outcome == "answered", seen.c.confirmed.is_not(None))),
    ).group_by(seen.c.key)


def opened_by(key: ColumnElement[Any], span: Span) -> Select[Any]:
    key = key.label("key")
    return select(key, func.count()).where(within(tickets.c.created_at, span)).group_by(key)


def counted(span: Span) -> tuple[ColumnElement[bool], ...]:
    """Tickets that times and promises are taken of."""
    reason = tickets.c.closed_reason
    return within(tickets.c.created_at, span), or_(reason.is_(None), reason.not_in(_VOID))


def reopened_in(span: Span) -> ColumnElement[bool]:
    return and_(among(ticket_events.c.kind, "reopened"), within(ticket_events.c.at, span))


def start_of(quarter: int) -> datetime:
    return _EPOCH + timedelta(seconds=int(quarter) * _QUARTER)


def promised(sql: Dialect, span: Span, now: datetime) -> Executable:
    """What is promised of a ticket that is over and was never late counts in nothing."""
    listed, member = sql.members(tickets.c.sla)
    met, due = sql.text_of(member, "met_at"), sql.text_of(member, "due_at")
    met_at, due_at = sql.moment_of(met), sql.moment_of(due)
    broken = or_(sql.number_of(member, "stage") > 1, sql.number_of(member, "left") < 0, due_at < sql.moment(now))
    late = func.coalesce(or_(met_at > due_at, and_(met.is_(None), broken)), false())
    kept = and_(met.is_not(None), ~late)
    still = and_(met.is_(None), ~late, tickets.c.status.in_(ACTIVE))
    kind = sql.text_of(member, "kind").label("kind")
    return (
        select(kind, how_many(kept), how_many(late), how_many(still))
        .select_from(tickets)
        .join(listed, true())
        .where(*counted(span))
        .group_by(kind)
    )


def active(now: datetime) -> Select[Any]:
    """Tickets that are being worked on and do not sleep, with who spoke last and when."""
    event, word = ticket_events.c, ticket_events.alias("word")
    last = (
        select(word.c.number)
        .where(word.c.ticket_id == tickets.c.id, word.c.kind.in_(LAST_WORDS))
        .order_by(word.c.number.desc())
        .limit(1)
        .correlate(tickets)
        .scalar_subquery()
    )
    return (
        select(tickets, event.kind.label("last_kind"), event.at.label("last_at"))
        .select_from(tickets)
        .outerjoin(ticket_events, event.number == last)
        .where(tickets.c.status.in_(ACTIVE), or_(tickets.c.snoozed_until == null(), tickets.c.snoozed_until <= now))
    )


def in_need(row: Any, now: datetime) -> InNeed | None:
    due_at = min((target.due_at for target in _unmet(row.sla) if target.due_at), default=None)
    needs: list[Need] = ["overdue"] if due_at is not None and due_at < now else []
    since = row.created_at
    if row.status is TicketStatus.OPEN:
        needs.append("reopened" if row.reopened else "unclaimed")
        since = row.last_at if row.last_kind == "reopened" else since
    elif row.status is TicketStatus.IN_PROGRESS and row.last_kind == "detail_added":
        needs.append("answered")
        since = row.last_at
    if not needs:
        return None
    return InNeed(
        reference=f"T{row.number}",
        title=row.title,
        category=row.category,
        priority=row.priority,
        status=row.status,
        assignee_id=row.assignee_id,
        needs=tuple(needs),
        since=since,
        due_at=due_at,
    )


def _unmet(targets: Iterable[SlaTarget]) -> Iterable[SlaTarget]:
    return (target for target in targets if target.met_at is None)


def longest_due(one: InNeed) -> tuple[bool, datetime, datetime, str]:
    return one.due_at is None, one.due_at or one.since, one.since, one.reference


def steps_of(span: Span) -> Select[Any]:
    """By the time in the message's id, which is when its event was stored."""
    column = steps.c.message_id
    mine = select(steps.c.step.label("step"), steps.c.ms.label("value")).where(
        column >= first_id_at(span.since), column < first_id_at(span.until)
    )
    return spread_of(mine, "step")


def made(span: Span) -> ColumnElement[bool]:
    """Events of a span. What the desk itself has posted, and only its key is known of, was never taken up."""
    return and_(inbox.c.id >= first_id_at(span.since), inbox.c.id < first_id_at(span.until))


def received(span: Span) -> Executable:
    is_open = inbox.c.state.in_((InboxState.RECEIVED, InboxState.PROCESSING))
    return select(func.count(), how_many(inbox.c.failures > 0), how_many(inbox.c.state == InboxState.DEAD)).where(
        made(span), or_(inbox.c.attempt > 0, is_open)
    )
