"""What a digest is made of, read from the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.digest.quoting import Quotes
from bot.engine.services import Services
from bot.gaps import Gap, current_gaps, known_askers
from bot.model.ids import made_at
from bot.model.knowledge import AskedQuestion
from bot.model.public import PublicPost
from bot.model.reports import Failed, InNeed, Span
from bot.ports.storage import UnitOfWork
from bot.reports.figures import Figures, figures_of
from bot.reports.periods import DAY, midnight

Kind = Literal["daily", "weekly"]
WEEK = 7
SHOWN = 20  # tickets, replies and rows that are listed; how many there are is said
THEMES = 10  # what was asked most
MOST = 5000  # questions and other records that are looked at, the newest
LONGEST_AGO = timedelta(days=7)  # since when what failed is told, whatever the digest's days


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of the lead's zone, the first and the last included; and the same days of the week, before."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def all(self) -> list[date]:
        return [self.first + ahead * DAY for ahead in range((self.last - self.first).days + 1)]

    @property
    def span(self) -> Span:
        return Span(midnight(self.first, self.zone), midnight(self.last + DAY, self.zone))

    @property
    def before(self) -> "Days":
        back = -(-len(self.all) // WEEK) * WEEK * DAY
        return Days(self.first - back, self.last - back, self.zone)

    @property
    def week(self) -> "Days":
        """The seven that end with these."""
        return Days(self.last - (WEEK - 1) * DAY, self.last, self.zone)


@dataclass(frozen=True, slots=True)
class Bars:
    """A number for each of some days, and for the same days a week before."""

    days: tuple[date, ...]
    now: tuple[int, ...]
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Late:
    ticket: InNeed
    title: str  # masked


@dataclass(frozen=True, slots=True)
class Missing:
    """A group of questions that no article answers."""

    title: str  # masked
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that was asked more than once."""

    title: str  # masked
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """`write_ups`: the reference and the masked title of each that was approved."""

    write_ups: tuple[tuple[str, str], ...] = ()
    phrasings: int = 0
    articles: int = 0  # gaps for which one was written

    def __bool__(self) -> bool:
        return bool(self.write_ups or self.phrasings or self.articles)


@dataclass(frozen=True, slots=True)
class Digest:
    kind: Kind
    days: Days
    at: datetime
    this: Figures
    before: Figures
    asked: Bars  # questions of the week that ends with these days
    opened: Bars  # tickets, the same
    late: tuple[Late, ...]  # the first of them, the longest late first
    late_count: int
    waiting: int  # that need a human and are not late
    gaps: tuple[Missing, ...]  # the most asked first
    gaps_count: int
    held: tuple[PublicPost, ...]  # the longest waiting first
    drafts: int  # write-ups that nobody has reviewed
    stuck: tuple[Failed, ...]  # the latest first
    themes: tuple[Theme, ...]  # the most asked first
    learnt: Learnt

    @property
    def has_work(self) -> bool:
        """Whether there is anything for somebody to do."""
        counts = (self.late_count, self.waiting, self.gaps_count, self.drafts)
        return any(counts) or bool(self.held or self.stuck)

    @property
    def is_quiet(self) -> bool:
        return self.this.is_empty and not self.has_work and not self.learnt


async def gather(uow: UnitOfWork, services: Services, kind: Kind, days: Days, now: datetime) -> Digest:
    """As things are now, with the figures of these days. Unanswered questions that belong to no group yet are given to
    one, in the unit of work."""
    reports, zone, quotes = uow.reports, days.zone, Quotes(uow, services.texts)
    before = days.before
    in_need = await reports.in_need(now)
    late = [one for one in in_need if "overdue" in one.needs]
    gaps = [gap for gap in await current_gaps(uow, services.grouper, now) if gap.needs_attention]
    asked, opened = await _bars(uow, days.week)
    since = min(days.span.since, now - LONGEST_AGO)
    return Digest(
        kind=kind,
        days=days,
        at=now,
        this=await figures_of(reports, days.span, now, zone, days=days.all),
        before=await figures_of(reports, before.span, now, zone, days=before.all),
        asked=asked,
        opened=opened,
        late=await _late(uow, quotes, late[:SHOWN]),
        late_count=len(late),
        waiting=len(in_need) - len(late),
        gaps=await _missing(uow, quotes, gaps[:SHOWN]),
        gaps_count=len(gaps),
        held=tuple(await uow.public.held(MOST)),
        drafts=len(await uow.tickets.written_up("draft", MOST)),
        stuck=tuple(one for one in await reports.failed(MOST) if one.since >= since),
        themes=await _themes(uow, services, quotes, days),
        learnt=await _learnt(uow, quotes, days.span),
    )


async def _bars(uow: UnitOfWork, week: Days) -> tuple[Bars, Bars]:
    asked, opened = [], []
    for days in (week, week.before):
        questions = (await uow.reports.questions(days.span, days.zone)).days
        tickets = (await uow.reports.opened(days.span, days.zone)).days
        asked.append(tuple(questions[day].asked if day in questions else 0 for day in days.all))
        opened.append(tuple(tickets.get(day, 0) for day in days.all))
    return Bars(tuple(week.all), *asked), Bars(tuple(week.all), *opened)


async def _late(uow: UnitOfWork, quotes: Quotes, late: Sequence[InNeed]) -> tuple[Late, ...]:
    found = []
    for one in late:
        ticket = await uow.tickets.by_number(int(one.reference.lstrip("T")))
        found.append(Late(one, await quotes(one.title, [ticket.asker_id] if ticket else ())))
    return tuple(found)


async def _missing(uow: UnitOfWork, quotes: Quotes, gaps: Sequence[Gap]) -> tuple[Missing, ...]:
    askers = await known_askers(uow.knowledge) if gaps else {}
    found = []
    for gap in gaps:
        people = [askers[one.message_id] for one in gap.questions if one.message_id in askers]
        last = max(question.asked_at for question in gap.questions)
        found.append(Missing(await quotes(gap.group.title, people), gap.count, last))
    return tuple(sorted(found, key=lambda one: -one.count))


async def _themes(uow: UnitOfWork, services: Services, quotes: Quotes, days: Days) -> tuple[Theme, ...]:
    """What was asked more than once in these days, in whatever words."""
    span, earlier = days.span, days.before.span
    asked = [
        one
        for one in await uow.knowledge.asked(origin="chat", limit=MOST)
        if one.text and (_within(one.asked_at, span) or _within(one.asked_at, earlier))
    ]
    grouping = await services.grouper.group([(one.text, one.language) for one in asked])
    groups: list[list[AskedQuestion]] = [[] for _ in grouping.titles]
    for question, place in zip(asked, grouping.group_of, strict=True):
        groups[place].append(question)
    counted = []
    for title, members in zip(grouping.titles, groups, strict=True):
        recent = [one for one in members if _within(one.asked_at, span)]
        if len(recent) > 1:
            counted.append((asked[title], recent, len(members) - len(recent)))
    counted.sort(key=lambda one: (-len(one[1]), one[0].text))
    found = []
    for title_of, recent, before in counted[:THEMES]:
        people = _askers([title_of, *recent])
        found.append(Theme(await quotes(title_of.text, people), len(recent), before))
    return tuple(found)


def _askers(questions: Sequence[AskedQuestion]) -> list[UUID]:
    return list(Counter(one.asker_id for one in questions if one.asker_id))


async def _learnt(uow: UnitOfWork, quotes: Quotes, span: Span) -> Learnt:
    approved = [
        one
        for one in await uow.tickets.written_up("approved", MOST)
        if one.reviewed_at is not None and _within(one.reviewed_at, span)
    ]
    phrasings = [one for one in await uow.knowledge.learnt_phrasings(MOST) if one.approved]
    groups = await uow.knowledge.gap_groups()
    return Learnt(
        tuple([(one.reference, await quotes(one.title or one.root_cause)) for one in approved]),
        sum(_within(made_at(one.id), span) for one in phrasings),
        sum(one.state == "written" and one.changed_at is not None and _within(one.changed_at, span) for one in groups),
    )


def _within(at: datetime, span: Span) -> bool:
    return span.since <= at < span.until
