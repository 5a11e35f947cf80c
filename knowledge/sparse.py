"""Sparse vectors: BM25 over words of the title, over words of title and text, and over character n-grams of the title.

A point carries term weights, a query carries term counts, and the engine multiplies by the inverse document frequency
(its IDF modifier). Stop words are kept: the question words of a FAQ tell its questions apart. Words are stemmed in the
language of their text, then accents are folded (Snowball needs the accents). Character 3- and 4-grams, inside word
boundaries, stand typing errors and missing accents. Term ids are CRC-32 of the term, the same on every machine.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from zlib import crc32

from py_rust_stemmers import SnowballStemmer

from bot.model.values import Language

VERSION = 1  # to be raised with every change of what is computed here: indexes made by another version are rebuilt

K1 = 1.2
B = 0.75
LONGEST_QUERY = 2000  # characters
LONGEST_WORD = 40  # characters; longer "words" are keys, hashes and noise

_WORD = re.compile(r"\w+")
_STEMMERS = {Language.EN: "english", Language.FR: "french"}


class Vector(StrEnum):
    """The names of a point's vectors."""

    QUESTION = "bm25_q"
    TEXT = "bm25_qa"
    CHARACTERS = "char_q"


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids, each once, and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]

    def __bool__(self) -> bool:
        return bool(self.indices)


Vectors = Mapping[Vector, SparseVector]
MeanLengths = Mapping[Vector, float]


def words(text: str) -> list[str]:
    """The words of a text in lower case, accents kept."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower())]


def length(vector: Vector, text: str) -> int:
    """How many terms a text has in a vector; cheaper than to count the terms themselves."""
    found = words(text)
    return sum(_grams_in(word) for word in found) if vector is Vector.CHARACTERS else len(found)


def document(vector: Vector, text: str, language: Language, mean_length: float) -> SparseVector:
    """BM25 term weights (without IDF) of a text, given the mean length of all texts of that vector."""
    terms = _terms(vector, text, language)
    if not terms:
        return SparseVector((), ())
    norm = K1 * (1 - B + B * terms.total() / max(mean_length, 1.0))
    return SparseVector(tuple(terms), tuple(count * (K1 + 1) / (count + norm) for count in terms.values()))


def query(text: str, language: Language) -> dict[Vector, SparseVector]:
    """A vector for each name that has a term in the text: none for an empty or emoji-only one."""
    vectors = {}
    for vector in Vector:
        terms = _terms(vector, text[:LONGEST_QUERY], language)
        if terms:
            vectors[vector] = SparseVector(tuple(terms), (1.0,) * len(terms))
    return vectors


def _terms(vector: Vector, text: str, language: Language) -> Counter[int]:
    found = words(text)
    if vector is Vector.CHARACTERS:
        return Counter(gram for word in found for gram in _grams(word))
    return Counter(_stemmed(word, language) for word in found)


@lru_cache(maxsize=32_768)
def _stemmed(word: str, language: Language) -> int:
    return _id(_folded(_stemmer(language).stem_word(word)))


@lru_cache(maxsize=8_192)
def _grams(word: str) -> tuple[int, ...]:
    padded = f" {_folded(word)} "
    return tuple(_id(padded[at : at + size]) for size in (3, 4) for at in range(len(padded) - size + 1))


def _grams_in(word: str) -> int:
    return max(len(word), 0) + max(len(word) - 1, 0)


@lru_cache(maxsize=2)
def _stemmer(language: Language) -> SnowballStemmer:
    return SnowballStemmer(_STEMMERS[language])


def _folded(word: str) -> str:
    if word.isascii():
        return word
    return "".join(part for part in unicodedata.normalize("NFKD", word) if not unicodedata.combining(part))


def _id(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass"))


def mean(lengths: Iterable[int]) -> float:
    found = [value for value in lengths if value]
    return sum(found) / len(found) if found else 1.0
