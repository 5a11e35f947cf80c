"""What a document says of itself, or a file beside it says: the keys, and the article that they and a text make.

title, category, audience, language, keywords, phrasings, applies_to, links, reviewed, translation_of. All may be
missing; other keys are left alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from bot.articles import revision
from bot.model.knowledge import Article, Link
from bot.model.values import Language
from knowledge.loaders.source import (
    MOST,
    Notice,
    Source,
    audience_of,
    category_of,
    language_of,
    text_of,
    texts_of,
    title_of,
)

LARGEST_FIELDS = 64_000  # characters
DEEPEST = 20  # levels of brackets; the parser's own recursion has no limit that can be relied on

_LINK = re.compile(r"https?://\S+|mailto:\S+|tel:\S+")
_SUFFIXES = {".md", ".markdown", ".json", ".csv", ".pdf", ".html", ".htm"}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def fields_of(source: Source, text: str, what: str, first_line: int = 1) -> dict[Any, Any]:
    """The keys of a YAML text, which errors call `what` and count the lines of from `first_line`. Raises LoadError."""
    if len(text) > LARGEST_FIELDS:
        raise source.error(f"{what} is too long, at most {LARGEST_FIELDS:,} characters")
    try:
        fields = _yaml(source, text, what)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise source.error(f"{what} is not valid YAML: {_reason(error, first_line)}") from error
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise source.error(f"{what} should be lines of the form key: value")
    return fields


def article_of(
    source: Source,
    fields: Mapping[Any, Any],
    body: str,
    *,
    id: str = "",
    title: str = "",
    language: str = "",
    keywords: tuple[str, ...] = (),
) -> Iterator[Article | Notice]:
    """The article, after what is to be said of it.

    `title`, `language` and `keywords` are what the document has besides `fields`, which win; `id` is needed where a
    document holds several articles. Raises LoadError.
    """
    title = title_of(source, text_of(source, "title", fields.get("title")) or title or name_of(source))
    spoken = language_of(source, fields.get("language") or _ours(language), f"{title}\n{body}")
    article = Article(
        id=id or source.id,
        origin=source.origin,
        title=title,
        body=body,
        language=spoken,
        category=category_of(source, fields.get("category"), source.folders),
        audience=audience_of(source, fields.get("audience")),
        revision="",
        keywords=texts_of(source, "keywords", fields.get("keywords")) or keywords,
        phrasings=texts_of(source, "phrasings", fields.get("phrasings")),
        applies_to=texts_of(source, "applies_to", fields.get("applies_to")),
        links=_links(source, fields.get("links")),
        reviewed=_reviewed(source, fields.get("reviewed")),
        translation_of=_translation_of(source, fields.get("translation_of")),
    )
    if source.devices:
        models, unknown = _in_catalogue(source, article.applies_to)
        article = replace(article, applies_to=models)
        for name in unknown:
            yield source.notice(f"applies_to: {name!r} is not in the catalogue of device models (GUICHET_DEVICES)")
    yield replace(article, revision=revision(article))


def name_of(source: Source) -> str:
    """The file's name as a title."""
    name = source.id.rpartition("/")[2]
    stem = name[:-3] if name[-3:] in {".fr", ".en"} else name
    return " ".join(re.sub(r"[-_]+", " ", stem).split()).capitalize() or name


def _ours(language: str) -> str | None:
    """A language that a document declares, if it is one of the desk's."""
    code = language.lower().replace("_", "-").partition("-")[0]
    return code if code in set(Language) else None


def _in_catalogue(source: Source, names: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """The models as the catalogue calls them, so that an alias finds the article, too; and the names it lacks."""
    known = {name: source.devices.models(name) if source.devices else () for name in names}
    models = dict.fromkeys(model for name in names for model in known[name] or (name,))
    return tuple(models), [name for name in names if not known[name]]


def _yaml(source: Source, text: str, what: str) -> Any:
    """Without aliases: merged into each other they make a small text a huge value."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader) if _suspicious(text) else ():
        if isinstance(event, yaml.AliasEvent):
            raise source.error(f"{what} uses an alias (*name), which is not supported; quote the text")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise source.error(f"{what} is nested too deeply")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader, the fast one where there is one)


def _suspicious(text: str) -> bool:
    """No alias without an anchor, no depth without brackets, dashes or blanks: most documents need no second look."""
    return "&" in text or text.count("[") > DEEPEST or text.count("{") > DEEPEST or "- - -" in text or " " * 20 in text


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
    plain = plain_id(named)
    return plain if "/" in plain else str(PurePosixPath(*source.folders) / plain)


def plain_id(named: str) -> str:
    """An article's id, which may have been written as the name of its file."""
    path = PurePosixPath(named)
    return str(path.with_suffix("") if path.suffix in _SUFFIXES else path) if named else ""


def _reason(error: Exception, first_line: int) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + first_line}: {error.problem or error.context}"
    return str(error).partition("\n")[0][:200]
