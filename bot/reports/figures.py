"""The figures of a period, put together from what the database added up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from bot.model.lateness import Lateness
from bot.model.reports import (
    Funnel,
    Handled,
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
from bot.ports.reports import Reports
from bot.reports.periods import Period
from bot.reports.shares import Share

K = TypeVar("K")
MOST_STEP_DAYS = 62  # days whose steps are told apart; of a longer period, the last


@dataclass(frozen=True, slots=True)
class Slice:
    """Questions that were asked and tickets that were opened in one part of a period, or about one thing."""

    questions: Questions = field(default_factory=Questions)
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """`days` has each day that has begun, `hours` the 24 hours of the clock on the wall."""

    span: Span
    days: dict[date, Slice]
    hours: dict[int, Slice]
    categories: dict[str, Slice]
    intents: dict[str, Slice]
    because: dict[str, int]
    tickets: TicketCounts
    times: dict[Mark, Spread]
    promises: dict[SlaKind, Promises]
    lateness: Lateness
    ratings: dict[Literal["csat", "nps"], Ratings]
    funnel: Funnel = field(default_factory=Funnel)
    technicians: tuple[TechnicianWork, ...] = ()  # those with the most tickets first; only where they may be shown

    @property
    def questions(self) -> Questions:
        return sum((each.questions for each in self.hours.values()), Questions())

    @property
    def is_empty(self) -> bool:
        """Nothing was asked, opened, ended, rated or heard in public."""
        is_silent = not self.questions.asked and not self.funnel.seen
        return is_silent and self.tickets == TicketCounts() and not self.ratings


@dataclass(frozen=True, slots=True)
class DayOfPipeline:
    day: date
    questions: Questions
    handled: Handled
    steps: tuple[StepTimes, ...]


def automation(questions: Questions) -> Share:
    """Questions whose answer the asker confirmed, and no human was needed. Silence is no success."""
    return Share(questions.confirmed, questions.asked)


def escalation(questions: Questions) -> Share:
    """Questions that a ticket came of."""
    return Share(questions.human, questions.asked)


def kept(promises: Promises) -> Share:
    """What is still open is neither kept nor late."""
    return Share(promises.kept, promises.kept + promises.late)


async def figures_of(
    reports: Reports, span: Span, now: datetime, zone: ZoneInfo, *, days: list[date], technicians: bool = False
) -> Figures:
    """`technicians`: only for who may read how each of them does."""
    asked, opened = await reports.questions(span, zone), await reports.opened(span, zone)
    work = await reports.technicians(span) if technicians else []
    return Figures(
        span=span,
        days=_sliced(asked.days, opened.days, days),
        hours=_sliced(asked.hours, opened.hours, range(24)),
        categories=_most_first(_sliced(asked.categories, opened.categories)),
        intents=_most_first(_sliced(asked.intents, opened.intents)),
        because=dict(sorted(opened.because.items(), key=lambda item: (-item[1], item[0]))),
        tickets=await reports.tickets(span),
        times=await reports.times(span),
        promises=await reports.promises(span, now),
        lateness=await reports.lateness(span),
        ratings=await reports.ratings(span),
        funnel=await reports.funnel(span),
        technicians=tuple(sorted(work, key=lambda one: (-one.opened, -one.confirmed, str(one.technician_id)))),
    )


async def compared(
    reports: Reports, period: Period, now: datetime, *, technicians: bool = False
) -> tuple[Figures, Figures]:
    """A period, and the one before."""
    days = period.days(now)
    found = await figures_of(reports, period.span, now, period.zone, days=days, technicians=technicians)
    before = period.before(now)
    return found, await figures_of(reports, before, now, period.zone, days=[])


async def pipeline(reports: Reports, period: Period, now: datetime) -> list[DayOfPipeline]:
    """The latest days of a period, in order."""
    days = period.days(now)[-MOST_STEP_DAYS:]
    if not days:
        return []
    whole = Span(period.day(days[0]).since, period.day(days[-1]).until)
    asked = (await reports.questions(whole, period.zone)).days
    spans = [period.day(day) for day in days]
    handled, steps = await reports.handled(spans), await reports.steps(spans)
    return [
        DayOfPipeline(day, asked.get(day, Questions()), events, tuple(took))
        for day, events, took in zip(days, handled, steps, strict=True)
    ]


def _sliced(asked: Mapping[K, Questions], opened: Mapping[K, int], first: Iterable[K] = ()) -> dict[K, Slice]:
    """With the keys of `first` in any case, and in that order."""
    keys = dict.fromkeys((*first, *asked, *opened))
    return {key: Slice(asked.get(key, Questions()), opened.get(key, 0)) for key in keys}


def _most_first(slices: dict[str, Slice]) -> dict[str, Slice]:
    ordered = sorted(slices, key=lambda key: (-slices[key].questions.asked, -slices[key].opened, key))
    return {key: slices[key] for key in ordered}
