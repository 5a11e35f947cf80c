"""What a post says, as plain text: servers send HTML, each in its own way, and anybody may send them anything."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

MOST = 100_000  # characters of HTML that are read; a text that is longer than the desk takes is still seen to be
UNSEEN = frozenset({"script", "style", "template", "head", "title", "noscript", "iframe", "object", "svg", "math"})
BREAKS = {"p": 2, "div": 2, "blockquote": 2, "pre": 2, "ul": 2, "ol": 2, "li": 1, "tr": 1, "h1": 2, "h2": 2, "h3": 2}
# Marks that turn a text around or bind what does not belong together, and controls; line ends and tabs stay.
_MARKS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_TAG = re.compile(r"<[a-zA-Z/!]")
_CALLED = re.compile(r"(?<![\w@/.])@([\w.-]*\w(?:@[\w.-]*\w(?::\d+)?)?)")
_HANDLE = re.compile(r"@[\w.-]+(@[\w.-]+(:\d+)?)?")


def plain(html: str, *, me: Collection[str] = (), name: str = "") -> str:
    """The words of a post, paragraphs with an empty line between them; links with their address.

    `me`: addresses that a mention of the desk's own account leads to, and `name` what it is called: who is addressed is
    no part of the text. So are those whom it begins with, as the answers of every client do.
    """
    html = html[:MOST]
    if not _TAG.search(html):  # some servers send what was typed
        return _tidy(BeautifulSoup(html, "html.parser").get_text(), name)
    return _tidy("".join(_pieces(BeautifulSoup(html, "html.parser"), frozenset(me))), name)


def calls(html: str, pages: Collection[str], handle: str, *, by_name: bool) -> bool:
    """Whether a post leads to one of somebody's pages, or has their handle; `by_name`: or their name alone, as those of
    their own server write it."""
    soup = BeautifulSoup(html[:MOST], "html.parser")
    if any(str(one.get("href") or "") in pages for one in soup.find_all("a")):
        return True
    wanted = {handle.lower(), handle.lower().partition("@")[0]} if by_name else {handle.lower()}
    return any(found[1].lower() in wanted for found in _CALLED.finditer(soup.get_text()))


def _pieces(soup: BeautifulSoup, me: frozenset[str]) -> Iterator[str]:
    """In the order of the document; without recursion, since anybody may nest as deep as they like."""
    has_begun = False
    waiting: list[PageElement | str] = [*reversed(soup.contents)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and not isinstance(one, NavigableString):
            yield one
        elif isinstance(one, NavigableString):
            if not isinstance(one, PreformattedString):  # comments and such
                text = re.sub(r"\s*\n\s*", " ", str(one))
                has_begun = has_begun or bool(text.strip(" ,:"))
                yield text
        elif isinstance(one, Tag):
            shown = _shown(one, me, has_begun=has_begun)
            if shown is not None:
                has_begun = has_begun or bool(shown.strip())
                yield shown
            else:
                around = "\n" * BREAKS.get(one.name, 0)
                waiting += [around, *reversed(one.contents), around + ("- " if one.name == "li" else "")]


def _shown(tag: Tag, me: frozenset[str], *, has_begun: bool) -> str | None:
    """What stands in a tag's place; None: what is inside."""
    classes = _classes(tag)
    if tag.name in UNSEEN or "quote-inline" in classes:
        return ""
    if tag.name == "br":
        return "\n"
    if tag.name == "img":  # an emoji of the author's server
        return str(tag.get("alt") or tag.get("title") or "")
    if tag.name != "a":
        return None
    text, address = tag.get_text().strip(), str(tag.get("href") or "")
    is_marked = "mention" in classes and "hashtag" not in classes and not text.startswith("#")
    if is_marked or _HANDLE.fullmatch(text):  # not every server says of its links what they are
        return "" if address in me or not has_begun else text
    return _link(text, address)


def _classes(tag: Tag) -> list[str]:
    found = tag.get("class")
    return found.split() if isinstance(found, str) else list(found or ())


def _link(text: str, address: str) -> str:
    if not address or text.startswith("#") or not _is_web(address):
        return text
    if text.rstrip("…").removeprefix("https://").removeprefix("http://") in address:
        return address  # as it was typed, perhaps shortened
    return f"{text} ({address})" if text else address


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return False


def _tidy(text: str, name: str) -> str:
    text = _MARKS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if name:  # where it is typed and no link
        text = re.sub(rf"(?<![\w@/.])@{re.escape(name)}(@[\w.-]*\w)?(?![\w@])", "", text, flags=re.IGNORECASE)
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().lstrip(",: ")
