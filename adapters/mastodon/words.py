"""Inline Markdown as the plain text of a post, in which nothing calls anybody, and no hashtag puts it before others.

Servers find mentions and hashtags in what is posted themselves, each by rules of its own. What could be one has an
invisible character behind its mark; in an address, where that would lead elsewhere, the mark is encoded.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.public.addresses import addresses

APART = "\u200b"  # zero width space: behind `@` or `#`, neither is a mention's or a hashtag's

_SAFE = re.compile(r"(?:https?://[A-Za-z0-9]|mailto:|tel:)[^\s<>\"]*", re.IGNORECASE)
_CALLS = re.compile(r"(?<![A-Za-z0-9])([@＠])(?!\u200b)")  # `ada@example.org` calls nobody on any server
_CALLS_IN_ADDRESS = re.compile(r"(?<![A-Za-z0-9/])@")
_TAGS = re.compile(r"([#＃])(?=[\w·・])")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    f"{APART}\u2060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # ours, joiners, and changes of direction
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # byte order mark, annotations, tags
)
_LONGEST_PARSED = 4_000  # characters a line; mark-up in longer ones is shown as it is written
# Entities stay as written: a person's "&lt;" is meant literally.
_PARSER = MarkdownIt("commonmark", {"html": False}).disable(["entity", "html_inline", "image"])
_PARSER.parseInline("")  # orders its rules now


def clean(text: str) -> str:
    """Without control and invisible characters and changes of direction; newlines stay, tabs are blanks.

    Lone surrogates, which no encoding can carry, become U+FFFD.
    """
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


@lru_cache(maxsize=512)
def words(markdown: str) -> str:
    """Without marks; the address that words lead to stands behind them."""
    return "\n".join("".join(_plain(_tokens(line))) for line in clean(markdown).split("\n"))


def safe_address(address: str | None) -> str:
    """An address that can be followed; empty for any other."""
    address = clean(address or "").strip()
    return address if _SAFE.fullmatch(address) else ""


def defused(text: str, tags: Collection[str] = ()) -> str:
    """The text as it may be posted. `tags` are hashtags that it keeps, without `#`."""
    out, done = [], 0
    kept = {tag.casefold() for tag in tags}
    for start, end in addresses(text):
        out += [_text(text[done:start], kept), _CALLS_IN_ADDRESS.sub("%40", text[start:end])]
        done = end
    return "".join((*out, _text(text[done:], kept)))


def _text(text: str, kept: Collection[str]) -> str:
    text = _CALLS.sub(rf"\1{APART}", text)
    if kept:
        return re.sub(r"([#＃])([\w·・]+)", lambda found: _tag(found[1], found[2], kept), text)
    return _TAGS.sub(rf"\1{APART}", text)


def _tag(mark: str, name: str, kept: Collection[str]) -> str:
    return f"#{name}" if name.casefold() in kept else f"{mark}{APART}{name}"


def _tokens(line: str) -> list[Token]:
    if len(line) > _LONGEST_PARSED:
        return [Token("text", "", 0, content=line)]
    (parsed,) = _PARSER.parseInline(line)
    return parsed.children or []


def _plain(tokens: list[Token]) -> Iterator[str]:
    open_at: list[tuple[str, str]] = []  # the address of each link, and what it says so far
    for token in tokens:
        if token.type == "link_open":
            open_at.append((str(token.attrs.get("href", "")), ""))
        elif token.type == "link_close":
            address, label = open_at.pop()
            yield _link(label.strip(), safe_address(address))
        elif open_at:
            open_at[-1] = (open_at[-1][0], open_at[-1][1] + token.content)
        else:
            yield token.content


def _link(label: str, address: str) -> str:
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    if not shown or label in (shown, address):
        return label
    return f"{label} ({shown})" if label else shown
