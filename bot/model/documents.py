"""What goes out: a Document of blocks, which each adapter renders in its platform's own way.

Text in blocks is in the recipient's language already and may use inline Markdown (bold, italic, code, links);
everything that came from a person has been escaped with `plain`. Documents are stored in the outbox as JSON with
`version`, so that rows written by an older release can still be sent.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from bot.model.values import Language, Visibility

OPTIONS = frozenset({"pick", "clarify", "which_ticket"})  # actions of buttons that a question offers to choose from

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|~])")
_CODE = re.compile(r"(?<!\\)`([^`\n]+)`")
_EMPHASIS = re.compile(r"(?<![\\\w])(\*\*|\*|_)(?=\S)([^*_\n]*[^\s*_\\])\1(?!\w)")


def plain(text: str) -> str:
    """Text of a person or an outside system, so that none of it is taken for Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)


def unescaped(text: str) -> str:
    """Inline Markdown as plain text: escapes and marks of emphasis are gone, code is as it was written."""
    parts = _CODE.split(text)
    parts[::2] = [_ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", part)) for part in parts[::2]]
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbered instructions, in order."""

    items: tuple[str, ...]
    type: Literal["steps"] = "steps"


@dataclass(frozen=True, slots=True)
class Source:
    """An article that the answer rests on."""

    id: str
    title: str
    reviewed: date | None = None
    link: str | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    items: tuple[Source, ...]
    type: Literal["sources"] = "sources"


@dataclass(frozen=True, slots=True)
class Fields:
    """Pairs of label and value, such as a ticket's status and assignee."""

    items: tuple[tuple[str, str], ...]
    title: str = ""
    type: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Button:
    """`action` and `value` come back in an IncomingClick. `key` is what one types where there are no buttons."""

    action: str
    label: str
    value: str = ""
    style: Literal["default", "primary", "danger"] = "default"


@dataclass(frozen=True, slots=True)
class Actions:
    buttons: tuple[Button, ...]
    type: Literal["actions"] = "actions"


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    alternative: str
    type: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class FileItem:
    """A file that somebody sent, or a picture that the desk drew: an Attachment. `problem`: why it cannot be had;
    `alternative`: of a picture, what it shows, in plain text; `sensitive`: it is not unfolded by itself."""

    id: UUID
    name: str  # as it is, not Markdown
    media_type: str
    size: int
    problem: str | None = None
    alternative: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """What came with a message."""

    items: tuple[FileItem, ...]
    type: Literal["files"] = "files"


Block = Annotated[Paragraph | Steps | Sources | Fields | Actions | Image | Files, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Document:
    blocks: tuple[Block, ...]
    version: int = 1

    @property
    def text(self) -> str:
        """The document as plain lines, buttons left out: for histories, JSON output and searching."""
        return unescaped("\n".join(line for block in self.blocks for line in _lines(block)))

    @property
    def text_with_options(self) -> str:
        """The same with what a question offered to choose from, chosen or not: for histories."""
        offered = [button.label for button in self.buttons if button.action in OPTIONS]
        return "\n".join((self.text, *(f"[{number}] {label}" for number, label in enumerate(offered, 1))))

    @property
    def text_with_choices(self) -> str:
        """The same with its buttons, numbered: for those who read text only."""
        return "\n".join((self.text, *(f"[{number}] {button.label}" for number, button in enumerate(self.buttons, 1))))

    @property
    def buttons(self) -> list[Button]:
        """All of them, in the order in which they are counted where they are numbers."""
        return [button for block in self.blocks if isinstance(block, Actions) for button in block.buttons]


def _lines(block: Block) -> list[str]:
    match block:
        case Paragraph(text=text):
            return [text]
        case Steps(items=items):
            return [f"{number}. {item}" for number, item in enumerate(items, 1)]
        case Sources(items=items):
            return [f"[{source.title}]" for source in items]
        case Fields(items=items, title=title):
            return [title] * bool(title) + [f"{label}: {value}" for label, value in items]
        case Image(alternative=alternative):
            return [alternative]
        case Files(items=items):
            return [": ".join(filter(None, (f"📎 {plain(item.name)}", plain(item.alternative)))) for item in items]
        case _:
            return []


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a document, who sees it, and the language it is in."""

    document: Document
    visibility: Visibility = Visibility.ROOM
    language: Language = Language.EN
