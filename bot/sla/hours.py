"""Business hours: how much of them passes between two moments, and when a number of seconds of them has passed.

An instant is business time if a clock on the wall, in the calendar's zone, shows a time within one of the weekday's
intervals and the day is no holiday. So an hour that a change to winter time repeats counts twice, and one that a change
to summer time leaves out counts not at all: what counts is the time that really passes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[int, int]  # seconds from midnight, the end not included
DAY = 24 * 3600
ALWAYS: tuple[tuple[Interval, ...], ...] = (((0, DAY),),) * 7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLION = 1_000_000
_BEFORE, _AFTER = timedelta(hours=15), timedelta(hours=37)  # around midnight: whatever offset a day begins or ends with
_MOST_YEARS = 100  # in which no business time passes, or too little


@dataclass(frozen=True, slots=True)
class _Year:
    """The stretches of business time in one year, in order, in microseconds since the epoch."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    passed: tuple[int, ...]  # since the year began, up to each end

    @property
    def total(self) -> int:
        return self.passed[-1] if self.passed else 0


def no_holidays(year: int) -> frozenset[date]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """`weekdays`: the intervals of Monday to Sunday, in order and apart from each other. `holidays_of` gives the days
    of a year on which nobody works. Raises ValueError if it would never be open, or an interval is none.

    A year is laid out once, when it is first asked for; then each answer is a search in a sorted list.
    """

    zone: ZoneInfo
    weekdays: tuple[tuple[Interval, ...], ...]
    holidays_of: Callable[[int], frozenset[date]] = no_holidays
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7 or not any(self.weekdays):
            raise ValueError("should be open on at least one day of the week")
        for intervals in self.weekdays:
            bounds = [bound for interval in intervals for bound in interval]
            if any(start >= end for start, end in intervals) or not all(0 <= bound <= DAY for bound in bounds):
                raise ValueError("should have intervals that end after they begin, within one day")
            if bounds != sorted(bounds):
                raise ValueError("should have intervals one after the other")

    def add(self, start: datetime, seconds: float) -> datetime:
        """The earliest instant at which `seconds` of business time have passed since `start`, in UTC; with a negative
        number, the earliest from which so many pass until `start`."""
        year = start.astimezone(self.zone).year
        wanted = self._passed(year, start) + round(seconds * _MILLION)
        last = year + _MOST_YEARS
        while wanted > (total := self._year(year).total):
            wanted -= total
            year += 1
            if year > last:
                raise OverflowError(f"{seconds:g} seconds of business time take more than {_MOST_YEARS} years")
        first = year - _MOST_YEARS
        while wanted <= 0:
            year -= 1
            wanted += self._year(year).total
            if year < first:
                raise OverflowError(f"{-seconds:g} seconds of business time take more than {_MOST_YEARS} years")
        laid = self._year(year)
        place = bisect_left(laid.passed, wanted)
        return _EPOCH + (laid.ends[place] - laid.passed[place] + wanted) * _MICROSECOND

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of business time from one moment to the other; negative if `end` is the earlier one."""
        if end < start:
            return -self.between(end, start)
        first, last = start.astimezone(self.zone).year, end.astimezone(self.zone).year
        whole = sum(self._year(year).total for year in range(first, last))
        return (whole + self._passed(last, end) - self._passed(first, start)) / _MILLION

    def is_workday(self, day: date) -> bool:
        """Whether there is any business time on a day of the zone."""
        return bool(self.weekdays[day.weekday()]) and day not in self.holidays_of(day.year)

    def is_open(self, at: datetime) -> bool:
        here = at.astimezone(self.zone)
        laid, moment = self._year(here.year), _micros(at)
        place = bisect_right(laid.starts, moment)
        return place > 0 and moment < laid.ends[place - 1]

    def _passed(self, year: int, at: datetime) -> int:
        """Business time since the year began."""
        laid, moment = self._year(year), _micros(at)
        place = bisect_right(laid.starts, moment)
        if place == 0:
            return 0
        return laid.passed[place - 1] - max(0, laid.ends[place - 1] - moment)

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            self._years[year] = self._laid_out(year)
        return self._years[year]

    def _laid_out(self, year: int) -> _Year:
        closed = self.holidays_of(year)
        day, stretches = date(year, 1, 1), list[tuple[int, int]]()
        while day.year == year:
            if (intervals := self.weekdays[day.weekday()]) and day not in closed:
                stretches += self._stretches(day, intervals)
            day += timedelta(days=1)
        passed, total = [], 0
        for start, end in stretches:
            total += end - start
            passed.append(total)
        return _Year(tuple(start for start, _ in stretches), tuple(end for _, end in stretches), tuple(passed))

    def _stretches(self, day: date, intervals: Sequence[Interval]) -> list[tuple[int, int]]:
        """When a day's intervals really are: two stretches each where the clocks are changed within them."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)  # as if the zone were UTC
        base, early, late = _micros(midnight), midnight - _BEFORE, midnight + _AFTER
        before, after = self._offset(early), self._offset(late)
        if before == after:
            return [(base + start * _MILLION - before, base + end * _MILLION - before) for start, end in intervals]
        changed = self._change(early, late)
        found = [
            stretch
            for start, end in intervals
            for stretch in (
                (base + start * _MILLION - before, min(base + end * _MILLION - before, changed)),
                (max(base + start * _MILLION - after, changed), base + end * _MILLION - after),
            )
            if stretch[0] < stretch[1]
        ]
        return sorted(found)

    def _offset(self, at: datetime) -> int:
        offset = at.astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // _MICROSECOND

    def _change(self, early: datetime, late: datetime) -> int:
        """When the clocks are changed, to the second."""
        before = self._offset(early)
        while late - early > timedelta(seconds=1):
            middle = early + (late - early) // timedelta(seconds=2) * timedelta(seconds=1)
            early, late = (middle, late) if self._offset(middle) == before else (early, middle)
        return _micros(late)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
