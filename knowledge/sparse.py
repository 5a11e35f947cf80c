"""Sparse vectors: BM25 over words of the title, over words of title and text, and over character n-grams of the title.

A point carries term weights, a query carries term counts, and the engine multiplies by the inverse document frequency
(its IDF modifier). Stop words are kept: the question words of a FAQ tell its questions apart. Words are stemmed in the
language of their text, then accents are folded (Snowball needs the accents). A code is a word of its own beside its
parts. Character 3- and 4-grams, inside word boundaries, stand typing errors and missing accents; those of function
words count half in a question, since its wording is told by the words already and grams are there for what it is about.
Term ids are CRC-32 of the term, the same on every machine.
"""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from zlib import crc32

from py_rust_stemmers import SnowballStemmer

from bot.model.values import Language
from knowledge.function_words import FUNCTION_WORDS

VERSION = 4  # to be raised with every change of what is computed here: indexes made by another version are rebuilt

K1 = 1.2
B = 0.75
FUNCTION_WORD = 0.5  # of the weight of a gram in a question
LONGEST_QUERY = 2000  # characters
LONGEST_WORD = 40  # characters; what is longer (keys, hashes) is cut into pieces

_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)['’](?=\w)", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.-])[a-z]{0,3}[.-]?\d+(?:[.-]\d+)*[a-z]{0,3}(?![\w-])")
_WORD = re.compile(rf"\w{{1,{LONGEST_WORD}}}")


class Vector(StrEnum):
    """The names of a point's vectors."""

    QUESTION = "bm25_q"
    TEXT = "bm25_qa"
    CHARACTERS = "char_q"


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids, each once, and their weights."""

    indices: Sequence[int]
    values: Sequence[float]

    def __bool__(self) -> bool:
        return bool(self.indices)


Vectors = Mapping[Vector, SparseVector]
MeanLengths = Mapping[Vector, float]


@dataclass(frozen=True, slots=True)
class Terms:
    """How often each term occurs in a text; arrays, because an index being built holds many of them."""

    ids: "array[int]"
    counts: "array[int]"

    @property
    def length(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a question, and for each how much it counts (0..1)."""

    terms: Terms
    emphasis: Sequence[float]


def terms(vector: Vector, text: str, language: Language) -> Terms:
    counted: Counter[int] = Counter()
    if vector is Vector.CHARACTERS:
        for word in _words(text, language):
            counted.update(_grams(word))
    else:
        counted.update(map(_STEMMED[language], _words(text, language)))
        counted.update(map(_id, _codes(text)))
    return Terms(array("I", counted.keys()), array("I", counted.values()))


def without(text: Terms, part: Terms) -> Terms:
    """The terms of a text when a part of it is taken away."""
    left = Counter(dict(zip(text.ids, text.counts, strict=True)))
    left -= Counter(dict(zip(part.ids, part.counts, strict=True)))
    return Terms(array("I", left.keys()), array("I", left.values()))


def weighted(found: Terms, mean_length: float) -> SparseVector:
    """BM25 term weights, IDF apart, given the mean length of all texts of that vector."""
    norm = K1 * (1 - B + B * found.length / max(mean_length, 1.0))
    return SparseVector(found.ids, [count * (K1 + 1) / (count + norm) for count in found.counts])


def question(text: str, language: Language) -> dict[Vector, Asked]:
    """What a question asks for, by vector: nothing for an empty or emoji-only one."""
    shortened = text[:LONGEST_QUERY]
    words = terms(Vector.QUESTION, shortened, language)
    if not words.ids:
        return {}
    plain = Asked(words, [1.0] * len(words.ids))
    return {
        Vector.QUESTION: plain,
        Vector.TEXT: plain,
        Vector.CHARACTERS: _asked_characters(shortened, language),
    }


def _asked_characters(text: str, language: Language) -> Asked:
    counted: Counter[int] = Counter()
    functional: Counter[int] = Counter()
    for word in _words(text, language):
        grams = _grams(word)
        counted.update(grams)
        if _folded(word) in FUNCTION_WORDS[language]:
            functional.update(grams)
    emphasis = [1 - (1 - FUNCTION_WORD) * functional[gram] / count for gram, count in counted.items()]
    return Asked(Terms(array("I", counted.keys()), array("I", counted.values())), emphasis)


def query(asked: Mapping[Vector, Asked]) -> dict[Vector, SparseVector]:
    """Each term once, however often it is said."""
    return {vector: SparseVector(each.terms.ids, each.emphasis) for vector, each in asked.items()}


def ideal(asked: Asked, mean_length: float) -> SparseVector:
    """A text of just the question's words, weighted as the question weighs them: what it would match best."""
    weights = weighted(asked.terms, mean_length)
    values = [weight * emphasis for weight, emphasis in zip(weights.values, asked.emphasis, strict=True)]
    return SparseVector(weights.indices, values)


def _words(text: str, language: Language) -> list[str]:
    """The words of a text in lower case, accents kept; of l'imprimante, qu'il and the like, what follows."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if language is Language.FR:
        text = _ELIDED.sub(" ", text)
    return _WORD.findall(text.lower())


def _codes(text: str) -> list[str]:
    """Codes, models and numbers with dashes or dots (E-50, 50.03, LX-420), each one word: 50.03 is not 50 and 03."""
    found = _CODE.findall(text.lower())
    return [code.replace("-", "").replace(".", "") for code in found if "-" in code or "." in code]


@lru_cache(maxsize=16_384)
def _english(word: str) -> int:
    return _id(_folded(_stemmer("english").stem_word(word)))


@lru_cache(maxsize=16_384)
def _french(word: str) -> int:
    return _id(_folded(_stemmer("french").stem_word(word)))


_STEMMED = {Language.EN: _english, Language.FR: _french}


@lru_cache(maxsize=8_192)
def _grams(word: str) -> tuple[int, ...]:
    padded = f" {_folded(word)} "
    return tuple(_id(padded[at : at + size]) for size in (3, 4) for at in range(len(padded) - size + 1))


@lru_cache(maxsize=2)
def _stemmer(algorithm: str) -> SnowballStemmer:
    return SnowballStemmer(algorithm)


def _folded(word: str) -> str:
    if word.isascii():
        return word
    return "".join(part for part in unicodedata.normalize("NFKD", word) if not unicodedata.combining(part))


def _id(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass"))
