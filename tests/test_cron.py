"""Times in crontab's words."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from bot.cron import CronExpression

MONDAY = date(2026, 11, 16)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on(text: str) -> str:
    """The days of the week on which it is."""
    found = CronExpression.of(text)
    return " ".join(name for ahead, name in enumerate(NAMES) if found.is_on(MONDAY + timedelta(days=ahead)))


@pytest.mark.parametrize(
    ("text", "days", "first"),
    [
        ("0 9 * * mon", "mon", time(9)),
        ("0 9 * * 1", "mon", time(9)),
        ("15 8 * * MON-FRI", "mon tue wed thu fri", time(8, 15)),
        ("0 9 * * 0", "sun", time(9)),
        ("0 9 * * 7", "sun", time(9)),
        ("0 9 * * fri-sun", "fri sat sun", time(9)),
        ("0 9 * * 1-5/2", "mon wed fri", time(9)),
        ("0 9 17 * *", "tue", time(9)),
        ("0 9 17 nov fri", "tue fri", time(9)),
        ("0 9 * jan *", "", time(9)),
        ("9:05", "mon tue wed thu fri sat sun", time(9, 5)),
        ("tue,thu 18:30", "tue thu", time(18, 30)),
    ],
)
def test_what_is_written_is_when_it_is(text: str, days: str, first: time) -> None:
    assert (on(text), CronExpression.of(text).times[0]) == (days, first)


@pytest.mark.parametrize(
    "text",
    [
        *("", "9", "0 9 * *", "60 9 * * *", "0 24 * * *", "0 9 0 * *", "0 9 * 13 *", "0 9 * * 8", "0 9 * * lun"),
        *("0 9 30 feb *", "0 9 5-3 * *", "0 9 */0 * *", "25:00", "a b c d e", "0 9 * * -", "0 9 * * mon- fri"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        CronExpression.of(text)


@given(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_a_library_for_the_same_agrees(days: list[str], months: list[int], hour: int, minute: int) -> None:
    week, year = ",".join(days), ",".join(map(str, months))
    trigger = CronTrigger(minute=minute, hour=hour, month=year, day_of_week=week, timezone="UTC")
    found, day = CronExpression.of(f"{minute} {hour} * {year} {week}"), date(2026, 1, 1)
    while not found.is_on(day):
        day += timedelta(days=1)
    due = trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC))
    assert (due.date(), due.time()) == (day, found.times[0])


@pytest.mark.parametrize(("text", "most"), [("0 9 * * mon", 1), ("0 9 * * *", 7), ("0 9 1 * *", 1), ("0 9 1,3 * *", 2)])
def test_how_often_it_is_in_a_week(text: str, most: int) -> None:
    assert CronExpression.of(text).most_in_a_week == most
