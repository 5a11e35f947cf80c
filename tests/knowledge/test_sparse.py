from collections.abc import Callable
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.values import Language
from knowledge import sparse
from knowledge.function_words import FUNCTION_WORDS
from knowledge.sparse import K1, B, Vector

EN, FR = Language.EN, Language.FR


def ids(text: str, language: Language = EN, vector: Vector = Vector.QUESTION) -> set[int]:
    return set(sparse.terms(vector, text, language).ids)


def test_words_are_stemmed_in_their_language_and_then_lose_their_accents() -> None:
    assert ids("Réinitialiser les mots de passe", FR) == ids("reinitialiser le mot de passe", FR) | ids("les", FR)
    assert ids("printers printing", EN) == ids("printer prints", EN) | ids("print", EN)
    assert ids("imprimantes", FR) == ids("imprimante", FR)
    assert ids("chevaux", FR) == ids("cheval", FR)
    assert ids("chevaux", EN) != ids("cheval", EN)


def test_question_words_are_terms_like_any_other() -> None:
    assert len(ids("how do I do this")) == 4


def test_width_and_case_do_not_matter() -> None:
    assert ids("ＶＰＮ") == ids("vpn")


def test_character_grams_stay_inside_words_and_forgive_a_slip() -> None:
    grams = sparse.terms(Vector.CHARACTERS, "a bcd", EN)
    assert grams.length == len(" a ") - 2 + (len(" bcd ") - 2) + (len(" bcd ") - 3)
    right, wrong = ids("imprimante", FR, Vector.CHARACTERS), ids("impirmante", FR, Vector.CHARACTERS)
    assert len(right & wrong) >= len(right) // 3
    assert ids("réseau", FR, Vector.CHARACTERS) == ids("reseau", FR, Vector.CHARACTERS)


def test_weights_follow_bm25() -> None:
    found = sparse.terms(Vector.TEXT, "printer printer jam", EN)
    weights = dict(zip(found.ids, sparse.weighted(found, 6.0).values, strict=True))

    norm = K1 * (1 - B + B * 3 / 6.0)
    (printer,), (jam,) = ids("printer"), ids("jam")
    assert weights[printer] == pytest.approx(2 * (K1 + 1) / (2 + norm))
    assert weights[jam] == pytest.approx((K1 + 1) / (1 + norm))


def test_a_question_counts_each_term_once() -> None:
    asked = sparse.query(sparse.question("vpn vpn vpn", EN))

    assert list(asked[Vector.QUESTION].values) == [1.0]


def test_grams_of_function_words_count_half_and_shared_ones_in_between() -> None:
    asked = sparse.query(sparse.question("Où est la lampe ?", FR))
    emphasis = dict(zip(asked[Vector.CHARACTERS].indices, asked[Vector.CHARACTERS].values, strict=True))
    gram: Callable[[str], float] = lambda text: emphasis[crc32(text.encode())]  # noqa: E731

    assert gram(" ou ") == gram("est") == 0.5
    assert gram("amp") == gram("lamp") == 1.0
    assert gram(" la") == 0.75  # of the article, and of the lamp
    assert set(asked[Vector.QUESTION].values) == {1.0}


def test_the_ideal_text_is_weighed_as_the_question_is() -> None:
    asked = sparse.question("la lampe", FR)[Vector.CHARACTERS]
    plain = sparse.weighted(asked.terms, 9.0)

    assert sparse.ideal(asked, 9.0).values == pytest.approx(
        [weight * emphasis for weight, emphasis in zip(plain.values, asked.emphasis, strict=True)]
    )


@pytest.mark.parametrize("language", Language)
def test_function_words_are_written_as_they_are_compared(language: Language) -> None:
    assert all(word.isascii() and word == word.lower() for word in FUNCTION_WORDS[language])


@pytest.mark.parametrize("text", ["", "   ", "👍🎉", "?!…", "\u202e"])
def test_a_question_without_a_word_asks_for_nothing(text: str) -> None:
    assert sparse.question(text, EN) == {}


def test_term_ids_are_the_same_everywhere() -> None:
    assert ids("vpn") == {705_230_937}


def test_only_the_beginning_of_an_endless_question_counts() -> None:
    asked = sparse.question("word " * 2_000_000 + "end", EN)

    assert len(asked[Vector.QUESTION].terms.ids) == 1


@given(st.text(), st.sampled_from(Language), st.sampled_from(Vector))
def test_no_term_stands_twice_in_a_vector_and_ids_fit_the_engine(text: str, language: Language, vector: Vector) -> None:
    found = sparse.weighted(sparse.terms(vector, text, language), 5.0)

    assert len(set(found.indices)) == len(found.indices) == len(found.values)
    assert all(0 <= id < 2**32 for id in found.indices)
    assert all(0 < weight < K1 + 1 for weight in found.values)


@pytest.mark.parametrize(
    ("asked", "written"),
    [("E50", "the code E-50 is shown"), ("e-50", "Error E50"), ("lx420", "the LX-420"), ("50.03?", "(50.03)")],
)
def test_a_code_is_a_word_of_its_own_however_it_is_written(asked: str, written: str) -> None:
    question = set(sparse.terms(Vector.QUESTION, asked, Language.EN).ids)
    assert question & set(sparse.terms(Vector.TEXT, written, Language.EN).ids)


def test_the_parts_of_two_codes_do_not_make_a_third() -> None:
    question = set(sparse.terms(Vector.QUESTION, "50.03", Language.EN).ids)
    other = set(sparse.terms(Vector.QUESTION, "50.01 and 13.03", Language.EN).ids)
    same = set(sparse.terms(Vector.QUESTION, "code 50.03", Language.EN).ids)
    assert len(question & same) > len(question & other)
