"""Markdown with YAML front matter: the keys of `knowledge.loaders.fields` between two lines of three dashes."""

import re
from collections.abc import Iterator
from typing import Any

from knowledge.loaders.fields import article_of, fields_of
from knowledge.loaders.source import Loaded, Source, text_of, usable

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\s*#{1,6}[ \t]+(.+?)[ \t#]*(?:\r?\n|\Z)")


def load(source: Source) -> Iterator[Loaded]:
    """One article."""
    fields, body = _parted(source)
    title = text_of(source, "title", fields.get("title"))
    heading = _HEADING.match(body)
    if heading and (not title or heading[1].strip() == title):
        title = title or " ".join(heading[1].split())
        body = body[heading.end() :]
    body = usable(source, "text", body).strip()
    if not body:
        raise source.error("has no text below its title" if title or heading else "has no text")
    yield from article_of(source, fields, body, title=title)


def _parted(source: Source) -> tuple[dict[Any, Any], str]:
    text = source.text()
    if text.split("\n", 1)[0].rstrip() != "---":
        return {}, text
    matched = _FRONT_MATTER.match(text)
    if not matched:
        raise source.error("its front matter begins with --- but no second --- ends it")
    return fields_of(source, matched[1], "its front matter", first_line=2), text[matched.end() :]
