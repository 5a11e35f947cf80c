"""Inline Markdown as HTML. Nothing that a person wrote becomes mark-up, and no link leads to a script."""

import re
from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_TAGS = {
    "strong_open": Markup("<strong>"),
    "strong_close": Markup("</strong>"),
    "em_open": Markup("<em>"),
    "em_close": Markup("</em>"),
}
_SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s]+", re.IGNORECASE)
_LONGEST_PARSED = 4_000  # characters a line; mark-up in longer ones is shown as it is written
_BULLET = ("• ", "- ")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Entities stay as written: `plain` does not escape them, so a person's "&lt;" is meant literally.
    return MarkdownIt("commonmark", {"html": False}).disable(["entity", "html_inline", "image"])


def is_safe_address(address: str) -> bool:
    return _SAFE_ADDRESS.fullmatch(address) is not None


def inline(text: str) -> Markup:
    """One line; whatever the text, this neither raises nor takes long."""
    if len(text) > _LONGEST_PARSED:
        return escape(text)
    (parsed,) = _parser().parseInline(text.replace("\n", " "))
    return Markup("").join(_html(parsed.children or []))


def _html(tokens: list[Token]) -> Iterator[Markup]:
    links: list[bool] = []
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                yield _TAGS[token.type]
            case "link_open":
                address = str(token.attrs.get("href", ""))
                links.append(is_safe_address(address))
                if links[-1]:
                    yield Markup('<a href="{}" target="_blank" rel="noopener noreferrer">').format(address)
            case "link_close":
                if links.pop():
                    yield Markup("</a>")
            case "code_inline":
                yield Markup("<code>{}</code>").format(token.content)
            case _:
                yield escape(token.content)


def prose(text: str) -> Markup:
    """Paragraphs, an empty line between two; lines that begin with a bullet are a list."""
    return Markup("").join(
        part for paragraph in re.split(r"\n{2,}", text.strip("\n")) for part in _paragraph(paragraph.split("\n"))
    )


def _paragraph(lines: list[str]) -> Iterator[Markup]:
    group: list[str] = []
    bulleted = False
    for line in [*lines, None]:
        is_bullet = line is not None and line.startswith(_BULLET)
        if group and (line is None or is_bullet is not bulleted):
            yield _list(group) if bulleted else _lines(group)
            group = []
        if line is not None:
            bulleted = is_bullet
            group.append(line[2:] if is_bullet else line)


def _list(items: list[str]) -> Markup:
    return Markup('<ul dir="auto">{}</ul>').format(
        Markup("").join(Markup('<li dir="auto">{}</li>').format(inline(item)) for item in items)
    )


def _lines(lines: list[str]) -> Markup:
    return Markup('<p dir="auto">{}</p>').format(Markup("<br>").join(map(inline, lines)))
