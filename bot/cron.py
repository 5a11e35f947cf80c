"""Times of a clock on the wall, written as crontab does: minute, hour, day of the month, month, day of the week.

Lists, spans, steps and English names: `0 9 * * mon-fri`, `30 8 1,15 * *`. Days of the week count from Sunday, which is
0 or 7. Where both kinds of days are given either will do, as everywhere. Simpler: `09:00`, `mon 09:00`.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_YEAR = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(?:([a-z,-]+)\s+)?(\d{1,2}):(\d{2})")
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")
_LOOKED = 8 * 366  # days: a 29 February may be that far
_SOME_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class CronExpression:
    """`weekdays`: 0 is Monday. `either`: whether a day need only be one of the two kinds."""

    text: str
    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    @classmethod
    def of(cls, text: str) -> "CronExpression":
        """Raises ValueError for what is none, and for a time that never comes."""
        written = " ".join(text.lower().split())
        if clock := _CLOCK.fullmatch(written):
            written = f"{int(clock[3])} {int(clock[2])} * * {clock[1] or '*'}"
        fields = written.split()
        if len(fields) != 5:
            raise ValueError("has five fields: minute, hour, day of the month, month, day of the week")
        minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
        week = frozenset((number - 1) % 7 for number in _numbers(fields[4], 0, 7, _WEEK))
        made = cls(
            text=" ".join(text.split()),
            times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
            days=_numbers(fields[2], 1, 31),
            months=_numbers(fields[3], 1, 12, ("", *_YEAR)),
            weekdays=week,
            either=fields[2][0] != "*" and fields[4][0] != "*",
        )
        if not any(made.is_on(_SOME_MONDAY + timedelta(days=ahead)) for ahead in range(_LOOKED)):
            raise ValueError("names a day that never comes")
        return made

    def is_on(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.weekday() in self.weekdays
        return day.month in self.months and (of_month or of_week if self.either else of_month and of_week)

    @property
    def most_in_a_week(self) -> int:
        """On how many of seven days in a row it can be."""
        on = [self.is_on(_SOME_MONDAY + timedelta(days=ahead)) for ahead in range(2 * 366)]
        return max(sum(on[start : start + 7]) for start in range(len(on) - 7))


def _numbers(field: str, first: int, last: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no number, span or step")
        start, end, step = match[1], match[2], int(match[3] or 1)
        if start is None:
            low, high = first, last
        else:
            low = _number(start, first, last, names)
            high = _number(end, first, last, names) if end else last if match[3] else low
        if high < low and names and names[0] == _WEEK[0] and high == 0:
            high = 7  # fri-sun
        if low > high or not step:
            raise ValueError(f"{part!r} has nothing in it")
        found.update(range(low, high + 1, step))
    return frozenset(found)


def _number(word: str, first: int, last: int, names: tuple[str, ...]) -> int:
    number = names.index(word) if word in names and word else int(word) if word.isdecimal() else -1
    if not first <= number <= last:
        raise ValueError(f"{word!r} is not between {first} and {last}")
    return number
