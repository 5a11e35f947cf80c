from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.knowledge import Thresholds
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.index.points import Entry, prepare
from knowledge.retrieval import HybridRetriever
from knowledge.thresholds import HIGHEST, LOWEST, confidence_unwritten
from tests.knowledge.memory import MemoryBase, article

THINGS = ("printer", "screen", "badge", "phone", "keyboard", "mailbox", "VPN", "chair", "laptop", "door")
WISHES = ("replace the", "order a new", "clean the", "return the", "lock the", "share the", "move the", "name the")


def phrased(number: int, count: int) -> tuple[str, ...]:
    """Ways to ask that share some words with the title, and fewer with each other."""
    thing, wish = THINGS[number % len(THINGS)], WISHES[number // len(THINGS) % len(WISHES)]
    ways = (f"please {wish} {thing} for me", f"who can {wish} old {thing}")
    return ways[:count]


def base_of(articles: int, phrasings: int = 0, language: Language = Language.EN) -> MemoryBase:
    base = MemoryBase()
    base.put(
        *(
            article(
                f"{language}-{number}",
                f"How to {WISHES[number // len(THINGS) % len(WISHES)]} {THINGS[number % len(THINGS)]}",
                f"Ask the reception for form {number}.",
                language=language,
                phrasings=phrased(number, phrasings),
            )
            for number in range(articles)
        )
    )
    return base


async def thresholds_of(base: MemoryBase, directory: Path) -> dict[Language, Thresholds]:
    index = await EmbeddedIndex.open(directory)
    await IndexFollower(base.unit_of_work, index).catch_up()
    thresholds = dict(index.manifest.thresholds)
    await index.close()
    return thresholds


async def test_a_small_base_keeps_the_default(tmp_path: Path) -> None:
    assert await thresholds_of(base_of(19), tmp_path) == {}


async def test_titles_without_their_own_article_give_an_estimate(tmp_path: Path) -> None:
    found = await thresholds_of(base_of(40), tmp_path)

    assert set(found) == {Language.EN}
    assert LOWEST <= found[Language.EN].suggest < found[Language.EN].answer <= HIGHEST


async def test_each_language_has_its_own(tmp_path: Path) -> None:
    base = base_of(25)
    base.put(*base_of(19, language=Language.FR).rows.values())

    assert set(await thresholds_of(base, tmp_path)) == {Language.EN}


async def test_a_phrasing_is_asked_as_if_nobody_had_written_it_down(tmp_path: Path) -> None:
    """What the estimate makes of a phrasing in the index is what an index without it makes of the question."""
    with_it, without_it = base_of(60, phrasings=2), base_of(60, phrasings=2)
    without_it.put(replace(without_it.rows["en-7"], phrasings=(), revision="other"))
    with_it.put(replace(with_it.rows["en-7"], phrasings=("the shared mailbox needs cleaning",), revision="another"))
    prepared = prepare(Entry(with_it.rows["en-7"]))
    (text,), (draft,) = with_it.rows["en-7"].phrasings, prepared.phrasing_drafts

    first, second = await EmbeddedIndex.open(tmp_path / "1"), await EmbeddedIndex.open(tmp_path / "2")
    await IndexFollower(with_it.unit_of_work, first).catch_up()
    await IndexFollower(without_it.unit_of_work, second).catch_up()
    estimated = await confidence_unwritten(first, prepared, text, draft)
    (best, *_) = (await HybridRetriever(second).search(Query(text, Language.EN, Audience.PUBLIC))).hits
    (known, *_) = (await HybridRetriever(first).search(Query(text, Language.EN, Audience.PUBLIC))).hits

    assert known.confidence > 0.7
    assert estimated == pytest.approx(best.confidence, abs=0.06)
    await first.close()
    await second.close()


async def test_a_phrasing_does_not_vouch_for_itself(tmp_path: Path) -> None:
    """Phrasings with nothing in common with anything else are no evidence that such questions are understood."""
    syllables = ("ba", "ke", "di", "lo", "mu", "ra", "ne", "si", "to", "vu")
    word: Callable[[int], str] = lambda number: "".join(syllables[int(digit)] for digit in f"{number:04}")  # noqa: E731
    base = base_of(60)
    base.put(
        *(
            article(f"en-{number}", f"Title {word(number)}", "Text.", phrasings=(f"{word(7000 + number)}",))
            for number in range(60)
        )
    )

    assert (await thresholds_of(base, tmp_path))[Language.EN].answer < 0.5  # HIGHEST, if they did


async def test_thresholds_are_estimated_anew_when_enough_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(60)
    index = await EmbeddedIndex.open(tmp_path)
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    marked = {Language.EN: Thresholds(0.123, 0.1)}
    await index.save(replace(index.manifest, thresholds=marked))

    base.put(article("en-1", "How to clean the badge once more"))
    await follower.catch_up()
    assert index.manifest.thresholds == marked
    assert index.manifest.unsettled == 1

    base.put(*(article(f"en-{number}", f"How to clean badge {number}") for number in range(4)))
    await follower.catch_up()
    assert index.manifest.thresholds != marked
    assert index.manifest.unsettled == 0
    await index.close()
