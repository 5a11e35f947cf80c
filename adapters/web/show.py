"""Times and dates as a reader's language writes them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta

from bot.model.values import Language


def moment(at: datetime, language: Language, zone: ZoneInfo, now: datetime) -> str:
    """14:05 today, 12 Oct, 14:05 on another day."""
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return format_time(at, "HH:mm", tzinfo=zone, locale=language.value)
    return format_datetime(at, "d MMM, HH:mm", tzinfo=zone, locale=language.value)


def age(at: datetime, language: Language, now: datetime) -> str:
    """5 minutes, 3 h: the greatest unit alone."""
    span = max(now - at, timedelta(minutes=1))
    return format_timedelta(span, granularity="minute", threshold=1.5, format="short", locale=language.value)


def day(of: date, language: Language) -> str:
    """12 Oct 2026, or 12 oct. 2026."""
    return format_date(of, "d MMM y", locale=language.value)
