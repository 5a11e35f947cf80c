"""When jobs are due. Due times follow from the schedule alone, never from when a process started: every process, and
the same process after a restart, finds the same ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from bot.cron import CronExpression

_START = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_YEARS = 8 * 366  # days, in which any day of a calendar comes
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Timing(Protocol):
    may_wait: ClassVar[bool]  # whether a job that never ran yet waits for its first due time

    def latest(self, moment: datetime) -> datetime:
        """The last due time that is not after `moment`."""
        ...

    def after(self, moment: datetime) -> datetime:
        """The first due time after `moment`."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from 1970."""

    seconds: float
    may_wait: ClassVar[bool] = False

    def latest(self, moment: datetime) -> datetime:
        step = timedelta(seconds=self.seconds)
        return _START + (moment - _START) // step * step

    def after(self, moment: datetime) -> datetime:
        return self.latest(moment) + timedelta(seconds=self.seconds)

    def __str__(self) -> str:
        for unit, size in (("h", 3600), ("min", 60)):
            if self.seconds >= size and self.seconds % size == 0:
                return f"every {self.seconds / size:g} {unit}"
        return f"every {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class Daily:
    """At a time of the zone's clocks, on some days of the week (0 is Monday) or on each.

    Once a day, whatever the clocks do: a time that comes twice in autumn counts the first time; one that is left out
    in spring is an hour later.
    """

    at: time
    zone: ZoneInfo
    days: tuple[int, ...] = tuple(range(7))
    may_wait: ClassVar[bool] = True

    def latest(self, moment: datetime) -> datetime:
        today = moment.astimezone(self.zone).date()
        dues = (self._on(today.toordinal() - back) for back in range(9))
        return next(due for due in dues if due is not None and due <= moment)

    def after(self, moment: datetime) -> datetime:
        today = moment.astimezone(self.zone).date()
        dues = (self._on(today.toordinal() + ahead) for ahead in range(-1, 9))
        return next(due for due in dues if due is not None and due > moment)

    def _on(self, ordinal: int) -> datetime | None:
        day = datetime.fromordinal(ordinal)
        if day.weekday() not in self.days:
            return None
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(UTC)

    def __str__(self) -> str:
        days = "daily" if len(self.days) == 7 else " ".join(_WEEK[day] for day in self.days)
        return f"{days} at {self.at:%H:%M}"


def always(day: date) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Cron:
    """At times in crontab's words, on days on which there is work; by the clocks as Daily is.

    What falls on a day off is left out or, with `moves`, comes on the next working day. Where nothing is ever left over
    days off are meant.
    """

    expression: CronExpression
    zone: ZoneInfo
    works: Callable[[date], bool] = field(default=always, compare=False)
    moves: bool = False
    may_wait: ClassVar[bool] = True

    def latest(self, moment: datetime) -> datetime:
        return next(due for due in self._each_way(moment, -1) if due <= moment)

    def after(self, moment: datetime) -> datetime:
        return next(due for due in self._each_way(moment, 1) if due > moment)

    def _each_way(self, moment: datetime, step: int) -> Iterator[datetime]:
        """Due times from around `moment` on, into the future or the past."""
        today = moment.astimezone(self.zone).date() - step * _DAY
        for works, days in ((self.works, 400), (always, _YEARS)):
            for passed in range(days):
                yield from self._on(today + step * passed * _DAY, works)[::step]

    def _on(self, day: date, works: Callable[[date], bool]) -> list[datetime]:
        if not works(day):
            return []
        came = [day] if self.expression.is_on(day) else []
        before = day - _DAY
        while self.moves and not came and not works(before) and day - before < timedelta(days=31):
            came = [before] if self.expression.is_on(before) else []
            before -= _DAY
        return sorted(
            datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC) for at in self.expression.times if came
        )

    def __str__(self) -> str:
        return f"cron {self.expression.text}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Whenever one of several is due."""

    timings: tuple[Timing, ...]
    may_wait: ClassVar[bool] = True

    def latest(self, moment: datetime) -> datetime:
        return max(timing.latest(moment) for timing in self.timings)

    def after(self, moment: datetime) -> datetime:
        return min(timing.after(moment) for timing in self.timings)

    def __str__(self) -> str:
        return ", ".join(map(str, self.timings))
