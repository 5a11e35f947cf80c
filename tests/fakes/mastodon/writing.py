"""What is made of a text that somebody wrote: mentions, hashtags, links, HTML in several servers' ways, its length."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import regex

from tests.fakes.mastodon.quirks import Html
from tests.fakes.mastodon.state import Account

_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)"
    r"|(?<![=/\w])@(?P<user>[A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?:@(?P<host>[\w.-]+\w(?::\d+)?))?"
    r"|(?<![=/\w&)])[#＃](?P<tag>\w*[^\W\d_]\w*)"
)
_LINK_START = re.compile(r"https?://(?:www\.)?")
_TRAILING = ".,;:!?'\"…»"
LINK_LENGTH, SHOWN = 23, 30

Find = Callable[[str, str | None], Account | None]


@dataclass(frozen=True)
class Token:
    """A piece of a text: plain words, a link, a mention of somebody who is there, or a hashtag."""

    text: str
    url: str = ""
    account: Account | None = None
    tag: str = ""
    handle: tuple[str, str | None] | None = None  # mentioned, whether there or not


def tokens(text: str, find: Find) -> Iterator[Token]:
    end = 0
    for found in _TOKEN.finditer(text):
        start, stop = found.span()
        if url := found["url"]:
            kept = url.rstrip(_TRAILING)
            if kept.endswith(")") and kept.count("(") < kept.count(")"):
                kept = kept[:-1]
            stop = start + len(kept)
        if start > end:
            yield Token(text[end:start])
        whole, end = text[start:stop], stop
        if url:
            yield Token(whole, url=whole)
        elif tag := found["tag"]:
            yield Token(whole, tag=tag)
        else:
            yield Token(whole, account=find(found["user"], found["host"]), handle=(found["user"], found["host"]))
    if end < len(text):
        yield Token(text[end:])


def tags(text: str, *, folded: bool = True) -> list[str]:
    """By the names they are found by, each once."""
    return list(dict.fromkeys(name_of(one.tag, folded=folded) for one in tokens(text, lambda *_: None) if one.tag))


def name_of(tag: str, *, folded: bool = True) -> str:
    """In lower case; `folded`: without accents too, so that #Été and #ete are the same."""
    if not folded:
        return tag.lower()
    parts = unicodedata.normalize("NFKD", tag.lower())
    return unicodedata.normalize("NFC", "".join(one for one in parts if not unicodedata.combining(one)))


def mentioned(text: str, find: Find) -> list[Account]:
    """Each once."""
    return list({one.account.id: one.account for one in tokens(text, find) if one.account}.values())


def length(text: str, spoiler: str = "") -> int:
    """As Mastodon counts: a link is 23 characters, a remote handle's domain none, an emoji of several parts one."""
    counted = []
    for one in tokens(text, lambda *_: None):
        counted.append("x" * LINK_LENGTH if one.url else f"@{one.handle[0]}" if one.handle else one.text)
    return graphemes(spoiler + "".join(counted))


def graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX #29), which Ruby counts, too."""
    return len(regex.findall(r"\X", text))


def html(text: str, find: Find, host: str, address: Callable[[Account], str], style: Html = "mastodon") -> str:
    """`host`: of the author's server, where hashtags lead. `address`: of an account's page."""
    made = "".join(_element(one, host, address, style) for one in tokens(text, find))
    return _paragraphs(made, style)


def _element(one: Token, host: str, address: Callable[[Account], str], style: Html) -> str:
    if one.url:
        return _link(one.url, style)
    if one.tag:
        return _hashtag(one.tag, host, style)
    if one.account:
        return _mention(one.account, host, address(one.account), style)
    return escape(one.text).replace("&#x27;", "&#39;")


def _link(url: str, style: Html) -> str:
    href = escape(url)
    match style:
        case "pleroma":
            return f'<a href="{href}" rel="ugc">{href}</a>'
        case "gotosocial":
            return f'<a href="{href}" rel="nofollow noreferrer noopener" target="_blank">{href}</a>'
        case "misskey" | "bare":
            return f'<a href="{href}">{href}</a>'
    found = _LINK_START.match(url)
    start = found[0] if found else ""
    rest = url.removeprefix(start)
    kind = "ellipsis" if len(rest) > SHOWN else ""
    return (
        f'<a href="{href}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">'
        f'{escape(start)}</span><span class="{kind}">{escape(rest[:SHOWN])}</span>'
        f'<span class="invisible">{escape(rest[SHOWN:])}</span></a>'
    )


def _hashtag(tag: str, host: str, style: Html) -> str:
    where = quote(tag)
    match style:
        case "pleroma":
            link = f'class="hashtag" data-tag="{tag.lower()}" href="{host}/tag/{quote(tag.lower())}" rel="tag ugc"'
            return f"<a {link}>#{tag}</a>"
        case "gotosocial":
            rel = "tag nofollow noreferrer noopener"
            link = f'href="{host}/tags/{quote(tag.lower())}" class="mention hashtag" rel="{rel}" target="_blank"'
            return f"<a {link}>#<span>{tag}</span></a>"
        case "misskey" | "bare":
            return f'<a href="{host}/tags/{where}" rel="tag">#{tag}</a>'
    return f'<a href="{host}/tags/{where}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'


def _mention(account: Account, host: str, page: str, style: Html) -> str:
    name = account.username
    match style:
        case "pleroma":
            link = f'<a class="u-url mention" data-user="{account.id}" href="{page}" rel="ugc">@<span>{name}</span></a>'
            return f'<span class="h-card">{link}</span>'
        case "gotosocial":
            rel = "nofollow noreferrer noopener"
            link = f'<a href="{page}" class="u-url mention" rel="{rel}" target="_blank">@<span>{name}</span></a>'
            return f'<span class="h-card">{link}</span>'
        case "misskey":
            return f'<a href="{page}" class="u-url mention">@{name}@{page.split("/")[2]}</a>'
        case "bare":
            return f'<a href="{page}">@{name}</a>'
    link = f'<a href="{page}" class="u-url mention">@<span>{name}</span></a>'
    return f'<span class="h-card" translate="no">{link}</span>'


def _paragraphs(made: str, style: Html) -> str:
    made = made.strip("\n").replace("\r\n", "\n")
    if not made:
        return ""
    match style:
        case "pleroma":
            return made.replace("\n", "<br/>")
        case "misskey":
            return f"<p><span>{made.replace(chr(10), '<br>')}</span></p>"
    turn = "<br>" if style == "gotosocial" else "<br />"
    parts = re.split(r"\n\n+", made)
    return "".join(f"<p>{part.replace(chr(10), turn)}</p>" for part in parts)
