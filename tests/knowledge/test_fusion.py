import pytest

from bot.model.values import Language
from knowledge.fusion import fuse
from knowledge.index.port import Candidate
from knowledge.sparse import Vector


def hits(**scores: float) -> list[Candidate]:
    return [Candidate(id, "r1", Language.EN, 0, None, score) for id, score in scores.items()]


def order(found: dict[Vector, list[Candidate]]) -> list[str]:
    return [ranked.best.article_id for ranked in fuse(found, dict.fromkeys(Vector, 10.0), Language.EN)]


def test_lists_are_scaled_before_they_are_added() -> None:
    found = {
        Vector.QUESTION: hits(a=9.0, b=1.0, c=1.0, d=1.0),
        Vector.TEXT: hits(b=900.0, a=890.0, c=100.0),
    }

    assert order(found)[0] == "a"


def test_an_article_in_all_lists_comes_before_one_in_a_single_list() -> None:
    found = {
        Vector.QUESTION: hits(a=5.0, b=4.9),
        Vector.TEXT: hits(b=5.0, c=4.0),
        Vector.CHARACTERS: hits(b=5.0, d=4.0),
    }

    assert order(found)[0] == "b"


def test_ties_are_in_the_order_of_ids() -> None:
    assert order({Vector.QUESTION: hits(b=2.0, c=2.0, a=2.0)}) == ["a", "b", "c"]


def test_confidence_is_the_mean_share_of_what_each_vector_could_have_scored() -> None:
    found = {Vector.QUESTION: hits(a=8.0), Vector.TEXT: hits(a=2.0), Vector.CHARACTERS: []}
    ceilings = {Vector.QUESTION: 8.0, Vector.TEXT: 10.0, Vector.CHARACTERS: 5.0}

    (ranked,) = fuse(found, ceilings, Language.EN)

    assert ranked.confidence == pytest.approx((1.0 + 0.2 + 0.0) / 3)


def test_confidence_never_leaves_its_range() -> None:
    (ranked,) = fuse({Vector.QUESTION: hits(a=99.0)}, {Vector.QUESTION: 1.0}, Language.EN)

    assert ranked.confidence == 1.0


def test_the_passage_shown_is_the_one_that_the_text_matched() -> None:
    question = [Candidate("a", "r1", Language.EN, 0, None, 5.0)]
    text = [Candidate("a", "r1", Language.EN, 3, "If it comes back", 5.0)]

    (ranked,) = fuse({Vector.QUESTION: question, Vector.TEXT: text}, {}, Language.EN)

    assert (ranked.best.chunk, ranked.best.heading) == (3, "If it comes back")


def test_nothing_found_is_nothing() -> None:
    assert fuse({}, {}, Language.EN) == []
