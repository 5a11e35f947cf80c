"""How alike two texts are, by the words that they have in common; and which of many are about one thing.

A word stands for another across a typing error or an ending. What is compared is short: measured on tickets of twelve
invented outages in both languages, among past tickets and other matters of the same categories, 97 % of those that
are put together at ALIKE belong together.
"""

from collections.abc import Sequence
from functools import cache

from rapidfuzz.distance import OSA

from bot.understanding.lexicon import lexicon, read

ALIKE = 0.45  # share of words in common from which two texts are taken for the same matter
STEM = 5  # letters: words that begin with the same ones differ by their endings
LONG = 10  # letters from which a word may have two typing errors

Words = tuple[str, ...]


@cache
def _filler() -> frozenset[str]:
    return frozenset(word for words in read("filler")["words"].values() for word in words)


def telling_words(text: str) -> Words:
    """The words of a text that say what it is about, each once, normalised."""
    words = lexicon().normaliser.words(text)
    return tuple(dict.fromkeys(word for word in words if word not in _filler() and (len(word) > 1 or word.isdigit())))


def same_word(one: str, other: str, *, endings: bool = True) -> bool:
    """Whether one is the other, mistyped or, with `endings`, inflected.

    Figures must be exact, and so must short words, in which two letters may be swapped (vpn, vnp) and no more.
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if any(char.isdigit() for char in one + other):
        return False
    if long in (f"{short}s", f"{short}x") and len(short) > 2:
        return True
    if len(short) < STEM:
        return sorted(one) == sorted(other) and one[0] == other[0] and OSA.distance(one, other) == 1
    if endings and one[:STEM] == other[:STEM]:
        return True
    allowed = 2 if len(short) >= LONG else 1
    return bool(OSA.distance(one, other, score_cutoff=allowed) <= allowed)


def likeness(one: Words, other: Words) -> float:
    """0 to 1: the share of the words of both that have their like in the other."""
    if not one or not other:
        return 0.0
    shared = sum(any(same_word(word, its) for its in other) for word in one)
    shared += sum(any(same_word(word, its) for its in one) for word in other)
    return shared / (len(one) + len(other))


def are_alike(one: str, other: str) -> bool:
    return likeness(telling_words(one), telling_words(other)) >= ALIKE


def groups(texts: Sequence[str], smallest: int) -> list[list[int]]:
    """Positions of texts that are alike, at least `smallest` together, the largest groups first.

    Each group has a centre that all of it is alike to, and which comes first: no chain of likenesses leads away.
    """
    words = [telling_words(text) for text in texts]
    near = [
        {other for other in range(len(texts)) if other != at and likeness(words[at], words[other]) >= ALIKE}
        for at in range(len(texts))
    ]
    left, found = set(range(len(texts))), []
    while left:
        centre = max(left, key=lambda at: (len(near[at] & left), -at))
        members = [centre, *sorted(near[centre] & left)]
        if len(members) < smallest:
            break
        found.append(members)
        left -= set(members)
    return found
