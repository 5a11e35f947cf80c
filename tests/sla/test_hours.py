"""Business hours: the fast arithmetic against counting minute by minute, and what days and clocks do to it."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.sla.hours import ALWAYS, DAY, Calendar, Interval
from tests.sla.slow import shows_business_time, slow_add, slow_between

PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
ZONES = (PARIS, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Casablanca"))
# Nights on which clocks change in one of the zones, a year's end, and a day on which nothing happens.
EVES = (
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 3, 8, 5, tzinfo=UTC),
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    datetime(2026, 4, 4, 14, tzinfo=UTC),
    datetime(2026, 10, 3, 14, tzinfo=UTC),
    datetime(2026, 2, 15, 2, tzinfo=UTC),
    datetime(2026, 12, 31, 22, tzinfo=UTC),
    datetime(2026, 6, 17, tzinfo=UTC),
)
OFFICE = ((9 * 3600, 12 * 3600 + 1800), (13 * 3600 + 1800, 18 * 3600))
WEEK = (*((OFFICE,) * 5), (), ())


def office(zone: ZoneInfo = PARIS, *closed: date) -> Calendar:
    return Calendar(zone, WEEK, lambda year: frozenset(closed))


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS).astimezone(UTC)  # type: ignore[arg-type,misc]


@st.composite
def days(draw: st.DrawFn) -> tuple[Interval, ...]:
    bounds = draw(st.lists(st.integers(0, 96), min_size=0, max_size=6, unique=True).map(sorted))
    return tuple((a * 900, b * 900) for a, b in zip(bounds[::2], bounds[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = draw(st.tuples(*[days()] * 7).filter(any))
    closed = draw(st.frozensets(st.sampled_from(EVES).map(datetime.date), max_size=2))
    return Calendar(draw(st.sampled_from(ZONES)), week, lambda year: closed)


moments = st.builds(
    lambda eve, minutes: eve + timedelta(minutes=minutes), st.sampled_from(EVES), st.integers(-3000, 3000)
)


@given(calendars(), moments, st.integers(0, 5000))
@settings(max_examples=200, deadline=None)
@example(Calendar(PARIS, (((2 * 3600, 3 * 3600),),) * 7), EVES[1], 300)
@example(Calendar(PARIS, (((2 * 3600 + 1800, 4 * 3600),),) * 7), EVES[0], 600)
def test_as_much_time_passes_as_a_slow_count_says(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert calendar.between(start, end) == slow_between(calendar, start, end)
    assert calendar.between(end, start) == -slow_between(calendar, start, end)
    assert calendar.is_open(start) == shows_business_time(calendar, start)


@given(calendars(), moments, st.integers(1, 1500))
@settings(max_examples=200, deadline=None)
def test_time_is_up_when_a_slow_count_says(calendar: Calendar, start: datetime, minutes: int) -> None:
    expected = slow_add(calendar, start, minutes * 60, timedelta(days=9))
    if expected is not None:
        assert calendar.add(start, minutes * 60) == expected


@given(calendars(), moments, st.floats(-9e5, 9e5))
@settings(max_examples=200, deadline=None)
def test_what_was_added_has_passed_and_not_a_moment_sooner(calendar: Calendar, start: datetime, seconds: float) -> None:
    there = calendar.add(start, seconds)
    assert calendar.between(start, there) == pytest.approx(seconds, abs=1e-6)
    assert calendar.between(start, there - timedelta(seconds=1)) < calendar.between(start, there)
    assert calendar.add(start, calendar.between(start, there)) == there


@given(calendars(), moments, st.floats(1, 1e5), st.floats(1, 1e5))
@settings(max_examples=100, deadline=None)
def test_two_spans_one_after_the_other_are_one(calendar: Calendar, start: datetime, one: float, other: float) -> None:
    apart = calendar.add(calendar.add(start, one), other)
    assert abs(calendar.between(apart, calendar.add(start, one + other))) <= 2e-6


def test_friday_evening_goes_on_on_monday() -> None:
    assert office().add(paris(2026, 11, 20, 17, 45), 1800) == paris(2026, 11, 23, 9, 15)
    assert office().add(paris(2026, 11, 20, 22, 0), 900) == paris(2026, 11, 23, 9, 15)
    assert office().add(paris(2026, 11, 20, 17, 45), 900) == paris(2026, 11, 20, 18, 0), "at the end of the day"


def test_lunch_does_not_count() -> None:
    assert office().add(paris(2026, 11, 20, 12, 0), 3600) == paris(2026, 11, 20, 14, 0)
    assert office().between(paris(2026, 11, 20, 12, 30), paris(2026, 11, 20, 13, 30)) == 0


def test_a_holiday_does_not_count() -> None:
    closed = office(PARIS, date(2026, 11, 11))
    assert closed.add(paris(2026, 11, 10, 17, 0), 2 * 3600) == paris(2026, 11, 12, 10, 0)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (PARIS, date(2026, 3, 29), 23),
        (PARIS, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (PARIS, date(2026, 6, 17), 24),
    ],
)
def test_a_day_has_the_hours_that_it_really_has(zone: ZoneInfo, day: date, hours: int) -> None:
    calendar = Calendar(zone, ALWAYS)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = start + timedelta(days=1)  # on the wall
    assert calendar.between(start, end) == hours * 3600
    assert calendar.add(start, hours * 3600) == end.astimezone(UTC)


def test_an_hour_that_is_repeated_counts_twice_and_one_left_out_not_at_all() -> None:
    night = Calendar(PARIS, (((2 * 3600, 3 * 3600),),) * 7)
    assert night.between(paris(2026, 10, 25, 0, 0), paris(2026, 10, 25, 6, 0)) == 2 * 3600
    assert night.between(paris(2026, 3, 29, 0, 0), paris(2026, 3, 29, 6, 0)) == 0


def test_hours_are_those_of_the_calendars_zone_whatever_zone_asks() -> None:
    start = paris(2026, 11, 20, 17, 45)
    assert office().add(start.astimezone(ZoneInfo("Asia/Tokyo")), 1800) == office().add(start, 1800)


def test_a_day_that_a_zone_left_out_is_none() -> None:
    apia = Calendar(ZoneInfo("Pacific/Apia"), ALWAYS)
    start, end = (datetime(2011, 12, day, 12, tzinfo=ZoneInfo("Pacific/Apia")) for day in (29, 31))
    assert apia.between(start, end) == 24 * 3600


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (OFFICE,),
        (((10, 10),), *((),) * 6),
        (((20, 10),), *((),) * 6),
        (((0, DAY + 1),), *((),) * 6),
        (((10, 30), (20, 40)), *((),) * 6),
    ],
    ids=["never", "one day", "nothing", "backwards", "past midnight", "overlapping"],
)
def test_hours_that_are_none_are_refused(week: tuple[tuple[Interval, ...], ...]) -> None:
    with pytest.raises(ValueError, match="should"):
        Calendar(PARIS, week)


def test_a_calendar_that_closes_for_good_says_so_instead_of_looking_for_ever() -> None:
    closes = Calendar(PARIS, WEEK, lambda year: frozenset(date(year, 1, 1) + timedelta(n) for n in range(366)))
    for seconds in (1, -1):
        with pytest.raises(OverflowError, match="100 years"):
            closes.add(paris(2026, 1, 5, 9, 0), seconds)


def test_years_take_no_longer_than_minutes() -> None:
    calendar, start = office(), paris(2026, 1, 5, 9, 0)
    calendar.add(start, 10_000 * 3600)  # lays out the years once

    def took(seconds: int) -> float:
        begun = time.perf_counter()
        for _ in range(200):
            calendar.add(start, seconds)
        return time.perf_counter() - begun

    assert min(took(10_000 * 3600) for _ in range(5)) < 20 * min(took(60) for _ in range(5))
