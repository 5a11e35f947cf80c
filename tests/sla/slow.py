"""Business time counted minute by minute: what the fast arithmetic must agree with."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.sla.hours import Calendar

MINUTE = timedelta(minutes=1)


def shows_business_time(calendar: Calendar, at: datetime) -> bool:
    """Whether the clock on the wall shows a time within the day's hours."""
    here = at.astimezone(calendar.zone)
    seconds = here.hour * 3600 + here.minute * 60 + here.second
    if here.date() in calendar.holidays_of(here.year):
        return False
    return any(start <= seconds < end for start, end in calendar.weekdays[here.weekday()])


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def slow_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Seconds; start and end are on the minute, and so is everything in the calendar."""
    return 60 * sum(shows_business_time(calendar, at) for at in minutes(start, end))


def slow_add(calendar: Calendar, start: datetime, seconds: int, longest: timedelta) -> datetime | None:
    """None if it takes longer than `longest`."""
    left, at = seconds // 60, start
    while left:
        if at - start > longest:
            return None
        left -= shows_business_time(calendar, at)
        at += MINUTE
    return at
