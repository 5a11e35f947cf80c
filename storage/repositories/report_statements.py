"""The statements behind the desk's figures. Every one is bounded by an index on the time that it counts by."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Case,
    Column,
    ColumnElement,
    Executable,
    Float,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from bot.model.ids import first_id_at
from bot.model.reports import InNeed, Mark, Need, Span
from bot.model.tickets import SlaTarget
from bot.model.values import ACTIVE, ClosedReason, InboxState, OutboxState, TicketStatus
from storage.models.base import among
from storage.models.conversations import processing_steps as steps
from storage.models.knowledge import asked_questions as asked
from storage.models.ledger import INBOX_OPEN, INBOX_OVER, OUTBOX_OPEN, OUTBOX_OVER, inbox
from storage.models.public import public_posts
from storage.models.tickets import ticket_events, tickets

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_VOID = (ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED)
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

    def local(self, at: Column[datetime], span: Span, zone: ZoneInfo) -> ColumnElement[int]:
        """Seconds on the zone's clock on the wall, since it showed the beginning of 1970."""
        seconds: ColumnElement[int] = cast(func.strftime("%s", at), Integer)
        if not self._is_sqlite:
            seconds = cast(func.floor(func.extract("epoch", at)), Integer)
        first, *others = shifts(span, zone)
        return seconds + (case(*((at < until, offset) for until, offset in (first, *others))) if others else first[1])


def shifts(span: Span, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """The offsets from UTC within a span, in seconds, each with the time until which it holds."""
    found: list[tuple[datetime, int]] = []
    at, offset = span.since, _offset(span.since, zone)
    while at < span.until:
        later = min(at + _DAY, span.until)
        if (then := _offset(later, zone)) != offset:
            early, late = at, later
            while late - early > _SECOND:
                middle = early + (late - early) // (2 * _SECOND) * _SECOND
                early, late = (middle, late) if _offset(middle, zone) == offset else (early, middle)
            found.append((late, offset))
            offset = then
        at = later
    return [*found, (span.until, offset)]


def _offset(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def spread_of(values: Select[Any], *parts: str) -> Select[Any]:
    """Of a selection with a column `value`, and others to part it by: how many, and the nearest ranks at 50, 95 and 99
    percent."""
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

    figures = [func.max(at(percent)) for percent in (50, 95, 99)]
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


FATES = ("confirmed", "denied", "silent", "suggested", "lost", "unavailable", "problem", "human")


def questions(sql: Dialect, span: Span, zone: ZoneInfo) -> Executable:
    """Rows of: which part, its key as text, the place of the fate, whether something was shown, and how many."""
    outcome, confirmed = asked.c.outcome, asked.c.confirmed
    ticket = exists().where(tickets.c.question_id == asked.c.message_id)
    whens = (
        (or_(outcome == "escalated", ticket), "human"),
        (confirmed == true(), "confirmed"),
        (confirmed.is_not(None), "denied"),
        (outcome == "answered", "silent"),
        *((outcome == name, name) for name in ("suggested", "lost", "unavailable")),
    )
    fate = case(*((when, FATES.index(name)) for when, name in whens), else_=FATES.index("problem"))
    shown = case((or_(outcome == "answered", confirmed.is_not(None)), 1), else_=0)
    parts = {"categories": func.coalesce(asked.c.category, ""), "intents": asked.c.intent}
    chosen = (within(asked.c.asked_at, span), asked.c.origin == "chat")
    return _parted(sql.local(asked.c.asked_at, span, zone), parts, chosen, fate=fate, shown=shown)


def opened(sql: Dialect, span: Span, zone: ZoneInfo) -> Executable:
    """Rows of: which part, its key as text, and how many."""
    at = tickets.c.created_at
    parts = {name: tickets.c[column] for name, column in _TICKET_PARTS.items()}
    return _parted(sql.local(at, span, zone), parts, (within(at, span),))


_TICKET_PARTS = {"categories": "category", "intents": "intent", "because": "opened_because"}


def _parted(
    local: ColumnElement[int],
    parts: Mapping[str, ColumnElement[Any]],
    chosen: Iterable[ColumnElement[bool]],
    **figures: ColumnElement[Any],
) -> Executable:
    """One look at the rows, counted by each part, and by day and hour of the local time."""
    columns: dict[str, ColumnElement[Any]] = {"hour": local // 3600, **parts, **figures}
    seen = select(*(column.label(name) for name, column in columns.items())).where(*chosen)
    rows = seen.cte("seen").prefix_with("MATERIALIZED")
    keys = {"days": rows.c.hour // 24, "hours": rows.c.hour % 24, **{name: rows.c[name] for name in parts}}
    counted_by = []
    for name, key in keys.items():
        each = [rows.c[figure] for figure in figures]
        many = select(key.label("key"), *each, func.count().label("many")).group_by(key, *each).subquery()
        chosen_figures = [many.c[figure] for figure in figures]
        counted_by.append(select(literal(name), cast(many.c.key, Text), *chosen_figures, many.c.many))
    return union_all(*counted_by)


def day_of(key: str) -> date:
    return date(1970, 1, 1) + int(key) * _DAY


def counted(span: Span) -> tuple[ColumnElement[bool], ...]:
    """Tickets that times and promises are taken of."""
    reason = tickets.c.closed_reason
    return within(tickets.c.created_at, span), or_(reason.is_(None), reason.not_in(_VOID))


def reopened_in(span: Span) -> ColumnElement[bool]:
    return and_(among(ticket_events.c.kind, "reopened"), within(ticket_events.c.at, span))


def promised(span: Span) -> Executable:
    """How many tickets share each fate of their promises, and whether they are being worked on."""
    fate, is_active = tickets.c.sla_fate, tickets.c.status.in_(ACTIVE).label("is_active")
    return select(fate, is_active, func.count()).where(*counted(span)).group_by(fate, is_active)


def funnel(span: Span) -> Executable:
    """One row, in the order of Funnel's fields."""
    post, reason = public_posts.c, tickets.c.closed_reason
    settled = or_(tickets.c.status == TicketStatus.RESOLVED, reason.in_((ClosedReason.CONFIRMED, ClosedReason.SILENT)))
    return (
        select(
            func.count(post.id),
            how_many(post.complaint == true()),
            how_many(post.held_at.is_not(None)),
            how_many(and_(post.held_at.is_not(None), post.state.in_(("approved", "answered")))),
            how_many(post.replied_at.is_not(None)),
            how_many(post.opened_at.is_not(None)),
            how_many(post.verified_at.is_not(None)),
            func.count(post.ticket_id.distinct()),
            func.count(case((settled, post.ticket_id)).distinct()),
        )
        .select_from(public_posts.outerjoin(tickets, tickets.c.id == post.ticket_id))
        .where(within(post.seen_at, span))
    )


def still_promised(span: Span) -> Executable:
    """The promises that may be overdue by now."""
    return select(tickets.c.sla).where(*counted(span), tickets.c.status.in_(ACTIVE), tickets.c.sla_fate.contains("o"))


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
