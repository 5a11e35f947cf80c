"""A text as posts of a thread, each within what the server takes: parted between paragraphs, sentences or words, never
inside an address or a letter."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from bot.public.addresses import addresses

MORE = "…"
MOST_PARTS = 25  # of a text; what is longer ends there
MARK = "\n({number}/{count})"
LONGEST_MARK = len(MARK.format(number=MOST_PARTS, count=MOST_PARTS)) + 1  # and what a cut may make invisible
SHORTEST = 20  # characters of a part, whatever stands around it
_CUT = regex.compile(r"\X")
_GOOD_ENDS = ("\n\n", "\n", ". ", "! ", "? ", "… ", "; ", ", ", " ")  # the best first
_EARLIEST = 0.5  # of a part, before which a good end is none


@dataclass(frozen=True, slots=True)
class Counting:
    """How long a text is to the server. `per_address`: characters that any address counts for; None: as many as it
    has. `by_letters`: what people see as one letter counts as one."""

    per_address: int | None = 23
    by_letters: bool = True

    def length(self, text: str) -> int:
        return sum(size for _, size in self.atoms(text))

    def atoms(self, text: str) -> Iterator[tuple[str, int]]:
        """What must stay together, each with its length."""
        done = 0
        for start, end in addresses(text, glued=True):
            yield from self._letters(text[done:start])
            is_glued = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_@")
            yield text[start:end], self._address(text[start:end], is_glued=is_glued)
            done = end
        yield from self._letters(text[done:])

    def _letters(self, text: str) -> Iterator[tuple[str, int]]:
        for one in _CUT.findall(text):
            yield one, 1 if self.by_letters else len(one)

    def _address(self, address: str, *, is_glued: bool) -> int:
        """What is not an address to every server counts for the more of both."""
        is_one = not is_glued and regex.match(r"https?://[^/?#]*\.[a-z]{2,}(?:[:/?#]|$)", address.lower())
        if self.per_address is None or not is_one:
            return max(len(address), self.per_address or 0)
        return self.per_address


def parted(text: str, room: int, counting: Counting) -> list[str]:
    """Bodies of posts of at most `room` each; from the second on, each has its mark, (2/3), which `room` includes."""
    text = text.strip()
    if counting.length(text) <= room:
        return [text]
    inner = max(SHORTEST, room - LONGEST_MARK)
    parts: list[str] = []
    while text and len(parts) < MOST_PARTS:
        part, text = _first(text, inner, counting)
        parts.append(part)
    if text:
        parts[-1] = f"{_first(parts[-1], inner - 2, counting)[0]} {MORE}"
    return [f"{part}{MARK.format(number=number, count=len(parts))}" for number, part in enumerate(parts, 1)]


def shortened(text: str, room: int, counting: Counting) -> str:
    """In one piece of at most `room`; what is left out is shown by a mark."""
    text = text.strip()
    if counting.length(text) <= room:
        return text
    return f"{_first(text, max(1, room - 2), counting)[0]} {MORE}"


def _first(text: str, room: int, counting: Counting) -> tuple[str, str]:
    """As much as there is room for, and the rest; an address for which there never is room is left out."""
    taken, length, held = "", 0, text
    for atom, size in counting.atoms(text):
        if length + size > room:
            if not taken.strip():
                return MORE, text[len(taken) + len(atom) :].lstrip()
            break
        taken, length = taken + atom, length + size
    else:
        return text.rstrip(), ""
    end = _good_end(taken, held[len(taken) :])
    return taken[:end].rstrip(), held[end:].lstrip()


def _good_end(taken: str, rest: str) -> int:
    """Where a part ends that may be as long as `taken`."""
    seen = taken + rest[:1]
    earliest = int(len(taken) * _EARLIEST)
    for kind in _GOOD_ENDS:
        if (at := seen.rfind(kind, earliest)) > 0:
            return min(at + len(kind), len(taken))
    blank = max(seen.rfind(" "), seen.rfind("\n"))
    return blank if blank > 0 else len(taken)
