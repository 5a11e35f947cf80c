import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model.knowledge import Calibration, Thresholds
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.calibration import (
    ENOUGH,
    Calibrations,
    Judged,
    calibration_error,
    even_chance,
    fit,
    probability,
)
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.index.points import Entry
from knowledge.judging import Judge, Known, family
from knowledge.retrieval import HybridRetriever
from tests.knowledge.memory import MemoryBase, article

NOW = Thresholds(0.3, 0.2)


def people(count: int, slope: float = 8.0, intercept: float = -3.0, seed: int = 0) -> list[Judged]:
    """Questions whose answers are right as often as a known curve says."""
    dice = random.Random(seed)
    judged = []
    for _ in range(count):
        confidence = dice.random()
        right = dice.random() < probability(confidence, slope, intercept)
        judged.append(Judged(confidence, right, True, right or dice.random() < 0.5))
    return judged


def test_the_curve_that_made_the_answers_is_found_again() -> None:
    found = fit(people(4000), 0.1, NOW)

    assert found is not None
    assert found.slope == pytest.approx(8.0, rel=0.15)
    assert found.intercept == pytest.approx(-3.0, rel=0.15)
    assert found.after < 0.03 < found.before


@pytest.mark.parametrize("wanted", [0.05, 0.1, 0.2])
def test_answers_are_wrong_as_often_as_was_wanted(wanted: float) -> None:
    found = fit(people(3000), wanted, NOW)
    assert found is not None and found.reached
    others = [each for each in people(3000, seed=1) if each.confidence >= found.answer]

    assert found.wrong == pytest.approx(wanted, abs=0.03)
    assert sum(not each.right for each in others) / len(others) == pytest.approx(wanted, abs=0.04)
    assert found.suggest <= found.answer


def test_only_questions_that_would_be_answered_choose_the_threshold() -> None:
    close = [replace(each, right=False, stands_out=False) for each in people(1000, seed=2)]
    with_them, without = fit([*people(2000), *close], 0.1, NOW), fit(people(2000), 0.1, NOW)

    assert with_them and without and with_them.answer == pytest.approx(without.answer, abs=1e-9)


def test_what_cannot_be_had_leaves_the_thresholds_alone() -> None:
    found = fit(people(1000, slope=0.5, intercept=-1.0), 0.05, NOW)

    assert found is not None
    assert not found.reached
    assert (found.answer, found.suggest) == (NOW.answer, NOW.suggest)
    assert found.wrong > 0.3


@pytest.mark.parametrize(
    "judged",
    [
        people(ENOUGH - 1),
        [replace(each, right=True) for each in people(200)],
        [replace(each, right=False) for each in people(200)],
        [],
    ],
    ids=["too few", "all right", "all wrong", "none"],
)
def test_without_enough_to_go_by_nothing_is_fitted(judged: list[Judged]) -> None:
    assert fit(judged, 0.1, NOW) is None


def test_more_confidence_never_means_less() -> None:
    upside_down = [replace(each, right=not each.right) for each in people(1000)]
    found = fit(upside_down, 0.1, NOW)
    assert found is not None and found.slope == 0.0


def test_the_calibration_error_is_the_mean_distance_of_promise_and_outcome() -> None:
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert calibration_error([0.9] * 10, [True] * 5 + [False] * 5) == pytest.approx(0.4)
    assert calibration_error([0.05] * 5 + [0.95] * 5, [False] * 5 + [True] * 5) == pytest.approx(0.05)
    assert calibration_error([], []) == 0.0


def test_an_even_chance_lies_where_the_curve_crosses_one_half() -> None:
    assert even_chance(10.0, -4.0) == pytest.approx(0.4)
    assert even_chance(0.0, 1.0) == 0.0
    assert even_chance(0.0, -1.0) == 1.0


def base_of(count: int) -> MemoryBase:
    topics = ("printer", "vpn", "badge", "mail", "screen", "wifi", "phone", "laptop", "scanner", "invoice")
    matters = ("is broken", "does not start", "is slow", "was stolen", "is missing", "has to be replaced")
    base = MemoryBase()
    for number in range(count):
        topic, matter = topics[number % len(topics)], matters[number // len(topics) % len(matters)]
        asked = (f"my {topic} thing {matter} again", f"what if the {topic} {matter}")
        base.put(article(f"a{number}", f"The {topic} {matter}", phrasings=asked))
    return base


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[tuple[MemoryBase, EmbeddedIndex]]:
    base = base_of(40)
    index = await EmbeddedIndex.open(tmp_path / "index")
    await IndexFollower(base.unit_of_work, index).catch_up()
    yield base, index
    await index.close()


async def test_phrasings_and_titles_left_out_stand_in_for_labelled_questions(
    index: tuple[MemoryBase, EmbeddedIndex],
) -> None:
    base, engine = index
    entries = [Entry(row) for row in base.rows.values()]
    judge = Judge(engine, None, family(base.rows), 0.9)

    judged = await judge.left_out(entries, Language.EN)

    assert len(judged) == 80 + 40
    assert sum(each.right for each in judged[:80]) > 60
    assert not any(each.right or each.among_three for each in judged[80:])
    found = fit(judged, 0.2, NOW)
    assert found is not None and found.auroc > 0.6


async def test_a_translation_of_the_right_article_is_right() -> None:
    base = MemoryBase()
    base.put(
        article("a.en", "Paper jam"),
        article("a.fr", "Bourrage papier", language=Language.FR, translation_of="a.en"),
        article("b.en", "Something else"),
    )
    families = family(base.rows)
    assert families["a.en"] == families["a.fr"] == {"a.en", "a.fr"}
    assert families["b.en"] == {"b.en"}


async def test_labelled_questions_are_judged_by_their_relevant_articles(
    index: tuple[MemoryBase, EmbeddedIndex],
) -> None:
    base, engine = index
    judge = Judge(engine, None, family(base.rows), 0.9)
    known = [
        Known("the printer is broken", Language.EN, frozenset({"a0"})),
        Known("the printer is broken", Language.EN, frozenset({"a1"})),
        Known("the printer is broken", Language.EN, frozenset()),
        Known("", Language.EN, frozenset({"a1"})),
    ]

    judged = await judge.labelled(known)

    assert [each.right for each in judged] == [True, False, False, False]
    assert judged[3].confidence == 0.0


async def test_the_retriever_tells_the_probability_and_keeps_to_the_thresholds(
    index: tuple[MemoryBase, EmbeddedIndex],
) -> None:
    _, engine = index
    fitted = Calibration(
        Language.EN, "", 6.0, -3.0, 0.55, 0.35, 0.01, 0.9, 200, "labelled", 0.1, datetime(2026, 11, 21, tzinfo=UTC)
    )
    calibrations = Calibrations(MemoryBase().unit_of_work)
    calibrations._known[Language.EN, ""] = fitted
    retriever = HybridRetriever(engine, None, calibrations)

    found = await retriever.search(Query("the printer is broken", Language.EN, Audience.PUBLIC))
    plain = await HybridRetriever(engine).search(Query("the printer is broken", Language.EN, Audience.PUBLIC))
    french = await retriever.search(Query("imprimante", Language.FR, Audience.PUBLIC))

    assert found.thresholds == Thresholds(0.55, 0.35, calibrated=True)
    assert [hit.confidence for hit in found.hits] == [hit.confidence for hit in plain.hits]
    assert found.hits[0].probability == pytest.approx(probability(found.hits[0].confidence, 6.0, -3.0), abs=1e-3)
    assert plain.hits[0].probability is None
    assert not french.thresholds.calibrated
