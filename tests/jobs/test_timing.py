"""Due times follow from the schedule alone, and a day has one of each, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cron import CronExpression
from jobs.timing import AnyOf, Cron, Daily, Every, Timing

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # 02:00 becomes 03:00; 03:00 becomes 02:00


def dues(timing: Timing, start: datetime, end: datetime) -> list[datetime]:
    found, moment = [], start
    while (moment := timing.after(moment)) < end:
        found.append(moment)
    return found


def on(day: date, timing: Daily) -> list[str]:
    """The due times of a day, as the clocks of the zone show them."""
    start = datetime.combine(day, time(), tzinfo=timing.zone)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=timing.zone)
    return [f"{due.astimezone(timing.zone):%H:%M %Z}" for due in dues(timing, start - timedelta(seconds=1), end)]


def test_a_daily_job_at_half_past_two_runs_once_when_that_hour_comes_twice_or_not_at_all() -> None:
    daily = Daily(time(2, 30), PARIS)
    assert on(date(2026, 3, 28), daily) == ["02:30 CET"]
    assert on(SPRING, daily) == ["03:30 CEST"]
    assert on(date(2026, 3, 30), daily) == ["02:30 CEST"]
    assert on(AUTUMN, daily) == ["02:30 CEST"]
    assert on(date(2026, 10, 26), daily) == ["02:30 CET"]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
def test_a_year_has_a_due_time_a_day(zone: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
    found = dues(Daily(time(2, 30), ZoneInfo(zone)), start, start.replace(year=2027))
    assert len(found) == 365 and found == sorted(set(found))
    assert all(timedelta(hours=23) <= b - a <= timedelta(hours=25) for a, b in pairwise(found))


def test_some_days_of_the_week() -> None:
    found = dues(Daily(time(9), PARIS, (0, 4)), datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    assert [f"{due:%a %d %H:%M}" for due in found] == [
        "Mon 16 08:00", "Fri 20 08:00", "Mon 23 08:00", "Fri 27 08:00",
    ]  # fmt: skip


TIMINGS = st.one_of(
    st.sampled_from([0.25, 0.3, 1, 7, 60, 3600, 86400]).map(Every),
    st.builds(
        Daily,
        st.times(min_value=time(), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
        st.sampled_from([PARIS, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    ),
)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=730)).map(lambda span: datetime(2026, 1, 1, tzinfo=UTC) + span)


@given(TIMINGS, MOMENTS)
def test_the_due_times_before_and_after_a_moment_are_neighbours(timing: Timing, moment: datetime) -> None:
    latest, after = timing.latest(moment), timing.after(moment)
    assert latest <= moment < after
    assert timing.latest(latest) == latest and timing.after(latest) == after
    assert timing.latest(after) == after and timing.latest(after - timedelta(microseconds=1)) == latest


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        (Every(1), "every 1 s"),
        (Every(90), "every 90 s"),
        (Every(600), "every 10 min"),
        (Every(7200), "every 2 h"),
        (Daily(time(2, 30), PARIS), "daily at 02:30"),
        (Daily(time(9), PARIS, (0, 4)), "Mon Fri at 09:00"),
    ],
)
def test_a_timing_in_words(timing: Timing, words: str) -> None:
    assert str(timing) == words


HOLIDAYS = (date(2026, 12, 25), date(2027, 1, 1))


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def cron(text: str, *, moves: bool = False, zone: ZoneInfo = PARIS) -> Cron:
    return Cron(CronExpression.of(text), zone, works, moves)


def shown(timing: Timing, start: date, end: date) -> list[str]:
    found = dues(timing, datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC))
    return [f"{due.astimezone(PARIS):%a %d %H:%M}" for due in found]


def test_cron_is_by_the_zones_clocks_and_once_in_an_hour_that_comes_twice() -> None:
    timing = cron("30 2 * * *", zone=PARIS)
    assert shown(Cron(timing.expression, PARIS), date(2026, 10, 24), date(2026, 10, 27)) == [
        "Sat 24 02:30", "Sun 25 02:30", "Mon 26 02:30",
    ]  # fmt: skip
    assert shown(Cron(timing.expression, PARIS), SPRING, date(2026, 3, 30)) == ["Sun 29 03:30"]


def test_what_falls_on_a_day_off_is_left_out_or_comes_on_the_next_working_day() -> None:
    week = date(2026, 12, 24), date(2026, 12, 30)
    assert shown(cron("0 9 * * *"), *week) == ["Thu 24 09:00", "Mon 28 09:00", "Tue 29 09:00"]
    assert shown(cron("0 9 * * fri", moves=True), *week) == ["Mon 28 09:00"], "the 25th is a holiday"
    assert shown(cron("0 9 * * fri"), *week) == []
    assert shown(cron("0 9 * * sat,sun", moves=True), *week) == ["Mon 28 09:00"], "once, whatever fell on the days off"
    assert shown(cron("0 9 * * mon", moves=True), *week) == ["Mon 28 09:00"]


def test_where_nothing_would_ever_be_left_days_off_are_meant() -> None:
    assert shown(cron("0 9 * * sat"), date(2026, 12, 24), date(2026, 12, 30)) == ["Sat 26 09:00"]


def test_the_29th_of_february_comes() -> None:
    leap = Cron(CronExpression.of("0 9 29 feb *"), PARIS)
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    assert (leap.latest(moment), leap.after(moment)) == (
        datetime(2024, 2, 29, 8, tzinfo=UTC), datetime(2028, 2, 29, 8, tzinfo=UTC),
    )  # fmt: skip


def test_several_are_due_when_one_of_them_is() -> None:
    both = AnyOf((cron("0 9 * * mon"), cron("30 8 * * mon-wed")))
    assert shown(both, date(2026, 11, 16), date(2026, 11, 20)) == [
        "Mon 16 08:30", "Mon 16 09:00", "Tue 17 08:30", "Wed 18 08:30",
    ]  # fmt: skip
    assert str(both) == "cron 0 9 * * mon, cron 30 8 * * mon-wed"


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(["0 9 * * mon", "30 2 * * *", "15 23 1,15 * *", "0 0 * * fri-sun", "59 1 * mar,oct sun"]),
    st.booleans(),
)
def test_between_the_latest_and_the_next_there_is_none(moment: datetime, text: str, moves: bool) -> None:
    timing = cron(text, moves=moves)
    last, following = timing.latest(moment), timing.after(moment)
    assert last <= moment < following
    assert timing.after(last) == following and timing.latest(following) == following
    assert timing.latest(following - timedelta(seconds=1)) == last
