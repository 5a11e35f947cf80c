"""Text of PDF pages as people wrote it: paragraphs instead of lines, whole words, without running heads."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_SOFT_HYPHEN = "\xad"
_SPLIT_WORD = re.compile(r"(?P<first>[^\W\d_]{2,})-\n(?P<second>[^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENCLITIC = frozenset(
    "ci là la moi toi nous vous le les lui leur il elle ils elles on en y même mêmes ce je tu".split()
)
_ITEM = re.compile(r"\s*(?:\d{1,2}[.)]|[-•*‣◦▪■●])\s")
_ENDS = re.compile(r"[.!?:;…]['\"»”)]*\s*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
LONG_LINE = 0.6  # of the page's longest: shorter lines end a paragraph
FEWEST_PAGES = 4  # from which a line that recurs is a running head


def tidied(pages: Sequence[str]) -> list[str]:
    """Page by page, NFKC throughout: ligatures are letters again, no-break and thin spaces are spaces."""
    normal = [_CONTROL.sub("", unicodedata.normalize("NFKC", page)).replace("\x0c", "\n") for page in pages]
    words = Counter(word.lower() for page in normal for word in _WORD.findall(page))
    return [_flowing(_joined(page, words)) for page in _without_running_heads(normal)]


def _joined(page: str, words: Counter[str]) -> str:
    """Words that a line end had cut in two."""

    def whole(match: re.Match[str]) -> str:
        first, second = match["first"], match["second"]
        joined, hyphened = f"{first}{second}".lower(), f"{first}-{second}".lower()
        keeps_hyphen = (
            words[hyphened] > words[joined]
            or (second.lower() in _ENCLITIC and not words[joined])
            or second[0].isupper()
        )
        return f"{first}-{second}" if keeps_hyphen else f"{first}{second}"

    page = re.sub(r"[ \t]+\n", "\n", page)
    page = re.sub(rf"{_SOFT_HYPHEN}\n?", "", page)
    return _SPLIT_WORD.sub(whole, page.replace("\u2010\n", "-\n"))


def _flowing(page: str) -> str:
    """Lines of one paragraph on one line."""
    lines = [" ".join(line.split()) for line in page.split("\n")]
    longest = max(map(len, lines), default=0)
    made: list[str] = []
    open_ = False  # whether the line above goes on
    for line in lines:
        if open_ and line and not _ITEM.match(line):
            made[-1] += f" {line}"
        else:
            made.append(line)
        open_ = bool(line) and len(line) >= LONG_LINE * longest and not _ENDS.search(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(made)).strip()


def _without_running_heads(pages: Sequence[str]) -> list[str]:
    """Without the first or last lines that most pages share but for their numbers."""
    if len(pages) < FEWEST_PAGES:
        return list(pages)
    split = [[line for line in page.split("\n") if line.strip()] for page in pages]
    filled = sum(1 for lines in split if lines)
    for end in (0, -1):
        seen = Counter(_shape(lines[end]) for lines in split if len(lines) > 1)
        for lines in split:
            if len(lines) > 1 and seen[_shape(lines[end])] > max(2, filled // 2):
                del lines[end]
    return ["\n".join(lines) for lines in split]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", " ".join(line.lower().split()))
