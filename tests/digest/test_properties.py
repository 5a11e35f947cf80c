"""Whatever is in the database: never more lines than were promised, and nothing personal in them."""

import re
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.categories import Categories
from bot.digest.gathering import Bars, Days, Digest, Late, Learnt, Missing, Theme
from bot.digest.quoting import Quotes, cleaned
from bot.digest.writing import LINES, Writer
from bot.gaps import LONGEST_TITLE
from bot.model.lateness import Lateness
from bot.model.reports import Failed, Funnel, InNeed, Promises, Questions, TicketCounts
from bot.model.values import Language, TicketStatus, Urgency
from bot.reports.figures import Figures, Slice
from bot.reports.wording import Wording
from bot.texts import Texts
from storage.store import SqlStorage
from tests.digest.scene import DAY, HOUR, MONDAY, PARIS, at

TEXTS, NAME = Texts.load(), Categories.load(None).name
WEEK = Days(MONDAY - 7 * DAY, MONDAY - DAY, PARIS)
COUNTS = st.integers(0, 3) | st.integers(0, 20_000)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=90)
NUMBERS = st.lists(COUNTS, min_size=7, max_size=7).map(tuple)


def late(place: int) -> InNeed:
    return InNeed(
        f"T{place}", "", "network", Urgency.HIGH, TicketStatus.OPEN, None, ("overdue",), at(9), at(10) + place * HOUR
    )


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    def figures(days: Days) -> Figures:
        questions = Questions(*(draw(COUNTS) for _ in range(9)))
        return Figures(
            days.span, {days.first: Slice(questions)}, {9: Slice(questions)}, {"network": Slice(questions)},
            {"howto": Slice(questions)}, {}, TicketCounts(*(draw(COUNTS) for _ in range(10))), {},
            draw(st.sampled_from([{}, {"first_contact": Promises(3, 1, 0)}, {"resolution": Promises(30, 10, 2)}])),
            Lateness.of(()), {}, Funnel(*(draw(COUNTS) for _ in range(9))),
        )  # fmt: skip

    bars = Bars(tuple(WEEK.all), draw(NUMBERS), draw(NUMBERS))
    many, missing = draw(st.integers(0, 20)), draw(st.integers(0, 20))
    return Digest(
        draw(st.sampled_from(["weekly", "daily"])), WEEK, at(16, 9), figures(WEEK), figures(WEEK.before), bars, bars,
        tuple(Late(late(place), draw(WORDS)) for place in range(many)), many + draw(st.integers(0, 20)), draw(COUNTS),
        tuple(Missing(draw(WORDS), draw(COUNTS), at(9)) for _ in range(missing)), missing, (), draw(COUNTS),
        tuple(Failed("inbox", "dead", "slack", at(9), 3, "ValueError") for _ in range(draw(st.integers(0, 3)))),
        tuple(Theme(draw(WORDS), draw(COUNTS), draw(COUNTS)) for _ in range(draw(st.integers(0, 10)))),
        Learnt(tuple(("INT", draw(WORDS)) for _ in range(draw(st.integers(0, 3)))), draw(COUNTS), draw(COUNTS)),
    )  # fmt: skip


@settings(max_examples=40, deadline=timedelta(seconds=5))
@given(digests(), st.sampled_from(list(Language)))
def test_the_message_has_no_more_lines_than_it_may(digest: Digest, language: Language) -> None:
    writer = Writer(TEXTS, Wording(TEXTS.plain, NAME, language, PARIS))
    lines = writer.message(digest).text.split("\n")
    assert 1 <= len(lines) <= LINES and all(line.strip() for line in lines)
    assert all(len(line) < 260 for line in lines), "each fits on a phone"


IDENTIFIERS = (
    "ada.lovelace@acme.example", "+33 6 12 34 56 78", "06.12.34.56.78", "FR76 3000 6000 0112 3456 7890 189",
    "4111 1111 1111 1111", "@ada@acme.example", "12 rue de la Paix, 75002 Paris", "Ada Lovelace", "LOVELACE ada",
    "Jean-Luc Moreau", "Moreau",
)  # fmt: skip
BETWEEN = ("hello, ", "\u200b", "\u202e", " (", "\n", " — ", "*", "call ", "")
PIECES = st.tuples(
    WORDS, st.sampled_from(BETWEEN), st.sampled_from(IDENTIFIERS), st.sampled_from([" ", "\n", ", ok", "!"])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=timedelta(seconds=5), max_examples=40)
@given(PIECES)
async def test_no_identifier_and_no_known_name_is_quoted(
    people: tuple[SqlStorage, list[UUID]], pieces: tuple[str, str, str, str]
) -> None:
    words, between, identifier, after = pieces
    storage, askers = people
    async with storage.unit_of_work() as uow:
        line = await Quotes(uow, TEXTS)(f"{words} {between}{identifier}{after}", askers)
    shown = re.sub(r"\W", "", line).casefold()
    assert re.sub(r"\W", "", identifier).casefold() not in shown
    assert "\n" not in line and len(line) <= LONGEST_TITLE + 2


@given(st.text())
def test_what_is_not_seen_is_gone(text: str) -> None:
    shown = cleaned(text)
    assert shown == " ".join(shown.split()) and shown.isprintable()
