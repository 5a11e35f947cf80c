"""A page of HTML: its main text as Markdown, without what is there to get around the site."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from knowledge.loaders.fields import article_of, name_of
from knowledge.loaders.html_markdown import markdown
from knowledge.loaders.html_tags import whole_tags
from knowledge.loaders.source import MOST, Loaded, Source, text_of, usable

_LEFT_OUT = ("nav", "header", "footer", "aside", "form", "iframe", "object")  # scripts are gone by now
_HIDDEN = ("svg", "math", "canvas", "audio", "video", "select", "button", "head", "title", "dialog")
_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_.:-]{1,40})""")
_LOOKED_AT = 4_096  # bytes in which a page names its encoding
MOST_TAGS = 150_000  # a page of many more is a data file


def load(source: Source) -> Iterator[Loaded]:
    """One article."""
    declared = _CHARSET.search(source.content, 0, _LOOKED_AT)
    text = source.text(declared[1].decode("ascii") if declared else None)
    if text.count("<") > MOST_TAGS:
        raise source.error(f"has too many tags: {text.count('<'):,}, at most {MOST_TAGS:,}")
    page = BeautifulSoup(whole_tags(usable(source, "text", text)), "html.parser")
    language = page.html.get("lang") if page.html else None
    title = text_of(source, "title", source.fields.get("title")) or _title(page)
    keywords = _meta(page, "keywords")
    body = _body(page, title)
    if not body:
        raise source.error("has no text of its own")
    yield from article_of(
        source,
        source.fields,
        body,
        title=title or name_of(source),
        language=str(language or ""),
        keywords=tuple(dict.fromkeys(filter(None, map(str.strip, keywords.split(",")))))[:MOST],
    )


def _title(page: BeautifulSoup) -> str:
    """<title>, without the site's name after it where the one main heading is its beginning; else that heading."""
    headings = [_said(heading) for heading in page.find_all("h1", limit=2)]
    title = _said(page.title) if page.title else ""
    if len(headings) == 1 and headings[0] and (not title or title.startswith(headings[0])):
        return headings[0]
    return title or next(filter(None, headings), "")


def _said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _meta(page: BeautifulSoup, name: str) -> str:
    tag = page.find("meta", attrs={"name": re.compile(f"(?i)^{name}$")})
    return str(tag.get("content") or "") if isinstance(tag, Tag) else ""


def _body(page: BeautifulSoup, title: str) -> str:
    for tag in page.find_all([*_LEFT_OUT, *_HIDDEN]):
        if not tag.decomposed:
            tag.decompose()
    for main in (page.find("main"), page.find(role="main"), page.body, page):
        if isinstance(main, Tag) and (text := markdown(main)):
            first, _, rest = text.partition("\n")
            repeated = first.startswith("# ") and main.h1 and _said(main.h1) == title and rest.strip("\n")
            return repeated or text
    return ""
