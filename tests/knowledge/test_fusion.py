import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.values import Language
from knowledge.dense import Dense
from knowledge.fusion import CANDIDATES, TRAINED, fuse, weights_for
from knowledge.index.port import Candidate, Found
from knowledge.sparse import Vector


def hits(**scores: float) -> list[Candidate]:
    return [Candidate(id, "r1", Language.EN, 0, None, score) for id, score in scores.items()]


def order(found: Found) -> list[str]:
    return [ranked.best.article_id for ranked in fuse(found, dict.fromkeys(Vector, 10.0), Language.EN)]


def test_lists_are_scaled_before_they_are_added() -> None:
    found: Found = {
        Vector.QUESTION: hits(a=9.0, b=1.0, c=1.0, d=1.0),
        Vector.TEXT: hits(b=900.0, a=890.0, c=100.0),
    }

    assert order(found)[0] == "a"


def test_an_article_in_all_lists_comes_before_one_in_a_single_list() -> None:
    found: Found = {
        Vector.QUESTION: hits(a=5.0, b=4.9),
        Vector.TEXT: hits(b=5.0, c=4.0),
        Vector.CHARACTERS: hits(b=5.0, d=4.0),
    }

    assert order(found)[0] == "b"


def test_ties_are_in_the_order_of_ids() -> None:
    assert order({Vector.QUESTION: hits(b=2.0, c=2.0, a=2.0)}) == ["a", "b", "c"]


def confidences(shares: list[float], characters: list[float]) -> list[float]:
    """Of the articles in this order; the shares are those of the two vectors of words."""
    ids = [f"a{number:02}" for number in range(max(len(shares), len(characters)))]
    found: Found = {
        Vector.QUESTION: hits(**dict(zip(ids, shares, strict=False))),
        Vector.TEXT: hits(**dict(zip(ids, shares, strict=False))),
        Vector.CHARACTERS: hits(**dict(zip(ids, characters, strict=False))),
    }
    ranked = fuse(found, dict.fromkeys(Vector, 1.0), Language.EN)
    return [hit.confidence for hit in sorted(ranked, key=lambda hit: hit.best.article_id)]


def test_one_perfect_match_alone_is_certain() -> None:
    assert confidences([1.0], [1.0]) == [pytest.approx(1.0)]


def test_confidence_takes_three_parts_of_contrast_and_one_of_share() -> None:
    found: Found = {Vector.QUESTION: hits(a=8.0), Vector.TEXT: hits(a=2.0), Vector.CHARACTERS: hits(a=2.5)}
    ceilings = {Vector.QUESTION: 8.0, Vector.TEXT: 10.0, Vector.CHARACTERS: 5.0}

    (ranked,) = fuse(found, ceilings, Language.EN)

    share, contrast = (1.0 + 0.2 + 0.5) / 3, 0.5  # half of a perfect match, alone
    assert ranked.confidence == pytest.approx(contrast**0.75 * share**0.25)


def test_what_everything_matches_alike_is_no_evidence() -> None:
    alike = confidences([0.5] * CANDIDATES, [0.5] * CANDIDATES)
    few = confidences([0.5] * CANDIDATES, [0.5] * 4 + [0.1] * (CANDIDATES - 4))

    assert max(alike) < 0.01
    assert few[0] > 0.5


def test_articles_beyond_the_fused_ones_change_no_confidence() -> None:
    characters = [0.6, 0.5, *([0.2] * (CANDIDATES - 2))]

    assert confidences(characters, characters) == confidences(characters, [*characters, 0.1, 0.1])[:CANDIDATES]


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40), st.lists(st.floats(0, 3), max_size=40))
def test_confidence_never_leaves_its_range(shares: list[float], characters: list[float]) -> None:
    found = confidences(sorted(shares, reverse=True), sorted(characters, reverse=True))

    assert all(0 <= confidence <= 1 for confidence in found)


def test_a_better_match_of_one_question_is_never_trusted_less() -> None:
    found = confidences([0.9, 0.5, 0.2], [0.9, 0.5, 0.2])

    assert found == sorted(found, reverse=True)


def test_without_a_ceiling_there_is_no_confidence() -> None:
    (ranked,) = fuse({Vector.QUESTION: hits(a=9.0)}, {}, Language.EN)

    assert ranked.confidence == 0.0


def test_the_passage_shown_is_the_one_that_the_text_matched() -> None:
    question = [Candidate("a", "r1", Language.EN, 0, None, 5.0)]
    text = [Candidate("a", "r1", Language.EN, 3, "If it comes back", 5.0)]

    (ranked,) = fuse({Vector.QUESTION: question, Vector.TEXT: text}, {}, Language.EN)

    assert (ranked.best.chunk, ranked.best.heading) == (3, "If it comes back")


def test_nothing_found_is_nothing() -> None:
    assert fuse({}, {}, Language.EN) == []


def test_what_a_model_sees_outweighs_words_where_it_has_learnt_the_language() -> None:
    found: Found = {
        Vector.QUESTION: hits(words=9.0, meaning=1.0, other=1.0),
        Dense.QUESTION: hits(meaning=0.9, words=0.2, other=0.1),
        Dense.TEXT: hits(meaning=0.8, words=0.2, other=0.1),
    }
    ceilings = dict.fromkeys(Vector, 10.0)

    def first(trained: tuple[Language, ...] | None) -> str:
        return fuse(found, ceilings, Language.EN, weights_for(Language.EN, trained))[0].best.article_id

    assert first((Language.EN,)) == "meaning"
    assert first((Language.FR,)) == "words"
    assert first(None) == "words"


def test_with_a_model_confidence_is_the_cosine_where_both_contrasts_are_full() -> None:
    found: Found = {
        Vector.CHARACTERS: hits(a=5.0),
        Dense.QUESTION: hits(a=1.0),
        Dense.TEXT: hits(a=0.5),
    }
    (ranked,) = fuse(found, {Vector.CHARACTERS: 5.0}, Language.EN, TRAINED)

    assert ranked.confidence == pytest.approx((0.6 + 0.4 * 0.5) ** 0.25)


def test_cosines_that_do_not_stand_apart_are_no_evidence() -> None:
    alike: Found = {Vector.CHARACTERS: hits(a=5.0), Dense.QUESTION: hits(**{f"a{n}": 0.4 for n in range(30)})}
    apart: Found = {Vector.CHARACTERS: hits(a=5.0), Dense.QUESTION: hits(a0=0.4, a1=0.05)}

    def confidence(found: Found) -> float:
        ranked = fuse(found, {Vector.CHARACTERS: 5.0}, Language.EN, TRAINED)
        return next(hit.confidence for hit in ranked if hit.best.article_id == "a0")

    assert confidence(alike) == pytest.approx(0.0, abs=1e-6)
    assert confidence(apart) > 0.4
