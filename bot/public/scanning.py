"""What must not be published: structured identifiers, secrets, what is internal, and names of people who are known."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.ports.storage import UnitOfWork
from bot.public.identifiers import Span, identifiers
from bot.texts import Texts
from bot.understanding.names import NO_NAMES, PARTICLES, WORD, WORDS_TOO, Names
from bot.understanding.normalise import fold
from bot.understanding.personal import named_people
from bot.understanding.secrets import MASK

NOBODY = Names()
# Signs that look like others, as they are looked for.
_PLAIN = {
    **dict.fromkeys("—\u00a0\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " "),
    **dict.fromkeys("‐‑‒–−", "-"),
    "’": "'",
    "‘": "'",
    "․": ".",
    "﹒": ".",
    "﹫": "@",
}
_TERM = re.compile(r"[^\W_]+")
_BY_CHANCE = 6  # words in a row that are the same in two texts
_FEWEST = 3  # words that say something
_SHORTEST_NAME = 4  # letters of a name that counts alone


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: one of KINDS. `text` is as it was written, from `start` on."""

    kind: str
    text: str
    start: int


KINDS = (
    *("password", "token", "key", "card", "phone", "email", "handle", "number", "serial", "birth", "street"),
    *("address", "link", "reference", "name", "note", "private"),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a text, in its order; they do not overlap. True where there is something."""

    text: str
    found: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.found)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.kind for finding in self.found))

    def joined(self, other: "Findings") -> "Findings":
        """What was found in the same text in two ways; of what overlaps, what was found here."""
        taken = [(one.start, one.start + len(one.text)) for one in self.found]
        more = [
            one
            for one in other.found
            if not any(start < one.start + len(one.text) and one.start < end for start, end in taken)
        ]
        return Findings(self.text, tuple(sorted((*self.found, *more), key=lambda one: one.start)))

    @property
    def masked(self) -> str:
        """The text with MASK in place of each finding."""
        kept: list[str] = []
        at = 0
        for finding in self.found:
            kept += [self.text[at : finding.start], MASK]
            at = finding.start + len(finding.text)
        return "".join([*kept, self.text[at:]])


def scan(text: str, *, names: Names = NOBODY, country: str = "FR", allowed: Collection[str] = ()) -> Findings:
    """What of a text must not be published.

    `names`: of people who are known (`known_names`); `country`: of telephone numbers that are written without one;
    `allowed`: what may stand as it is, such as the link that the desk itself puts there.
    """
    plain, places = _made_plain(text)
    free = list(_standing(text, allowed))
    found: list[tuple[int, int, int, str]] = []  # start, end, how early its kind was looked for, the kind
    for order, (start, end, kind) in enumerate([*identifiers(plain, country), *_named(plain, names)]):
        first, last = places[start], places[end - 1] + 1
        if start < end and not any(one <= first and last <= other for one, other in free):
            found.append((first, last, order, kind))
    joined: list[tuple[int, int, int, str]] = []
    for one in sorted(found):
        if joined and one[0] < joined[-1][1]:
            before = joined[-1]
            order, kind = min(before[2:], one[2:])
            joined[-1] = (before[0], max(before[1], one[1]), order, kind)
        else:
            joined.append(one)
    return Findings(text, tuple(Finding(kind, text[start:end], start) for start, end, _, kind in joined))


def repeated(text: str, said: Iterable[str], kind: str) -> Findings:
    """Where a text has words in a row that were said elsewhere: all of what was said, or as many as nobody writes twice
    by chance."""
    words = list(_TERM.finditer(text))
    folded = [fold(word.group()) for word in words]
    spans: list[tuple[int, int]] = []
    for one in said:
        source = [fold(word) for word in _TERM.findall(one)]
        length = min(len(source), _BY_CHANCE)
        if length < _FEWEST:
            continue
        runs = {tuple(source[start : start + length]) for start in range(len(source) - length + 1)}
        hits = [start for start in range(len(folded) - length + 1) if tuple(folded[start : start + length]) in runs]
        for start in hits:
            first, last = words[start].start(), words[start + length - 1].end()
            if spans and spans[-1][0] <= first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
    found: list[Finding] = []
    for start, end in sorted(spans):
        if not found or start >= found[-1].start + len(found[-1].text):
            found.append(Finding(kind, text[start:end], start))
    return Findings(text, tuple(found))


def _made_plain(text: str) -> tuple[str, list[int]]:
    """The text as a reader sees it, sign by sign: what is invisible left out, spaces, dashes and digits of one kind;
    and where each sign stood."""
    kept, places = [], []
    for place, sign in enumerate(text):
        if sign.isascii():
            plain = " " if sign == "\t" else sign
        elif sign in _PLAIN:
            plain = _PLAIN[sign]
        elif unicodedata.category(sign) == "Cf":
            continue
        else:
            digit = unicodedata.digit(sign, None) if sign.isdigit() else None
            wide = unicodedata.normalize("NFKC", sign)
            plain = str(digit) if digit is not None else wide if len(wide) == 1 else sign
        kept.append(plain)
        places.append(place)
    return "".join(kept), places


def _standing(text: str, allowed: Iterable[str]) -> Iterator[tuple[int, int]]:
    for one in filter(None, allowed):
        pattern = rf"(?<![\w@]){re.escape(one)}(?![\w-]|[./@]\w)"
        yield from (match.span() for match in re.finditer(pattern, text))


def _named(text: str, names: Names) -> Iterator[Span]:
    for start, end in (*names.spans(text), *named_people(text)):
        yield start, end, "name"


async def known_names(uow: UnitOfWork, texts: Texts, text: str, close: Collection[str] = ()) -> Names:
    """The people in the database whom a text may name.

    `close`: names of those that the text is to or about, each part of which counts. Of everybody else the whole name
    does, in either order and whatever the accents; one that is made of everyday words only where it has its capitals.
    The family name of the organisation's own people is enough.
    """
    plain, _ = _made_plain(text)
    words = {fold(word) for word in WORD.findall(plain)}
    found = await uow.people.named(words)
    technicians = {technician.person_id for technician in await uow.people.technicians()} if found else set()
    everyday = texts.words() | WORDS_TOO | PARTICLES
    whole: list[str] = []
    capitalised: list[str] = []
    for person in found:
        parts = [fold(part) for part in WORD.findall(person.name)]
        ours = person.id in technicians or person.email is not None or person.company_id is not None
        if ours and parts and len(parts[-1]) >= _SHORTEST_NAME and parts[-1] not in everyday | NO_NAMES:
            capitalised.append(parts[-1])
        if len(parts) > 1:
            (capitalised if everyday.issuperset(parts) else whole).append(person.name)
    return Names(tuple(close), tuple(whole), tuple(capitalised))
