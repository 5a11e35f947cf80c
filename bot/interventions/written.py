"""What a write-up says, as text that a technician can read, change and send back.

A line that begins with a label and a colon begins a part; what is indented goes on with the part before. In a text of
one line, as a platform's command box has it, labels are found between the words.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from bot.model.values import Language
from bot.texts import Texts
from bot.understanding.normalise import fold

LONGEST_TITLE = 120  # characters
LONGEST_TEXT = 2_000
LONGEST_STEP = 500
LONGEST_KEYWORD = 60
LONGEST_SENT = 50_000  # what is beyond is not read
MOST_STEPS = 30
MOST_KEYWORDS = 20

COLONS = {Language.EN: ":", Language.FR: "\N{NO-BREAK SPACE}:"}
PARTS = ("title", "symptoms", "cause", "steps", "keywords", "language")
_LABELS = {
    "title": "title", "titre": "title",
    "symptoms": "symptoms", "symptom": "symptoms", "symptomes": "symptoms", "symptome": "symptoms",
    "problem": "symptoms", "probleme": "symptoms",
    "cause": "cause", "root cause": "cause", "cause racine": "cause", "origine": "cause",
    "steps": "steps", "step": "steps", "etapes": "steps", "etape": "steps", "solution": "steps",
    "keywords": "keywords", "keyword": "keywords", "mots-cles": "keywords", "mots cles": "keywords",
    "mot-cle": "keywords", "tags": "keywords",
    "language": "language", "langue": "language",
}  # fmt: skip
_ACCENTED = {"e": "[eéèê]", "o": "[oô]"}
_LABEL = "|".join(
    "".join(_ACCENTED.get(letter, re.escape(letter)) for letter in label)
    for label in sorted(_LABELS, key=len, reverse=True)
)
_AT_START = re.compile(rf"^[*_]{{0,2}}({_LABEL})[*_]{{0,2}}\s?[:=][*_]{{0,2}}", re.IGNORECASE | re.MULTILINE)
_WITHIN = re.compile(rf"(?:^|(?<=\s))({_LABEL})\s?[:=](?=\s|$)", re.IGNORECASE)
_MARKED = re.compile(r"^(\s*)(?:\d{1,3}[.)]|[-–•*])\s+")
_NUMBERED = re.compile(r"(?:^|\s)\d{1,2}[.)]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a write-up says before it has a reference. Texts are clean: bounded, trimmed, without control characters;
    a title, a step and a keyword are one line each."""

    title: str = ""
    symptoms: str = ""
    root_cause: str = ""
    steps: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: Language = Language.EN
    screenshots: tuple[UUID, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it says enough to be kept: what it was, or what was done."""
        return bool(self.title and (self.root_cause or self.steps))


def cleaned(draft: Draft) -> Draft:
    """The draft with clean texts; what says nothing is left out."""
    return replace(
        draft,
        title=line_of(draft.title, LONGEST_TITLE),
        symptoms=text_of(draft.symptoms),
        root_cause=text_of(draft.root_cause),
        steps=tuple(line for step in draft.steps if says_something(line := line_of(step, LONGEST_STEP)))[:MOST_STEPS],
        keywords=tuple(dict.fromkeys(word for each in draft.keywords if says_something(word := _keyword(each))))[
            :MOST_KEYWORDS
        ],
    )


def _keyword(text: str) -> str:
    return line_of(text.replace(",", " "), LONGEST_KEYWORD, "")


def text_of(text: str, longest: int = LONGEST_TEXT) -> str:
    """Clean text of several lines."""
    text = text[: 4 * longest].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return _cut(text.strip(), longest)


def line_of(text: str, longest: int, more: str = "…") -> str:
    """Clean text on one line."""
    return _cut(" ".join(text_of(text, 4 * longest).split()), longest, more)


def _cut(text: str, longest: int, more: str = "…") -> str:
    return text if len(text) <= longest else text[: longest - len(more)].rstrip() + more


def says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def shown(draft: Draft, texts: Texts, language: Language) -> str:
    """The draft as text, with the labels of a language. Plain text; `read` understands it."""
    return _lines(draft, {part: labelled(texts, part, language) for part in PARTS})


def sent(draft: Draft) -> str:
    """The same for a form that sends it on, whatever language it was shown in."""
    return _lines(draft, {part: f"{part}:" for part in PARTS})


def _lines(draft: Draft, labels: Mapping[str, str]) -> str:
    said = {
        "title": draft.title,
        "symptoms": draft.symptoms.replace("\n", "\n  "),
        "cause": draft.root_cause.replace("\n", "\n  "),
        "steps": "".join(f"\n{number}. {step}" for number, step in enumerate(draft.steps, 1)),
        "keywords": ", ".join(draft.keywords),
        "language": draft.language,
    }
    return "\n".join(f"{labels[part]} {said[part]}".rstrip() for part in PARTS)


def labelled(texts: Texts, part: str, language: Language) -> str:
    """The label of a part, with its colon as the language sets it."""
    return f"{texts.plain(f'write_up.{part}', language)}{COLONS[language]}"


def read(text: str, draft: Draft) -> Draft:
    """The draft with the parts that the text gives; one given empty is emptied.

    Text before the first label, or without any, says the cause; numbered lines of it are steps. Never raises.
    """
    parts = parts_of(text)
    if "title" in parts:
        draft = replace(draft, title=parts["title"])
    if "symptoms" in parts:
        draft = replace(draft, symptoms=_dedented(parts["symptoms"]))
    if "cause" in parts:
        draft = replace(draft, root_cause=_dedented(parts["cause"]))
    if "steps" in parts:
        draft = replace(draft, steps=tuple(steps_of(parts["steps"])))
    if "keywords" in parts:
        draft = replace(draft, keywords=tuple(re.split(r"[,;\n]", parts["keywords"])))
    if "language" in parts and (language := Language.of(parts["language"].strip())):
        draft = replace(draft, language=language)
    return cleaned(draft)


def parts_of(text: str) -> dict[str, str]:
    """The text of each part that is there; of a part that is there twice, both."""
    text = text[:LONGEST_SENT].replace("\r\n", "\n").strip("\n")
    one_line = "\n" not in text.strip()
    found = list((_WITHIN if one_line else _AT_START).finditer(text))
    opening = text[: found[0].start()] if found else text
    parts: dict[str, str] = {}
    if opening.strip():
        is_steps = len(_NUMBERED.findall(opening)) > 1
        parts["steps" if is_steps else "cause"] = opening
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=False):
        part = _LABELS[fold(match[1])]
        said = text[match.end() : end].strip("\n")
        parts[part] = f"{parts[part]}\n{said}" if part in parts else said
    return parts


def steps_of(text: str) -> list[str]:
    """One a line, or one a number or bullet, to which the lines after it belong that have none; in a text of one line,
    one a number or semicolon."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) == 1:
        line = lines[0].strip()
        return _NUMBERED.split(line)[1:] if _NUMBERED.match(line) else line.split(";")
    marked = [match for line in lines if (match := _MARKED.match(line))]
    if not marked:
        return [line.strip() for line in lines]
    steps: list[str] = []
    for line in lines:
        mark = _MARKED.match(line)
        if not steps or (mark and len(mark[1]) <= len(marked[0][1])):  # what is set further in belongs to its step
            steps.append(line[mark.end() :] if mark else line)
        else:
            steps[-1] += f" {line.strip()}"
    return steps


def _dedented(text: str) -> str:
    return re.sub(r"\n {1,2}", "\n", text)
