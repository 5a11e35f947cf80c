"""Read what a technician writes of a problem in one message.

    VPN down                          the title, and, without any text, what employees read
    fr: La passerelle VPN est …       for employees, in French
    en: The VPN gateway is …
    public fr: …                      for everybody else
    workaround en: use the web mail
    category: network
    words: vpn, remote access

Each on a line of its own, or after a bar: `VPN down | en: … | words: vpn`. Lines without a label go on with the one
before. A label without a language is in the writer's.
"""

import re
from dataclasses import dataclass, replace

from bot.engine.words import spoken
from bot.model.tickets import ProblemText
from bot.model.values import Audience, Language

LONGEST = 1500  # characters of a text for employees
LONGEST_PUBLIC = 350  # of one for everybody, which with the sentence before it fits into one post
LONGEST_TITLE = 120
MOST_WORDS = 20

_PIECES = re.compile(r"\n[ \t]*(?:\|(?=\s|$))?|(?:^|[ \t])\|(?=\s|$)")
_LABEL = re.compile(r"^\s*[*_]*([^\W\d_]+(?:[ -][^\W\d_]+){0,3})[*_]*\s*:(?!//)\s*(.*)$", re.DOTALL)
_LANGUAGES = {
    "fr": Language.FR, "francais": Language.FR, "french": Language.FR,
    "en": Language.EN, "anglais": Language.EN, "english": Language.EN,
}  # fmt: skip
_AUDIENCES = {
    "public": Audience.PUBLIC, "publique": Audience.PUBLIC, "internal": Audience.INTERNAL, "interne": Audience.INTERNAL,
    "employees": Audience.INTERNAL, "employes": Audience.INTERNAL,
}  # fmt: skip
_WORKAROUNDS = frozenset({"workaround", "contournement", "meanwhile"})
_FIELDS = {
    "category": "category", "categorie": "category", "words": "words", "word": "words", "mots": "words",
    "mot": "words", "title": "title", "titre": "title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What was said; None and () where nothing was."""

    title: str | None = None
    texts: tuple[ProblemText, ...] = ()
    category: str | None = None  # as written
    words: tuple[str, ...] = ()


class Unreadable(ValueError):
    """`key` and `values` are those of the sentence that says what is wrong."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


Slot = tuple[Audience, Language]


def read_draft(text: str, writer: Language) -> Written:
    """Raises Unreadable for what is too long, or a workaround of nothing."""
    fields: dict[str, list[str]] = {"title": []}
    texts: dict[Slot, list[str]] = {}
    workarounds: dict[Slot, list[str]] = {}
    current = fields["title"]
    for piece in _PIECES.split(text):
        label = _LABEL.match(piece)
        place = _placed(label[1], writer) if label else None
        if label is None or place is None:
            current.append(piece.strip())
        elif isinstance(place, str):
            current = fields.setdefault(place, [])
            current.append(label[2].strip())
        else:
            kind, slot = place
            current = (workarounds if kind else texts).setdefault(slot, [])
            current.append(label[2].strip())
    return _checked(fields, texts, workarounds, writer)


def _placed(label: str, writer: Language) -> str | tuple[bool, Slot] | None:
    """A field's name, or whether it is a workaround and for whom; None for what is no label."""
    words = spoken(label).split()
    if len(words) == 1 and words[0] in _FIELDS:
        return _FIELDS[words[0]]
    audience, language, is_workaround = Audience.INTERNAL, writer, False
    for word in words:
        if word in _AUDIENCES:
            audience = _AUDIENCES[word]
        elif word in _LANGUAGES:
            language = _LANGUAGES[word]
        elif word in _WORKAROUNDS:
            is_workaround = True
        else:
            return None
    return is_workaround, (audience, language)


def _checked(
    fields: dict[str, list[str]], texts: dict[Slot, list[str]], workarounds: dict[Slot, list[str]], writer: Language
) -> Written:
    title = _joined(fields["title"], " ")
    if title and not texts:
        texts = {(Audience.INTERNAL, writer): [title]}
    told = {slot: ProblemText(*slot, said) for slot, lines in texts.items() if (said := _joined(lines, "\n"))}
    for slot, lines in workarounds.items():
        if (said := _joined(lines, "\n")) and slot not in told:
            raise Unreadable("problem.draft.workaround_of_nothing")
        if said:
            told[slot] = replace(told[slot], workaround=said)
    for text in told.values():
        most = LONGEST_PUBLIC if text.audience is Audience.PUBLIC else LONGEST
        if (length := len(text.text) + len(text.workaround)) > most:
            raise Unreadable("problem.draft.too_long", length=length, longest=most)
    words = [word.strip() for word in re.split(r"[,;]", _joined(fields.get("words", []), ",")) if spoken(word)]
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    return Written(
        title=title or None,
        texts=tuple(told.values()),
        category=_joined(fields.get("category", []), " ") or None,
        words=tuple(dict.fromkeys(word[:60] for word in words[:MOST_WORDS])),
    )


def _joined(lines: list[str], between: str) -> str:
    return between.join(line for line in lines if line).strip()
