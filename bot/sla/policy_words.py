"""How a file of policies writes durations, hours, days and zones. Each function raises ValueError saying what should be
there."""

import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.values import Urgency
from bot.sla.hours import ALWAYS, Calendar, Interval

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST = 366 * 24 * 3600  # seconds of a promise

_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*(?:min|m))?\s*(?:(\d+(?:\.\d+)?)\s*s)?")


def seconds(value: Any) -> int:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    parts = [float(part or 0) for part in match.groups()] if match else []
    total = round(sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False)))
    if not 0 < total <= LONGEST:
        raise ValueError("should be a duration such as 15 min, 4 h or 1 h 30 min")
    return total


def target(value: Any) -> dict[Urgency, int | None]:
    """One duration for all priorities, or one each; `none` is no promise."""
    by_priority = value if isinstance(value, dict) else dict.fromkeys(Urgency, value)
    if unknown := [name for name in by_priority if name not in tuple(Urgency)]:
        raise ValueError(f"should have priorities low, medium, high and urgent, not {unknown[0]}")
    return {
        Urgency(name): None if duration in (None, "none") else seconds(duration)
        for name, duration in by_priority.items()
    }


def weekdays(value: Any) -> tuple[tuple[Interval, ...], ...]:
    if value == "always":
        return ALWAYS
    if not isinstance(value, dict):
        raise ValueError("should be `always`, or days with their hours, such as monday-friday: [09:00-18:00]")
    found: dict[int, tuple[Interval, ...]] = {}
    for name, written in value.items():
        first, _, last = str(name).lower().partition("-")
        last = last or first
        if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
            raise ValueError(f"should name days such as monday or monday-friday, not {name}")
        intervals = tuple(interval(one) for one in (written if isinstance(written, list) else [written]))
        for day in range(DAYS.index(first), DAYS.index(last) + 1):
            if day in found:
                raise ValueError(f"should say the hours of {DAYS[day]} once")
            found[day] = intervals
    return tuple(found.get(day, ()) for day in range(7))


def interval(value: Any) -> Interval:
    match = _INTERVAL.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"should be hours such as 09:00-12:30, not {value}")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or end > 24 * 60:
        raise ValueError(f"should be times of a day, 00:00 to 24:00, not {value}")
    if start >= end:
        raise ValueError(f"should end after it begins, not {value}: past midnight is 00:00 of the next day")
    return start * 60, end * 60


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("should be an IANA time zone such as Europe/Paris") from error
    return value


def hours_of(calendar: Calendar) -> str:
    """A calendar in a few words, for who runs the desk: "Mon-Fri 09:00-18:00 Europe/Paris"."""
    if calendar.weekdays == ALWAYS:
        return f"day and night, {calendar.zone.key}"
    parts: list[tuple[int, int, tuple[Interval, ...]]] = []
    for day, intervals in enumerate(calendar.weekdays):
        if parts and parts[-1][1:] == (day - 1, intervals):
            parts[-1] = (parts[-1][0], day, intervals)
        elif intervals:
            parts.append((day, day, intervals))
    told = []
    for first, last, intervals in parts:
        days = DAYS[first][:3].title() + (f"-{DAYS[last][:3].title()}" if last > first else "")
        told.append(f"{days} {' '.join(f'{_clock(start)}-{_clock(end)}' for start, end in intervals)}")
    return f"{', '.join(told)} {calendar.zone.key}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
