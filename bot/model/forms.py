"""A form that a platform shows: fields with what stands in them, and what may be written."""

from dataclasses import dataclass
from typing import Literal

from bot.model.values import Language

FieldKind = Literal["line", "text", "choice"]
Problem = Literal["required", "too_long", "not_offered", "no_moment"]


@dataclass(frozen=True, slots=True)
class FormField:
    """`value` stands in it at first. A choice has `options` (value, label). Labels are plain text."""

    name: str
    label: str
    kind: FieldKind = "line"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    longest: int = 3_000  # characters
    hint: str = ""
    moment: bool = False  # what is written must name a moment to come: "2h", "tomorrow 9:00"


@dataclass(frozen=True, slots=True)
class Form:
    """`name` and `subject` come back in an IncomingForm with what was written. `intro` may use inline Markdown."""

    name: str
    title: str  # at most 24 characters, what Slack shows
    submit: str
    fields: tuple[FormField, ...]
    language: Language
    subject: str = ""
    intro: str = ""
