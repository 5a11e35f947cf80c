"""A small pattern language over tokens, and a matcher whose cost grows with the text, not with the lexicon.

    reset|change my password      alternatives; a dash joins words of one alternative: once-more|again
    imprim*                       any word that begins so
    talk to (a|an) human          an optional word
    i want _ agent                up to three words in between
    before <time>, in <number>    a clock time; a number in digits or words
    <ticket>, <word>              T12; any one word

A match never crosses the end of a sentence. Patterns are read by the same normalisation as messages.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.understanding.normalise import BOUNDARY, Normaliser, Token

_GAP = 3
_TIME = re.compile(r"\d{1,2}(?:[:h]\d{2}|h|am|pm)?$")
_TICKET = re.compile(r"t\d{1,7}$")
_NUMBERS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "fifteen",
        "twenty",
        "thirty",
        "couple",
        "few",
        "an",
        "a",
        "half",
        "un",
        "une",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "sept",
        "huit",
        "neuf",
        "dix",
        "quinze",
        "vingt",
        "trente",
        "quelques",
    ]
)
_CLASSES: dict[str, Callable[[str], bool]] = {
    "<time>": lambda word: bool(_TIME.match(word)),
    "<number>": lambda word: word.isdigit() or word in _NUMBERS,
    "<ticket>": lambda word: bool(_TICKET.match(word)),
    "<word>": lambda word: word not in (BOUNDARY, "?"),
}
_SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class _Element:
    literals: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    several: tuple[tuple[str, ...], ...] = ()  # alternatives of more than one word
    kinds: tuple[str, ...] = ()  # <time>, <number>, <word>
    gap: bool = False
    optional: bool = False
    plain: bool = field(init=False)  # exactly one word, always

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", not (self.optional or self.gap or self.several))

    def accepts(self, word: str) -> bool:
        return (
            word in self.literals
            or bool(self.prefixes and word.startswith(self.prefixes))
            or bool(self.kinds and any(_CLASSES[kind](word) for kind in self.kinds))
        )


@dataclass(frozen=True, slots=True)
class _Pattern:
    group: str
    elements: tuple[_Element, ...]
    needs: tuple[frozenset[str], ...] = field(init=False)  # words, one of each set of which a text must hold

    def __post_init__(self) -> None:
        literal = (one for one in self.elements[1:] if one.plain and not one.prefixes and not one.kinds)
        object.__setattr__(self, "needs", tuple(one.literals for one in literal))


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern of `group` matched tokens `first` to `last` (exclusive); `words` as they were written."""

    group: str
    first: int
    last: int
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in one text. Hits of a group are in the order of the text."""

    hits: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)

    def of(self, *groups: str) -> list[Hit]:
        return [hit for group in groups for hit in self.hits.get(group, ())]

    def has(self, *groups: str) -> bool:
        return any(group in self.hits for group in groups)

    def words(self, *groups: str) -> str:
        """The first words that fired, for an explanation; empty if none did."""
        return next((hit.words for hit in self.of(*groups)), "")


class Phrases:
    """Groups of patterns. `exceptions` of a group (or, under a name that ends in a dot, of all groups that begin so)
    silence the hits they overlap: "human resources" is not a wish for a human."""

    def __init__(
        self,
        groups: Mapping[str, Iterable[str]],
        normaliser: Normaliser,
        exceptions: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._by_literal: dict[str, list[_Pattern]] = defaultdict(list)
        self._by_prefix: dict[str, list[_Pattern]] = defaultdict(list)
        self._by_kind: dict[str, list[_Pattern]] = defaultdict(list)
        self._excepted = tuple(exceptions or ())
        for group, patterns in groups.items():
            for pattern in patterns:
                self._add(group, pattern, normaliser)
        for group, patterns in (exceptions or {}).items():
            for pattern in patterns:
                self._add("!" + group, pattern, normaliser)

    def find(self, tokens: Sequence[Token], text: str) -> Evidence:
        """Every match, the longest per pattern and place, exceptions applied."""
        found: dict[str, list[Hit]] = defaultdict(list)
        words = [token.text for token in tokens]
        said = frozenset(words)
        for first in range(len(words)):
            for pattern in self._candidates(words[first]):
                if any(map(said.isdisjoint, pattern.needs)):
                    continue
                last = _longest(pattern.elements, 0, words, first)
                if last > first:
                    quoted = text[tokens[first].start : tokens[last - 1].end]
                    found[pattern.group].append(Hit(pattern.group, first, last, quoted))
        for group in self._excepted:
            _silence(found, group, found.pop("!" + group, []))
        return Evidence({group: tuple(hits) for group, hits in found.items() if hits})

    def _add(self, group: str, text: str, normaliser: Normaliser) -> None:
        pattern = _Pattern(group, tuple(_parse(text, normaliser)))
        for element in pattern.elements:
            if element.gap:
                raise ValueError(f"{group}: {text!r}: begins with a gap or with optional words alone")
            for literal in element.literals:
                self._by_literal[literal].append(pattern)
            for words in element.several:
                self._by_literal[words[0]].append(pattern)
            for prefix in element.prefixes:
                self._by_prefix[prefix].append(pattern)
            for kind in element.kinds:
                self._by_kind[kind].append(pattern)
            if not element.optional:
                return
        raise ValueError(f"{group}: {text!r}: needs a word that is not optional")

    def _candidates(self, word: str) -> Iterator[_Pattern]:
        if word in self._by_literal:
            yield from self._by_literal[word]
        for length in range(_SHORTEST_PREFIX, len(word) + 1):
            if word[:length] in self._by_prefix:
                yield from self._by_prefix[word[:length]]
        for kind, patterns in self._by_kind.items():
            if _CLASSES[kind](word):
                yield from patterns


def covered(evidence: Evidence, length: int, groups: Iterable[str]) -> frozenset[str] | None:
    """The groups by whose matches all `length` tokens can be read side by side; None if something is left over."""
    wanted = tuple(groups)
    ways: list[set[frozenset[str]]] = [set() for _ in range(length + 1)]
    ways[0].add(frozenset())
    ends: dict[int, list[Hit]] = defaultdict(list)
    for hit in evidence.of(*wanted):
        ends[hit.first].append(hit)
    for position in range(length):
        for used in ways[position]:
            for hit in ends[position]:
                ways[hit.last].add(used | {hit.group})
    # Of several readings: one that uses the first group asked for, then the plainest, with the fewest kinds of phrase.
    return min(ways[length], key=lambda used: (wanted[0] not in used, len(used), sorted(used)), default=None)


def _parse(text: str, normaliser: Normaliser) -> Iterator[_Element]:
    for part in re.findall(r"\([^)]+\)|\S+", text):
        optional = part.startswith("(") and part.endswith(")")
        names = (part[1:-1] if optional else part).split("|")
        if names == ["_"]:
            yield _Element(gap=True)
            continue
        kinds = tuple(name for name in names if name in _CLASSES)
        prefixes = tuple(normaliser.words(name[:-1])[0] for name in names if name.endswith("*"))
        literals = [normaliser.words(name) for name in names if name[-1] not in "*>"]
        if len(names) == 1 and literals and not optional:
            yield from (_Element(frozenset((word,))) for word in literals[0])  # an elision is several words
            continue
        single = frozenset(words[0] for words in literals if len(words) == 1)
        yield _Element(
            single, prefixes, tuple(tuple(words) for words in literals if len(words) > 1), kinds, optional=optional
        )


def _longest(elements: tuple[_Element, ...], at: int, words: Sequence[str], position: int) -> int:
    """Where the longest match of elements[at:] from `position` ends, or -1."""
    while at < len(elements) and elements[at].plain:  # the common case, without recursion
        if position >= len(words) or not (
            words[position] in elements[at].literals or elements[at].accepts(words[position])
        ):
            return -1
        at, position = at + 1, position + 1
    if at == len(elements):
        return position
    element = elements[at]
    if element.gap:
        return _after_gap(elements, at + 1, words, position)
    best = _longest(elements, at + 1, words, position) if element.optional else -1
    if position < len(words) and element.accepts(words[position]):
        best = max(best, _longest(elements, at + 1, words, position + 1))
    for several in element.several:
        if tuple(words[position : position + len(several)]) == several:
            best = max(best, _longest(elements, at + 1, words, position + len(several)))
    return best


def _after_gap(elements: tuple[_Element, ...], at: int, words: Sequence[str], position: int) -> int:
    """The same, with up to three words of one sentence left out before."""
    best = -1
    for skipped in range(position, position + _GAP + 1):
        best = max(best, _longest(elements, at, words, skipped))
        if skipped >= len(words) or words[skipped] in (BOUNDARY, "?"):
            break
    return best


def _silence(found: dict[str, list[Hit]], group: str, exceptions: list[Hit]) -> None:
    """Drop the hits of `group` that an exception overlaps."""
    silent = {position for hit in exceptions for position in range(hit.first, hit.last)}
    for name, hits in found.items():
        if name == group or (group.endswith(".") and name.startswith(group)):
            hits[:] = [hit for hit in hits if silent.isdisjoint(range(hit.first, hit.last))]
