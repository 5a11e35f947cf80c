"""Questions about one thing come together, the same way each time, and join what there is."""

from collections.abc import Collection, Sequence

import numpy as np

from bot.errors import ModelUnavailable
from bot.model.values import Language
from bot.ports.knowledge import Worded
from knowledge.clustering import MOST_CLUSTERS, SAMPLE, Clusterer
from knowledge.dense import Embedder, Embedding

EN, FR = Language.EN, Language.FR
PLANTS = ("who waters the plants in the lobby", "the plants in the lobby need water", "water for the lobby plants")
BIKES = ("where can i lock my bike", "is there a place to lock bikes", "lock for my bike is stuck")


def worded(*texts: str, language: Language = EN) -> list[Worded]:
    return [(text, language) for text in texts]


async def test_questions_with_the_same_words_make_a_group_with_a_title_of_its_own() -> None:
    questions = worded(PLANTS[0], BIKES[0], PLANTS[1], BIKES[1], "who feeds the goldfish", PLANTS[2], BIKES[2])
    grouping = await Clusterer().group(questions)
    of = grouping.group_of
    assert of[0] == of[2] == of[5] and of[1] == of[3] == of[6]
    assert len({of[0], of[1], of[4]}) == 3 == len(grouping.titles)
    assert [of[title] for title in grouping.titles] == [0, 1, 2], "each is named by one of its own"
    assert await Clusterer().group(questions) == grouping


async def test_new_questions_join_the_known_group_they_are_nearest_to() -> None:
    known = [worded(*BIKES[:2]), worded(*PLANTS[:2])]
    grouping = await Clusterer().group(worded(PLANTS[2], BIKES[2], "who feeds the goldfish"), known)
    assert grouping.group_of == (1, 0, 2)
    assert grouping.titles == (2,)


async def test_languages_are_kept_apart() -> None:
    grouping = await Clusterer().group([("wifi", EN), ("wifi", FR), ("wifi", EN)], [[("wifi", FR)]])
    assert grouping.group_of == (1, 0, 1)


async def test_nothing_one_and_empty_ones_are_grouped_too() -> None:
    assert (await Clusterer().group([])).group_of == ()
    assert (await Clusterer().group(worded("alone"))).group_of == (0,)
    assert len((await Clusterer().group(worded("", "?", "👍"))).group_of) == 3
    assert len({*(await Clusterer().group(worded(*["the same words"] * 20))).group_of}) == 1


class Meanings:
    """A model that knows two meanings, and English only."""

    name, size = "toy", 2
    languages: Collection[Language] = (EN,)

    def __init__(self, fails: bool = False) -> None:
        self.read: list[str] = []
        self.fails = fails

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        if self.fails:
            raise ModelUnavailable("gone")
        self.read += texts
        return [[1.0, 0.0] if "car" in text or "vehicle" in text else [0.0, 1.0] for text in texts]


class Models:
    def __init__(self, model: Meanings) -> None:
        self.wanted: Embedder | None = model

    def get(self, name: str) -> Embedder | None:
        return self.wanted


async def test_a_model_tells_what_words_do_not_in_the_languages_that_it_knows() -> None:
    model = Meanings()
    questions = [*worded("my car", "a vehicle", "some tea", "this vehicle"), *worded("ma voiture", language=FR)]
    grouping = await Clusterer(Models(model)).group(questions)
    of = grouping.group_of
    assert of[0] == of[1] == of[3] != of[2]
    assert "ma voiture" not in model.read


async def test_without_its_model_words_do() -> None:
    grouping = await Clusterer(Models(Meanings(fails=True))).group(worded(*PLANTS))
    assert len({*grouping.group_of}) == 1


async def test_very_many_questions_are_grouped_in_bounded_time() -> None:
    random = np.random.default_rng(3)
    count = SAMPLE + MOST_CLUSTERS + 100
    words = [f"subject{n} model{n}" for n in random.integers(60, size=count).tolist()]
    questions = worded(*(f"{word} stopped in room{random.integers(400)}" for word in words))
    of = (await Clusterer().group(questions)).group_of
    together: dict[str, set[int]] = {}
    for word, group in zip(words, of, strict=True):
        together.setdefault(word, set()).add(group)
    alone = [groups for groups in together.values() if len(groups) == 1]
    assert len(alone) > 0.9 * len(together)
