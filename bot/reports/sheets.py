"""The figures of a period as tables of words: what a chat, a page and a terminal show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.model.reports import Spread
from bot.model.tickets import SlaKind
from bot.reports.figures import Figures, Slice, automation, escalation, kept
from bot.reports.periods import DAY
from bot.reports.shares import Share, net_promoters, p90_of, response, satisfied
from bot.reports.wording import NOTHING, Wording

SLA_KINDS: tuple[SlaKind, ...] = ("acknowledge", "first_contact", "resolution")
# Each step of what comes of posts heard in public, and the one that it is a share of.
FUNNEL = (
    ("seen", None), ("complaints", "seen"), ("held", "seen"), ("approved", "held"), ("sent", "seen"),
    ("opened", "sent"), ("verified", "opened"), ("tickets", "seen"), ("resolved", "tickets"),
)  # fmt: skip
FATES = ("confirmed", "silent", "denied", "suggested", "lost", "unavailable", "problem", "human")
ENDS = ("confirmed", "silent", "reopened", "unconfirmed", "not_a_request", "merged", "cancelled")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` has the heading of each cell; the first cell of a row says what it is about."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def overview(now: Figures, before: Figures, say: Wording, names: Mapping[UUID, str]) -> list[Sheet]:
    """Every table of the work view. `names`: of the technicians whose figures there are."""
    sheets = [make(now, before, say) for make in (questions, tickets, times, promises, lateness, ratings, funnel)]
    sheets.append(_sliced("stats.by_day", {say.day(day): one for day, one in now.days.items()}, say))
    sheets.append(_sliced("stats.by_category", {say.category(slug): one for slug, one in now.categories.items()}, say))
    sheets.append(_sliced("stats.by_intent", {_intent(name, say): one for name, one in now.intents.items()}, say))
    busy = {f"{hour:02}–{(hour + 1) % 24:02} h": one for hour, one in now.hours.items()}
    sheets.append(_sliced("stats.by_hour", {hour: one for hour, one in busy.items() if one != Slice()}, say))
    if now.technicians:
        sheets.append(technicians(now, say, names))
    return [sheet for sheet in sheets if sheet.rows]


def title(now: Figures, before: Figures, say: Wording) -> str:
    """Which days, and which they are compared with."""
    return say("stats.title", period=_days(now, say), before=_days(before, say))


def questions(now: Figures, before: Figures, say: Wording) -> Sheet:
    this, last = now.questions, before.questions
    rows = [
        _count("stats.asked", this.asked, last.asked, say),
        _count("stats.answered", this.answered, last.answered, say),
        _share("stats.automation", automation(this), automation(last), say),
        _share("stats.escalation", escalation(this), escalation(last), say),
    ]
    for fate in FATES:
        part, was = getattr(this, fate), getattr(last, fate)
        if part or was or fate in ("confirmed", "silent", "denied"):
            rows.append(_count(f"stats.fate.{fate}", part, was, say))
    return _compared("stats.questions", rows, say)


def tickets(now: Figures, before: Figures, say: Wording) -> Sheet:
    this, last = now.tickets, before.tickets
    rows = [_count("stats.opened", this.opened, last.opened, say)]
    rows += [_count("stats.unasked", this.unasked, last.unasked, say)] if this.unasked or last.unasked else []
    for end in ENDS:
        rows.append(_count(f"stats.end.{end}", getattr(this, end), getattr(last, end), say))
        if end == "silent" and (this.again or last.again):
            rows.append(_count("stats.end.again", this.again, last.again, say))
    return _compared("stats.tickets", rows, say)


def times(now: Figures, before: Figures, say: Wording) -> Sheet:
    rows = tuple(
        (
            say(f"stats.time.{mark}"),
            say.duration(spread.median),
            say.duration(p90_of(spread)),
            say.number(spread.count),
            _waiting(spread, say),
            say.duration(before.times[mark].median),
        )
        for mark, spread in now.times.items()
        if spread.count or spread.waiting
    )
    columns = ("what", "median", "p90", "count", "waiting", "median_before")
    return Sheet(say("stats.times"), _headings(columns, say), rows)


def promises(now: Figures, before: Figures, say: Wording) -> Sheet:
    rows = tuple(
        (
            say(f"stats.promise.{kind}"),
            say.short(kept(promise)),
            say.number(promise.late),
            say.number(promise.open),
            say.points(kept(promise), kept(before.promises[kind])) if kind in before.promises else NOTHING,
        )
        for kind in SLA_KINDS
        if (promise := now.promises.get(kind))
    )
    return Sheet(say("stats.promises"), _headings(("what", "kept", "late", "still_open", "change"), say), rows)


def lateness(now: Figures, before: Figures, say: Wording) -> Sheet:
    """How late the desk itself was."""
    late = now.lateness
    figures = (say.number(late.total), *(say.duration(figure) for figure in (late.p50, late.p99, late.longest)))
    rows = ((say("stats.notices"), *figures),) if late.total else ()
    return Sheet(say("stats.lateness"), _headings(("what", "count", "median", "p99", "longest"), say), rows)


def ratings(now: Figures, before: Figures, say: Wording) -> Sheet:
    rows = []
    if csat := now.ratings.get("csat"):
        share = satisfied(csat)
        text = say.share(share)
        if share.range:
            low, high = map(say.percent, share.range)
            text = say("stats.estimated", text=text, low=low, high=high)
        was = satisfied(before.ratings["csat"]) if "csat" in before.ratings else Share(0, 0)
        rows.append((say("stats.csat"), text, say.share(response(csat)), say.points(share, was)))
    if nps := now.ratings.get("nps"):
        points = net_promoters(nps)
        text = (
            say("stats.nps_few", count=nps.answered)
            if points is None
            else say("stats.nps_points", points=round(points))
        )
        rows.append((say("stats.nps"), text, say.share(response(nps)), NOTHING))
    return Sheet(say("stats.ratings"), _headings(("what", "value", "response", "change"), say), tuple(rows))


def funnel(now: Figures, before: Figures, say: Wording) -> Sheet:
    """What came of posts heard in public; no rows where none were."""
    this, last, rows = now.funnel, before.funnel, []
    for step, whole in FUNNEL if this.seen or last.seen else ():
        part = getattr(this, step)
        share = say.short(Share(part, getattr(this, whole))) if whole else NOTHING
        rows.append((say(f"stats.funnel.{step}"), say.number(part), share, say.change(part, getattr(last, step))))
    return Sheet(say("stats.funnel"), _headings(("what", "value", "share", "change"), say), tuple(rows))


def technicians(now: Figures, say: Wording, names: Mapping[UUID, str]) -> Sheet:
    rows = tuple(
        (
            names.get(one.technician_id, "?"),
            say.number(one.opened),
            say.number(one.confirmed),
            say.number(one.silent),
            say.number(one.reopened),
            say.duration(one.claim.median),
            say.duration(one.resolution.median),
        )
        for one in now.technicians
    )
    columns = ("what", "held", "confirmed", "silent", "reopened", "claim", "resolution")
    return Sheet(say("stats.by_technician"), _headings(columns, say), rows)


def notes(now: Figures, say: Wording) -> list[str]:
    """What the words mean, and what is only estimated."""
    keys = ["questions", "silence", "tickets", "times", "promises", "shares"]
    keys += ["estimated"] if now.ratings else []
    keys += ["funnel"] if now.funnel.seen else []
    return [say(f"stats.note.{key}") for key in keys]


def _sliced(name: str, slices: Mapping[str, Slice], say: Wording) -> Sheet:
    columns = ("what", "asked", "automation", "silent", "escalation", "opened")
    return Sheet(say(name), _headings(columns, say), tuple(_slice(label, one, say) for label, one in slices.items()))


def _slice(label: str, one: Slice, say: Wording) -> tuple[str, ...]:
    asked = one.questions
    shares = say.short(automation(asked)), say.number(asked.silent), say.short(escalation(asked))
    return (label, say.number(asked.asked), *shares, say.number(one.opened))


def _intent(name: str, say: Wording) -> str:
    return say(f"stats.intent.{name}")


def _headings(columns: Iterable[str], say: Wording) -> tuple[str, ...]:
    return tuple("" if column in ("what", "value") else say(f"stats.column.{column}") for column in columns)


def _compared(name: str, rows: list[tuple[str, str, str]], say: Wording) -> Sheet:
    return Sheet(say(name), _headings(("what", "value", "change"), say), tuple(rows))


def _count(key: str, now: int, before: int, say: Wording) -> tuple[str, str, str]:
    return say(key), say.number(now), say.change(now, before)


def _share(key: str, now: Share, before: Share, say: Wording) -> tuple[str, str, str]:
    return say(key), say.share(now), say.points(now, before)


def _waiting(spread: Spread, say: Wording) -> str:
    if not spread.waiting or spread.oldest is None:
        return say.number(spread.waiting)
    return say("stats.waiting_since", count=say.number(spread.waiting), since=say.moment(spread.oldest))


def _days(figures: Figures, say: Wording) -> str:
    """1 – 7 Nov 2026. What is over in the middle of a day says at what time."""
    first, until = figures.span.since.astimezone(say.zone), figures.span.until.astimezone(say.zone)
    last = until.date() - DAY if _is_midnight(until) else until.date()
    if not _is_midnight(until):
        return say("stats.days_until", first=say.date(first.date()), moment=say.moment(figures.span.until))
    if first.date() == last:
        return say.date(last)
    return say("stats.days", first=say.date(first.date()), last=say.date(last))


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)
