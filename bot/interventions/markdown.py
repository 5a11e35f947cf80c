"""Write-ups as files: Markdown with front matter, which people read, keep in git, edit and bring back.

What is exported comes back exactly. In a text a line that would be taken for a heading has a backslash before it; the
lines of a step after its first are set in.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import InvalidInput
from bot.interventions.numbers import REFERENCE
from bot.interventions.written import Draft, cleaned
from bot.model.tickets import Intervention
from bot.model.values import Audience, Language

LARGEST = 200_000  # characters of a file
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADINGS = {"symptoms": "Symptoms", "cause": "Root cause", "steps": "Steps"}
_PARTS = {
    **{heading.lower(): part for part, heading in _HEADINGS.items()},
    "symptômes": "symptoms", "symptomes": "symptoms", "cause": "cause", "cause racine": "cause", "étapes": "steps",
    "etapes": "steps",
}  # fmt: skip
_HEADING = re.compile(r"(#{1,2})[ \t]+(.*?)[ \t]*")
_ESCAPED = re.compile(r"\\+#")
_NEEDS_ESCAPE = re.compile(r"\\*#")
_STEP = re.compile(r"(\d{1,3}\.) (.*)")


def _reference(value: str) -> str:
    if not REFERENCE.fullmatch(value):
        raise ValueError("should be a reference such as INT-2026-01-NET-001")
    return value.upper()


def _storable(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the calendar ends there") from error


Moment = Annotated[AwareDatetime, AfterValidator(_storable)]


class Front(BaseModel):
    """The front matter. `ticket` is its reference; people are named by their Person's id."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, AfterValidator(_reference)]
    ticket: str = Field(pattern=r"^T[1-9]\d{0,8}$")
    category: str = Field(min_length=1, max_length=200)
    language: Language
    audience: Audience = Audience.INTERNAL
    state: Literal["draft", "approved", "rejected", "withdrawn"] = "draft"
    keywords: tuple[str, ...] = ()
    author: UUID
    written: Moment
    reviewed_by: UUID | None = None
    reviewed: Moment | None = None
    remark: str = ""
    screenshots: tuple[UUID, ...] = ()
    masked: tuple[str, ...] = ()
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """A write-up as a file has it. Its ticket is known by its number only."""

    front: Front
    draft: Draft

    @property
    def ticket_number(self) -> int:
        return int(self.front.ticket[1:])

    def applied_to(self, ticket_id: UUID, known: Intervention | None) -> Intervention:
        """The record it stands for: `known` as the file has it, or a new one."""
        front, draft = self.front, self.draft
        one = Intervention(
            reference=front.reference,
            ticket_id=ticket_id,
            category=front.category,
            root_cause=draft.root_cause,
            steps=draft.steps,
            author_id=front.author,
            at=front.written,
            keywords=draft.keywords,
            audience=front.audience,
            state=front.state,
            title=draft.title,
            symptoms=draft.symptoms,
            language=front.language,
            screenshots=front.screenshots,
            masked=front.masked,
            reviewed_by=front.reviewed_by,
            reviewed_at=front.reviewed,
            article_id=front.article,
            remark=front.remark,
        )
        return replace(one, id=known.id, version=known.version) if known else one


def exported(one: Intervention, ticket: str) -> str:
    """The file of a write-up; `ticket` is its ticket's reference."""
    front = Front(
        reference=one.reference,
        ticket=ticket,
        category=one.category,
        language=one.language,
        audience=one.audience,
        state=one.state,
        keywords=one.keywords,
        author=one.author_id,
        written=one.at,
        reviewed_by=one.reviewed_by,
        reviewed=one.reviewed_at,
        remark=one.remark,
        screenshots=one.screenshots,
        masked=one.masked,
        article=one.article_id,
    )
    fields = yaml.safe_dump(
        front.model_dump(mode="json", exclude_defaults=True) | {"state": front.state}, sort_keys=False, width=10_000,
        allow_unicode=True,
    )  # fmt: skip
    parts = [f"# {one.title}"]
    for part, text in (("symptoms", one.symptoms), ("cause", one.root_cause)):
        if text:
            parts += [f"## {_HEADINGS[part]}", _escaped(text)]
    if one.steps:
        parts += [f"## {_HEADINGS['steps']}", "\n".join(_step(*each) for each in enumerate(one.steps, 1))]
    return f"---\n{fields}---\n" + "\n\n".join(parts) + "\n"


def imported(text: str) -> Imported:
    """Raises InvalidInput, saying what is wrong and where."""
    if len(text) > LARGEST:
        raise InvalidInput(f"is too long: {len(text):,} characters, at most {LARGEST:,}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    matched = _FRONT.match(text)
    if matched is None:
        raise InvalidInput("should begin with front matter between two lines of ---")
    front = _front(matched[1])
    title, parts = _parts(text[matched.end() :])
    draft = cleaned(
        Draft(
            title=title,
            symptoms=_unescaped(parts.get("symptoms", "")),
            root_cause=_unescaped(parts.get("cause", "")),
            steps=tuple(_steps(parts.get("steps", ""))),
            keywords=front.keywords,
            language=front.language,
        )
    )
    if not draft.is_complete:
        raise InvalidInput("should have a title, and below it a root cause or steps")
    return Imported(front, draft)


def _front(text: str) -> Front:
    try:
        fields = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe one)
        return Front.model_validate(_utc(fields))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, ValidationError):
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "front matter"
            raise InvalidInput(f"{where}: {problem['msg']}") from error
        raise InvalidInput("its front matter is not valid YAML") from error


def _utc(fields: object) -> object:
    """YAML's own times are UTC and do not say so."""
    if not isinstance(fields, dict):
        return fields
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
        for name, value in fields.items()
    }


def _parts(text: str) -> tuple[str, dict[str, str]]:
    """The title, and the text of each part."""
    title, part = "", ""
    lines: dict[str, list[str]] = {}
    for line in text.split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading is None:
            lines.setdefault(part, []).append(line)
        elif heading[1] == "#":
            title, part = title or heading[2], ""
        else:
            part = _PARTS.get(heading[2].lower(), "")
            if not part:
                raise InvalidInput(f"has an unknown part: {heading[2][:60]}")
    if "".join(lines.pop("", [])).strip():
        raise InvalidInput("has text that belongs to no part")
    return title, {part: "\n".join(found).strip("\n") for part, found in lines.items()}


def _escaped(text: str) -> str:
    return "\n".join(f"\\{line}" if _NEEDS_ESCAPE.match(line) else line for line in text.split("\n"))


def _unescaped(text: str) -> str:
    return "\n".join(line[1:] if _ESCAPED.match(line) else line for line in text.split("\n"))


def _step(number: int, text: str) -> str:
    mark = f"{number}. "
    return mark + text.replace("\n", "\n" + " " * len(mark))


def _steps(text: str) -> list[str]:
    steps: list[str] = []
    for line in text.split("\n"):
        mark = _STEP.match(line)
        if mark:
            steps.append(mark[2])
        elif steps and line.strip():
            steps[-1] += f"\n{line.strip()}"
        elif line.strip():
            raise InvalidInput(f"steps: should be numbered from 1: {line.strip()[:60]}")
    return steps
