"""When jobs are due. Due times follow from the schedule alone, never from when a process started: every process, and
the same process after a restart, finds the same ones."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

_START = datetime(1970, 1, 1, tzinfo=UTC)
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
