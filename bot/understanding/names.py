"""Where a text names people who are known.

Of those who have to do with a matter each part of the name counts, of others only the whole, in either order.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.understanding.normalise import fold

WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s.,'’-]{1,3}")  # what may stand between the parts of a name
PARTICLES = frozenset(["van", "von", "der", "den", "del", "des", "les", "dos", "ben", "bin", "the", "mrs", "mme"])
# Names that are everyday words: in lower case the word is meant.
WORDS_TOO = frozenset(
    "all april art aurore bill blanche can chance christian claire dawn drew eve faith florence frank grace grant guy"
    " harmony hope iris ivy jack jean joy june lou mai marc marine mark martin max may melody mercy min olive page pat"
    " pearl penny pierre prudence ray reine rich rob rose ruby rusty sandy serge sky son sue summer victor violet"
    " will baker black blanc brown cook field gold grand green hall hill king long lord marchand mason miller moon noir"
    " noel petit price reed roux short stone vert white wood young".split()
)
# What a person is called who has not said their name.
NO_NAMES = frozenset(
    "you vous me moi user utilisateur visitor visiteur technician technicien employee employe guest invite support"
    " admin desk console guichet bot it test".split()
)


@dataclass(frozen=True, slots=True)
class Names:
    """`close`: each part counts; `others`: the whole; `capitalised`: the whole, where each word has its capital."""

    close: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    capitalised: tuple[str, ...] = ()
    _sequences: dict[str, list[tuple[tuple[str, ...], bool]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        everywhere = {part for name in self.close for part in _sequences(name, parts=True)}
        everywhere |= {part for name in self.others for part in _sequences(name, parts=False)}
        careful = {part for name in self.capitalised for part in _sequences(name, parts=False)} - everywhere
        found: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        for sequence in sorted(everywhere | careful, key=len, reverse=True):
            found.setdefault(sequence[0], []).append((sequence, sequence in careful))
        object.__setattr__(self, "_sequences", found)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where somebody is named, in order; the longest name counts."""
        words = list(WORD.finditer(text))
        folded = [fold(word.group()) for word in words]
        position = 0
        while position < len(words):
            length = self._name_at(text, words, folded, position)
            if length:
                yield words[position].start(), words[position + length - 1].end()
            position += length or 1

    def _name_at(self, text: str, words: Sequence[re.Match[str]], folded: Sequence[str], position: int) -> int:
        """How many words from here on are a name."""
        for sequence, careful in self._sequences.get(folded[position], ()):
            end = position + len(sequence)
            if tuple(folded[position:end]) != sequence or not all(
                _BETWEEN.fullmatch(text, one.end(), other.start())
                for one, other in zip(words[position : end - 1], words[position + 1 : end], strict=True)
            ):
                continue
            if careful:
                if all(word.group()[0].isupper() for word in words[position:end]):
                    return len(sequence)
            elif len(sequence) > 1 or _is_meant(words[position].group(), folded[position]):
                return len(sequence)
        return 0


def _sequences(name: str, *, parts: bool) -> Iterable[tuple[str, ...]]:
    """The ways in which a person is called, as folded words."""
    words = tuple(fold(word) for word in WORD.findall(name))
    if not words or (len(words) == 1 and (words[0] in NO_NAMES or (not parts and len(words[0]) < 4))):
        return
    yield words
    if len(words) > 1:
        yield (*words[1:], words[0])
        yield (words[-1], *words[:-1])
    if parts:
        yield from (words[start:end] for start in range(len(words)) for end in range(start + 2, len(words) + 1))
        yield from ((word,) for word in words if len(word) > 1 and word not in PARTICLES)


def _is_meant(word: str, folded: str) -> bool:
    """Whether a single word is the name: always with a capital; without one if it is no everyday word."""
    return word[0].isupper() or (len(folded) > 2 and folded not in WORDS_TOO)
