"""Markdown with YAML front matter: title, category, audience, language, keywords, phrasings, applies_to, links,
reviewed, translation_of. All may be missing; other keys are left alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from bot.errors import LoadError
from bot.model.knowledge import Article, Link
from knowledge.loaders.source import (
    MOST,
    Source,
    audience_of,
    category_of,
    language_of,
    revision,
    text_of,
    texts_of,
    title_of,
    usable,
)

LARGEST_FRONT_MATTER = 64_000  # characters
DEEPEST = 20  # levels of brackets; the parser's own recursion has no limit that can be relied on

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\s*#{1,6}[ \t]+(.+?)[ \t#]*(?:\r?\n|\Z)")
_LINK = re.compile(r"https?://\S+|mailto:\S+|tel:\S+")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(source: Source) -> Iterator[Article | LoadError]:
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
    title = title_of(source, title or _from_file_name(source))
    article = Article(
        id=source.id,
        origin=source.origin,
        title=title,
        body=body,
        language=language_of(source, fields.get("language"), f"{title}\n{body}"),
        category=category_of(source, fields.get("category"), source.folders),
        audience=audience_of(source, fields.get("audience")),
        revision="",
        keywords=texts_of(source, "keywords", fields.get("keywords")),
        phrasings=texts_of(source, "phrasings", fields.get("phrasings")),
        applies_to=texts_of(source, "applies_to", fields.get("applies_to")),
        links=_links(source, fields.get("links")),
        reviewed=_reviewed(source, fields.get("reviewed")),
        translation_of=_translation_of(source, fields.get("translation_of")),
    )
    yield replace(article, revision=revision(article))


def _parted(source: Source) -> tuple[dict[Any, Any], str]:
    if source.text.split("\n", 1)[0].rstrip() != "---":
        return {}, source.text
    matched = _FRONT_MATTER.match(source.text)
    if not matched:
        raise source.error("its front matter begins with --- but no second --- ends it")
    if len(matched[1]) > LARGEST_FRONT_MATTER:
        raise source.error(f"its front matter is too long, at most {LARGEST_FRONT_MATTER:,} characters")
    try:
        fields = _yaml(source, matched[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise source.error(f"its front matter is not valid YAML: {_first_line(error)}") from error
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        raise source.error("its front matter should be lines of the form key: value")
    return fields, source.text[matched.end() :]


def _yaml(source: Source, text: str) -> Any:
    """Without aliases: merged into each other they make a small text a huge value."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader) if _suspicious(text) else ():
        if isinstance(event, yaml.AliasEvent):
            raise source.error("its front matter uses an alias (*name), which is not supported; quote the text")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise source.error("its front matter is nested too deeply")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader, the fast one where there is one)


def _suspicious(text: str) -> bool:
    """No alias without an anchor, no depth without brackets, dashes or blanks: most documents need no second look."""
    return "&" in text or text.count("[") > DEEPEST or text.count("{") > DEEPEST or "- - -" in text or " " * 20 in text


def _from_file_name(source: Source) -> str:
    name = source.id.rpartition("/")[2]
    stem = name[:-3] if name[-3:] in {".fr", ".en"} else name
    return " ".join(re.sub(r"[-_]+", " ", stem).split()).capitalize() or name


def _links(source: Source, value: Any) -> tuple[Link, ...]:
    """A list of {title, url}, or of URLs alone."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise source.error("links: should be a list of title and url")
    if len(value) > MOST:
        raise source.error(f"links: has {len(value)} entries, at most {MOST}")
    return tuple(_link(source, entry) for entry in value)


def _link(source: Source, entry: Any) -> Link:
    fields = entry if isinstance(entry, dict) else {"url": entry}
    url = text_of(source, "links", fields.get("url"))
    if not _LINK.fullmatch(url):
        raise source.error(f"links: {url[:80]!r} is not a link (https:, http:, mailto: or tel:)")
    return Link(text_of(source, "links", fields.get("title")) or url, url)


def _reviewed(source: Source, value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text_of(source, "reviewed", value))
    except ValueError as error:
        raise source.error("reviewed: should be a date such as 2026-03-31") from error


def _translation_of(source: Source, value: Any) -> str | None:
    """An article's id, or the name of a file beside this one."""
    named = text_of(source, "translation_of", value)
    if not named:
        return None
    path = PurePosixPath(named)
    plain = path.with_suffix("") if path.suffix in {".md", ".markdown", ".json"} else path
    return str(plain if len(path.parts) > 1 else PurePosixPath(*source.folders) / plain)


def _first_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 2}: {error.problem or error.context}"
    return str(error).partition("\n")[0][:200]
