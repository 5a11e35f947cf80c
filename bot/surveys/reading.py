"""Read the score that somebody types: "4", "4/5", "★★★★", "quatre sur cinq", "4: very quick"."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.understanding.normalise import fold

Kind = Literal["csat", "nps"]
RANGES: dict[Kind, tuple[int, int]] = {"csat": (1, 5), "nps": (0, 10)}

_WORDS = {
    "zero": 0, "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4,
    "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8, "neuf": 9, "nine": 9, "dix": 10,
    "ten": 10,
}  # fmt: skip
_STARS = re.compile(r"^\s*((?:[★⭐🌟]\ufe0f?\s*)+)((?:☆\s*)*)\s*(.*)$", re.DOTALL)
_KEYCAP = re.compile(r"(\d)\ufe0f?\u20e3")
_NUMBER = rf"\d{{1,3}}(?:[.,]\d+)?|{'|'.join(_WORDS)}"
_SAID = re.compile(
    r"(?:(?:je|i)(?:\s*'?d| would)?\s+(?:(?:mets|mettrais|donne|donnerais|dirais|give|say|rate)\s+)"
    r"(?:(?:it|you|lui|vous)\s+)?(?:(?:a|an|un)\s+)?|(?:note|score)\s*:?\s*)?"
    rf"(?P<number>{_NUMBER})\b"
    r"(?:\s*(?:/|sur\b|out of\b|of\b)\s*(?P<scale>5|10|cinq|five|dix|ten)\b)?"
    r"(?:\s*(?:stars?|etoiles?|points?|pts?)\b)?(?:\s*(?:merci|thanks|thank you|svp|please)\b)?\s*"
    r"(?:[.!]*$|[.,;:!–—-]+\s*(?=\D)|(?(scale)(?=\D)|(?!)))"
)
_PLEASE = re.compile(r"\b(?:please|svp|stp|s'il (?:vous|te) plait)\b")
_NUMBER_FIRST = re.compile(r"^(\d{1,2})\s+(?=[^\W\d_])(.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """`score` is None for a number that is none on this scale."""

    score: int | None
    comment: str = ""


def read_score(text: str, kind: Kind) -> Said | None:
    """What a message says as a score, with the comment after it; None if it is no score at all.

    A number that begins a sentence ("2 printers are jammed") is none.
    """
    text = _KEYCAP.sub(r"\1", text).strip()
    low, high = RANGES[kind]
    if stars := _STARS.match(text):
        count = len(re.findall(r"[★⭐🌟]", stars[1]))
        return Said(count if low <= count <= high else None, stars[3].strip())
    folded = fold(text)
    match = _SAID.match(folded)
    if match is None:
        return None
    written, scale = match["number"], match["scale"]
    number = _WORDS.get(written)
    if number is None and written.isdigit():
        number = int(written)
    of = _WORDS.get(scale or "", int(scale) if scale and scale.isdigit() else high)
    is_valid = number is not None and low <= number <= high and of == high
    # Folding keeps lengths but for ligatures: the comment is found from the end.
    rest = len(folded) - match.end()
    comment = text[len(text) - rest :].strip() if rest else ""
    return Said(number if is_valid else None, comment)


def number_first(text: str, kind: Kind) -> Said | None:
    """ "5 very quick", which may as well be "2 printers are jammed": a score only if the words say how it went.
    Who says please wants something."""
    if _PLEASE.search(fold(text)):
        return None
    match = _NUMBER_FIRST.match(_KEYCAP.sub(r"\1", text).strip())
    low, high = RANGES[kind]
    return Said(int(match[1]), match[2].strip()) if match and low <= int(match[1]) <= high else None
