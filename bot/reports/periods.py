"""Periods: whole days of the desk's own zone, and what they are compared with."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.reports import Span

WEEK, MONTH = 7, 30  # days that "week" and "month" go back, today included
MOST_DAYS = 3700
DAY = timedelta(days=1)
_WORDS = {
    "today": 1, "aujourd'hui": 1, "aujourd’hui": 1, "jour": 1, "day": 1,
    "week": WEEK, "semaine": WEEK, "month": MONTH, "mois": MONTH, "year": 365, "an": 365, "année": 365, "annee": 365,
}  # fmt: skip
_YESTERDAY = ("yesterday", "hier")
_SPAN = re.compile(r"(\d{1,4})[dj]")
_YEAR, _MONTH, _WEEK = re.compile(r"(\d{4})"), re.compile(r"(\d{4})-(\d{1,2})"), re.compile(r"(\d{4})-[ws](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of `first` to the end of `last`. `earlier` is the first day of the period before, which ends
    where this one begins."""

    first: date
    last: date
    earlier: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.earlier.year == date.min.year or self.last.year == date.max.year:
            raise ValueError("the calendar ends there")

    @property
    def span(self) -> Span:
        return Span(midnight(self.first, self.zone), midnight(self.last + DAY, self.zone))

    def before(self, now: datetime) -> Span:
        """The period before. Of a period that is not over yet, it goes to the same day and time on the clock: half a
        week is compared with half a week."""
        start, end = midnight(self.earlier, self.zone), midnight(self.first, self.zone)
        if now >= self.span.until:
            return Span(start, end)
        here = now.astimezone(self.zone).replace(tzinfo=None)
        passed = max(here - datetime.combine(self.first, time.min), timedelta())
        until = (datetime.combine(self.earlier, time.min) + passed).replace(tzinfo=self.zone).astimezone(UTC)
        return Span(start, min(until, end))

    def days(self, now: datetime) -> list[date]:
        """Those that have begun."""
        last = min(self.last, now.astimezone(self.zone).date())
        return [self.first + n * DAY for n in range((last - self.first).days + 1)]

    def day(self, day: date) -> Span:
        """23 or 25 hours, where the clocks are changed."""
        return Span(midnight(day, self.zone), midnight(day + DAY, self.zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def between(first: date, last: date, zone: ZoneInfo) -> Period:
    """Both included; the period before has as many days. Raises ValueError where `last` comes first, or too late, and
    at the ends of the calendar."""
    many = (last - first).days + 1
    if not 1 <= many <= MOST_DAYS:
        raise ValueError(f"a period has 1 to {MOST_DAYS} days")
    try:
        return Period(first, last, first - many * DAY, zone)
    except OverflowError as error:
        raise ValueError("the calendar ends there") from error


def named(word: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period that a word means: week, month, 30d, 2026-11, 2026-W47, 2026-11-21, 2026. None for any other.

    `week` and `month` are the last days, today included; what a calendar names is whole.
    """
    word, today = word.strip().lower(), now.astimezone(zone).date()
    many = _WORDS.get(word) or (int(match[1]) if (match := _SPAN.fullmatch(word)) else None)
    try:
        if many is not None:
            return between(today - (many - 1) * DAY, today, zone)
        if word in _YESTERDAY:
            return between(today - DAY, today - DAY, zone)
        if match := _WEEK.fullmatch(word):
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            return between(monday, monday + 6 * DAY, zone)
        if match := _MONTH.fullmatch(word):
            first = date(int(match[1]), int(match[2]), 1)
            last = (first + 31 * DAY).replace(day=1) - DAY
            return Period(first, last, (first - DAY).replace(day=1), zone)
        if match := _YEAR.fullmatch(word):
            year = int(match[1])
            return Period(date(year, 1, 1), date(year, 12, 31), date(year - 1, 1, 1), zone)
        day = date.fromisoformat(word)
        return between(day, day, zone)
    except (ValueError, OverflowError):
        return None
