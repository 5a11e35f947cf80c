"""Long texts in pieces that Slack takes, parted where it reads best."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from adapters.slack.mrkdwn import mrkdwn, width
from adapters.slack.spans import Span, words

# Where a text may be parted, the best first: after a paragraph, a line, a sentence, a word.
_BREAKS = tuple(
    map(re.compile, (r"\n[ \t]*\n[ \t\n]*", r"\n+", r"(?:(?<=[.!?…])|(?<=[.!?…][)»”\"]))[ \t\n]+", r"[ \t\n]+"))
)
# Joiner, variation selectors, combining marks, skin tones: never the first of a sign.
_GOES_ON = re.compile("[\u200d\ufe0e\ufe0f\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\U0001f3fb-\U0001f3ff]")


def parted(parts: Sequence[Span], longest: int) -> list[tuple[Span, ...]]:
    """In pieces of which each is at most `longest` wide as mrkdwn, parted where it reads best.

    Only blanks get lost. What is formatted is parted only if nothing else will do, and is formatted in both pieces.
    """
    pieces: list[tuple[Span, ...]] = []
    rest = _stripped(parts)
    while rest:
        cut = _cut(rest, longest)
        if piece := _stripped(_slice(rest, 0, cut)):
            pieces.append(piece)
        rest = _stripped(_slice(rest, cut, None))
    return pieces


def _stripped(parts: Iterable[Span]) -> tuple[Span, ...]:
    parts = list(parts)
    text = words(parts)
    start = len(text) - len(text.lstrip())
    return tuple(_slice(parts, start, max(start, len(text.rstrip()))))


def _slice(parts: Iterable[Span], start: int, end: int | None) -> Iterator[Span]:
    position = 0
    for span in parts:
        stop = len(span.text) if end is None else end - position
        if text := span.text[max(0, start - position) : max(0, stop)]:
            yield span.of(text)
        position += len(span.text)
        if end is not None and position >= end:
            return


def _cut(parts: Sequence[Span], longest: int) -> int:
    """How many characters the next piece takes."""
    window = list(_slice(parts, 0, longest + 1))
    text = words(window)
    if len(text) <= longest and width(mrkdwn(window)) <= longest:
        return len(text)
    fits = bisect_right(range(1, len(text)), longest, key=lambda end: width(mrkdwn(_slice(window, 0, end))))
    while fits > 1 and width(mrkdwn(_slice(window, 0, fits))) > longest:
        fits -= 1
    fits = max(1, fits)
    whole = _inside(window)
    for free, least in ((True, fits // 2), (True, 0), (False, fits // 2)):
        for kind in _BREAKS:
            ends = [found.end() for found in kind.finditer(text) if least < found.start() <= fits]
            usable = [end for end in ends if not free or end not in whole]
            if usable:
                return usable[-1]
    while fits > 1 and _continues(text, fits):
        fits -= 1
    return fits


def _inside(parts: Iterable[Span]) -> set[int]:
    """The places within something formatted or linked."""
    inside: set[int] = set()
    position = 0
    for span in parts:
        if span.marks or span.link:
            inside.update(range(position + 1, position + len(span.text)))
        position += len(span.text)
    return inside


def _continues(text: str, at: int) -> bool:
    """Whether a sign is made of the characters on both sides, as many emoji and accented letters are."""
    return text[at - 1] == "\u200d" or _GOES_ON.match(text, at) is not None
