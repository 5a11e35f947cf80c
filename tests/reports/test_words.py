"""Periods, shares and tables: days of a zone, few cases, cells that a spreadsheet must not run."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.reports import Questions, Ratings, Span, Spread
from bot.reports.asking import UnknownWord, wanted
from bot.reports.figures import automation, escalation
from bot.reports.periods import between, named
from bot.reports.shares import Share, net_promoters, p90_of, satisfied
from bot.tickets.export import safe, written
from storage.repositories.report_statements import shifts

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)  # a Wednesday, 15:30 in Paris


def period(word: str, now: datetime = NOW, zone: ZoneInfo = PARIS) -> tuple[date, date]:
    found = named(word, now, zone)
    assert found is not None
    return found.first, found.last


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("week", date(2026, 11, 12), date(2026, 11, 18)),
        ("semaine", date(2026, 11, 12), date(2026, 11, 18)),
        ("month", date(2026, 10, 20), date(2026, 11, 18)),
        ("30j", date(2026, 10, 20), date(2026, 11, 18)),
        ("today", date(2026, 11, 18), date(2026, 11, 18)),
        ("hier", date(2026, 11, 17), date(2026, 11, 17)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-S47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-11-03", date(2026, 11, 3), date(2026, 11, 3)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_words_mean_whole_days(word: str, first: date, last: date) -> None:
    assert period(word) == (first, last)


@pytest.mark.parametrize("word", ["", "lately", "2026-13", "2026-W54", "0d", "9999d", "2026-02-30", "0000", "-1d"])
def test_other_words_are_no_period(word: str) -> None:
    assert named(word, NOW, PARIS) is None


def test_the_day_is_that_of_the_desk() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert period("today", late) == (date(2026, 11, 19),) * 2
    assert period("today", late, ZoneInfo("America/Montreal")) == (date(2026, 11, 18),) * 2


def test_days_on_which_clocks_are_changed_have_23_and_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)):
        span = between(day, day, PARIS).span
        assert span.until - span.since == timedelta(hours=hours)


def test_a_running_period_is_compared_with_as_much_of_the_one_before() -> None:
    month = named("2026-11", NOW, PARIS)
    assert month is not None
    before = month.before(NOW)
    assert before.since == datetime(2026, 9, 30, 22, tzinfo=UTC)  # summer time
    assert before.until == datetime(2026, 10, 18, 13, 30, tzinfo=UTC)  # 15:30 there
    over = month.before(NOW + timedelta(days=30))
    assert over.until == month.span.since
    march = named("2026-03", datetime(2026, 3, 31, 12, tzinfo=UTC), PARIS)
    assert march is not None and march.before(datetime(2026, 3, 31, 12, tzinfo=UTC)).until == march.span.since


@given(
    st.integers(631_152_000, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(1, 400 * 24 * 60),
    st.sampled_from(["Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca"]),
    st.floats(0, 1),
)
def test_offsets_hold_until_they_change(since: datetime, minutes: int, name: str, at: float) -> None:
    zone, span = ZoneInfo(name), Span(since, since + timedelta(minutes=minutes))
    moment = span.since + (span.until - span.since) * at * 0.999999
    offset = next(offset for until, offset in shifts(span, zone) if moment < until)
    expected = moment.astimezone(zone).utcoffset()
    assert expected is not None and offset == expected.total_seconds()


def test_no_share_is_given_of_fewer_than_twenty() -> None:
    assert Share(19, 19).value is None and Share(19, 19).range is None
    assert Share(10, 20).value == 0.5
    low, high = Share(10, 20).range or (0, 0)
    assert low == pytest.approx(0.299, abs=0.001) and high == pytest.approx(0.701, abs=0.001)
    assert net_promoters(Ratings(30, {10: 19})) is None
    assert net_promoters(Ratings(30, {10: 10, 8: 5, 6: 5})) == 25
    assert satisfied(Ratings(9, {5: 1, 4: 2, 3: 1})) == Share(3, 4)
    assert p90_of(Spread(19, 1.0, 2.0)) is None and p90_of(Spread(20, 1.0, 2.0)) == 2.0


def test_silence_is_in_no_share_of_success() -> None:
    questions = Questions(confirmed=10, silent=80, human=10)
    assert automation(questions) == Share(10, 100)
    assert escalation(questions) == Share(10, 100)


def test_a_period_and_a_view_in_any_order() -> None:
    assert wanted(["travail", "2026-11"], NOW, PARIS) == wanted(["2026-11", "work"], NOW, PARIS)
    assert wanted([], NOW, PARIS).view == "overview"
    for words in (["work", "queue"], ["week", "month"], ["nonsense"]):
        with pytest.raises(UnknownWord):
            wanted(words, NOW, PARIS)


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "＝1", "\n=cmd|' /C calc'!A0"]
)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert safe(text) == f"'{text}"
    (row,) = list(csv.reader(io.StringIO(written(("title",), [(text,)]), newline="")))[1:]
    assert row == [f"'{text}"]


@given(st.lists(st.tuples(st.text(), st.integers(), st.none()), max_size=5))
def test_csv_comes_back_cell_by_cell(rows: list[tuple[str, int, None]]) -> None:
    read = list(csv.reader(io.StringIO(written(("a", "b", "c"), rows), newline="")))
    assert read == [["a", "b", "c"], *([safe(text), str(number), ""] for text, number, _ in rows)]
