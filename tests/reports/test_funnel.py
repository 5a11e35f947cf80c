"""What came of posts heard in public, as tables and programs show it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.categories import Categories
from bot.model.lateness import Lateness
from bot.model.reports import Funnel, Span, TicketCounts
from bot.model.values import Language
from bot.reports.data import compared_data, csv_rows
from bot.reports.figures import Figures
from bot.reports.sheets import funnel, notes, overview
from bot.reports.wording import Wording
from bot.texts import Texts

SPAN = Span(datetime(2026, 11, 8, 23, tzinfo=UTC), datetime(2026, 11, 15, 23, tzinfo=UTC))
BUSY = Funnel(120, 40, 36, 20, 24, 12, 3, 9, 4)


def figures(funnel: Funnel | None = None) -> Figures:
    return Figures(SPAN, {}, {}, {}, {}, {}, TicketCounts(), {}, {}, Lateness.of(()), {}, funnel or Funnel())


def wording(language: Language = Language.EN) -> Wording:
    return Wording(Texts.load().plain, Categories.load(None).name, language, ZoneInfo("Europe/Paris"))


def test_each_step_is_a_share_of_the_one_it_names_where_there_are_enough_cases() -> None:
    rows = {label: (count, share, change) for label, count, share, change in funnel(
        figures(BUSY), figures(Funnel(100, 50)), wording()
    ).rows}  # fmt: skip
    assert rows["Posts heard"] == ("120", "–", "+20")
    assert rows["Complaints, of the posts heard"] == ("40", "33% (40/120)", "−10")
    assert rows["Approved, of the replies held"] == ("20", "56% (20/36)", "+20")
    assert rows["Authors verified, of the links opened"] == ("3", "3/12", "+3")
    assert rows["Resolved, of these tickets"] == ("4", "4/9", "+4")
    assert len(rows) == 9


def test_it_is_shown_where_there_is_public_traffic_and_nowhere_else() -> None:
    for language in Language:
        say = wording(language)
        assert overview(figures(BUSY), figures(), say, {})[-1].title == say("stats.funnel")
        assert overview(figures(), figures(BUSY), say, {})[-1].title == say("stats.funnel"), "it has ended"
        assert say("stats.funnel") not in [sheet.title for sheet in overview(figures(), figures(), say, {})]
        assert say("stats.note.funnel") in notes(figures(BUSY), say)
        assert say("stats.note.funnel") not in notes(figures(), say)


def test_public_posts_alone_are_figures_enough() -> None:
    assert figures().is_empty and not figures(Funnel(1)).is_empty


def test_programs_read_counts_and_shares_and_those_of_before() -> None:
    data = compared_data(figures(BUSY), figures(Funnel(100, 50)), "Europe/Paris", {})
    assert data["now"]["public"]["seen"] == {"count": 120}
    assert data["now"]["public"]["approved"] == {"count": 20, "part": 20, "whole": 36, "share": 20 / 36}
    assert data["now"]["public"]["verified"]["share"] is None
    rows = {(section, key, measure): (value, before) for section, key, measure, value, before in csv_rows(data)}
    assert rows["public", "complaints", "count"] == (40, 50)
    assert rows["public", "complaints", "share"] == (40 / 120, 0.5)
