"""Inline Markdown as styled text. Addresses of links are always spelled out: no text can hide where it leads."""

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.style import Style
from rich.text import Text

from adapters.console.safe import clean

CODE = Style(color="cyan")
_STYLES = {"strong_open": Style(bold=True), "em_open": Style(italic=True)}
_LONGEST_PARSED = 4_000  # characters a line; mark-up in longer ones is shown as it is written


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Entities stay as written: `plain` does not escape them, so a person's "&lt;" is meant literally.
    return MarkdownIt("commonmark", {"html": False}).disable(["entity", "html_inline"])


def styled(text: str) -> Text:
    """One line of a block, cleaned; whatever the text, this neither raises nor takes long."""
    text = clean(text).replace("\n", " ").expandtabs(4)
    if len(text) > _LONGEST_PARSED:
        return Text(text)
    (inline,) = _parser().parseInline(text)
    out = Text()
    _append(out, inline.children or [])
    return out


def _append(out: Text, tokens: list[Token]) -> None:
    style = Style()
    outer: list[Style] = []
    links: list[tuple[int, str]] = []
    for token in tokens:
        if token.type in ("strong_open", "em_open", "link_open"):
            outer.append(style)
            style += _STYLES.get(token.type, Style(underline=True))
            if token.type == "link_open":
                links.append((len(out), str(token.attrs.get("href", ""))))
        elif token.type in ("strong_close", "em_close", "link_close"):
            style = outer.pop()
            if token.type == "link_close":
                start, address = links.pop()
                if out.plain[start:] != address:
                    out.append(clean(f" ({address})"), style)
        elif token.type == "code_inline":
            out.append(clean(token.content), style + CODE)
        else:
            out.append(clean(token.content), style)
