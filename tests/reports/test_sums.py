"""The database's sums against the slow and obvious ones, on both databases."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.model.knowledge import AskedQuestion
from bot.model.lateness import Lateness
from bot.model.reports import Mark, OpenedBy, Questions, QuestionsBy, Span, Spread, TicketCounts
from bot.model.tickets import SlaNotice
from bot.ports.storage import Storage
from tests.reports import reference
from tests.reports.history import History

SINCE, UNTIL = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
WHOLE = Span(SINCE, UNTIL + timedelta(days=1))
SPANS = (
    WHOLE,
    Span(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # a day of 25 hours in Paris
    Span(datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 7, 23, tzinfo=UTC)),
    Span(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)),
)
MARKS: tuple[Mark, ...] = ("claim", "contact", "resolution")


def late_by(notice: SlaNotice) -> float:
    return (notice.sent_at - notice.due_at).total_seconds()


def nearly(found: Spread, expected: Spread) -> None:
    """SQLite counts milliseconds."""
    assert (found.count, found.waiting, found.oldest) == (expected.count, expected.waiting, expected.oldest)
    assert found.median == pytest.approx(expected.median, abs=0.002)
    assert found.p90 == pytest.approx(expected.p90, abs=0.002)


@pytest.fixture(params=[(1, 150, 120), (2, 40, 90), (3, 0, 1)])
async def history(request: pytest.FixtureRequest, storage: Storage) -> History:
    seed, questions, tickets = request.param
    made = History.of(seed, SINCE, UNTIL, questions, tickets)
    await made.store(storage)
    return made


async def test_every_figure_is_what_going_through_everything_gives(storage: Storage, history: History) -> None:
    reports = storage.unit_of_work().reports
    for span in SPANS:
        asked = reference.asked(history, span)

        def parted(asked: list[AskedQuestion], key: Callable[[AskedQuestion], object]) -> dict[object, Questions]:
            keys = {key(one) for one in asked}
            return {one: reference.questions(history, [each for each in asked if key(each) == one]) for one in keys}

        by = await reports.questions(span, ZONE)
        assert sum(by.hours.values(), Questions()) == reference.questions(history, asked)
        assert by.days == parted(asked, lambda one: one.asked_at.astimezone(ZONE).date())
        assert by.hours == parted(asked, lambda one: one.asked_at.astimezone(ZONE).hour)
        assert by.categories == parted(asked, lambda one: one.category or "")
        assert by.intents == parted(asked, lambda one: str(one.intent))
        assert await reports.tickets(span) == reference.tickets(history, span)
        opened = [one for one in history.tickets if reference.within(one.created_at, span)]
        parts = await reports.opened(span, ZONE)
        assert parts.days == Counter(one.created_at.astimezone(ZONE).date() for one in opened)
        assert parts.hours == Counter(one.created_at.astimezone(ZONE).hour for one in opened)
        assert parts.categories == Counter(one.category for one in opened)
        assert parts.intents == Counter(one.intent for one in opened)
        assert parts.because == Counter(one.opened_because for one in opened)
        times = await reports.times(span)
        for mark in MARKS:
            nearly(times[mark], reference.spread(reference.counted(history, span), mark))
        for now in (UNTIL, UNTIL - timedelta(days=9)):
            assert await reports.promises(span, now) == reference.promises(history, span, now)
        assert await reports.ratings(span) == reference.ratings(history, span)
        late = [one for one in history.notices if reference.within(one.sent_at, span)]
        found, expected = await reports.lateness(span), Lateness.of(map(late_by, late))
        assert found.counts == expected.counts
        for figure in ("p50", "p99", "longest"):
            assert getattr(found, figure) == pytest.approx(getattr(expected, figure), abs=0.002)


async def test_the_figures_of_technicians_are_those_of_their_tickets(storage: Storage, history: History) -> None:
    for span in SPANS:
        found = {one.technician_id: one for one in await storage.unit_of_work().reports.technicians(span)}
        for technician in history.technicians:
            mine = History(history.since, history.until, tickets=[])
            mine.tickets = [one for one in history.tickets if one.assignee_id == technician.id]
            ids = {one.id for one in mine.tickets}
            mine.events = [event for event in history.events if event.ticket_id in ids]
            expected = reference.tickets(mine, span)
            work = found.get(technician.id)
            if work is None:
                assert expected == TicketCounts(unconfirmed=expected.unconfirmed) and not expected.unconfirmed
                continue
            assert (work.opened, work.confirmed, work.silent, work.reopened) == (
                expected.opened, expected.confirmed, expected.silent, expected.reopened,
            )  # fmt: skip
            for mark, spread in (("claim", work.claim), ("resolution", work.resolution)):
                known = reference.spread(reference.counted(mine, span), mark)  # type: ignore[arg-type]
                nearly(spread, Spread(known.count, known.median, known.p90))


async def test_a_desk_without_a_past_has_no_figures(storage: Storage) -> None:
    reports = storage.unit_of_work().reports
    assert (await reports.questions(WHOLE, ZONE), await reports.opened(WHOLE, ZONE)) == (QuestionsBy(), OpenedBy())
    assert await reports.tickets(WHOLE) == TicketCounts()
    assert await reports.times(WHOLE) == dict.fromkeys(MARKS, Spread())
    assert (await reports.promises(WHOLE, UNTIL), await reports.ratings(WHOLE)) == ({}, {})
    assert (await reports.technicians(WHOLE), await reports.in_need(UNTIL)) == ([], [])
    assert (await reports.backlog(), await reports.failed()) == ([], [])
