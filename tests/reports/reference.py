"""The same figures by going through everything, one definition at a time."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any

from bot.model.knowledge import AskedQuestion
from bot.model.reports import Mark, Promises, Questions, Ratings, Span, Spread, TicketCounts
from bot.model.tickets import SlaKind, Ticket
from bot.model.values import ClosedReason, TicketStatus
from tests.reports.history import KINDS, History


def within(at: datetime | None, span: Span) -> bool:
    return at is not None and span.since <= at < span.until


def fate(question: AskedQuestion, history: History) -> str:
    tickets = [one for one in history.tickets if one.question_id and one.question_id == question.message_id]
    if tickets or question.outcome == "escalated":
        return "human"
    if question.confirmed is not None:
        return "confirmed" if question.confirmed else "denied"
    return "silent" if question.outcome == "answered" else question.outcome


def asked(history: History, span: Span) -> list[AskedQuestion]:
    return [one for one in history.questions if one.origin == "chat" and within(one.asked_at, span)]


def questions(history: History, chosen: Iterable[AskedQuestion]) -> Questions:
    chosen = list(chosen)
    fates = Counter(fate(one, history) for one in chosen)
    shown = sum(one.outcome == "answered" or one.confirmed is not None for one in chosen)
    return Questions(**fates, answered=shown)


def tickets(history: History, span: Span) -> TicketCounts:
    opened = [one for one in history.tickets if within(one.created_at, span)]
    closed = [one for one in history.tickets if one.status is TicketStatus.CLOSED and within(one.closed_at, span)]
    reasons = Counter(one.closed_reason for one in closed)
    back = {event.ticket_id for event in history.events if event.kind == "reopened" and within(event.at, span)}
    settled = [one for one in closed if one.closed_reason in (ClosedReason.CONFIRMED, ClosedReason.SILENT)]
    return TicketCounts(
        opened=len(opened),
        unasked=sum(one.question_id is None for one in opened),
        confirmed=reasons[ClosedReason.CONFIRMED],
        silent=reasons[ClosedReason.SILENT],
        reopened=len(back),
        again=sum(one.reopened > 0 for one in settled),
        unconfirmed=sum(
            one.status is TicketStatus.RESOLVED and within(one.resolved_at, span) for one in history.tickets
        ),
        not_a_request=reasons[ClosedReason.NOT_A_REQUEST],
        merged=reasons[ClosedReason.MERGED],
        cancelled=reasons[ClosedReason.CANCELLED],
    )


def counted(history: History, span: Span) -> list[Ticket]:
    void = (ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED)
    return [one for one in history.tickets if within(one.created_at, span) and one.closed_reason not in void]


def mark_of(ticket: Ticket, mark: Mark) -> datetime | None:
    if mark == "claim":
        return ticket.claimed_at
    if mark == "contact":
        return ticket.first_reply_at or ticket.resolved_at
    return ticket.resolved_at


def nearest_rank(values: Iterable[float], percent: int) -> float | None:
    ordered = sorted(values)
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None


def spread(chosen: list[Ticket], mark: Mark) -> Spread:
    took = [(at - one.created_at).total_seconds() for one in chosen if (at := mark_of(one, mark))]
    waiting = [one.created_at for one in chosen if one.is_active and mark_of(one, mark) is None]
    return Spread(len(took), nearest_rank(took, 50), nearest_rank(took, 90), len(waiting), min(waiting, default=None))


def promises(history: History, span: Span, now: datetime) -> dict[SlaKind, Promises]:
    found: dict[SlaKind, Promises] = {}
    for kind in KINDS:
        fates = Counter(
            promise_fate(target, ticket, now)
            for ticket in counted(history, span)
            for target in ticket.sla
            if target.kind == kind
        )
        if fates:
            found[kind] = Promises(fates["kept"], fates["late"], fates["open"])
    return found


def promise_fate(target: Any, ticket: Ticket, now: datetime) -> str:
    in_time = target.in_time
    if in_time is None and ticket.is_active and target.due_at is not None and target.due_at < now:
        in_time = False
    if in_time is None:
        return "open" if ticket.is_active else "nothing"
    return "kept" if in_time else "late"


def ratings(history: History, span: Span) -> dict[str, Ratings]:
    found = {}
    for kind in ("csat", "nps"):
        mine = [one for one in history.surveys if one.kind == kind and within(one.sent_at, span)]
        if mine:
            found[kind] = Ratings(len(mine), dict(Counter(one.score for one in mine if one.score is not None)))
    return found
