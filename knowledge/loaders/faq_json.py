"""A FAQ in JSON: a list of objects with question and answer, perhaps category, tags, audience, language, phrasings, id.

Where an entry has no category, the file's name gives it (`03-Reseau.json`), and then its folders.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.errors import LoadError
from bot.model.knowledge import Article
from knowledge.loaders.source import (
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


def load(source: Source) -> Iterator[Article | LoadError]:
    """One article an entry; entries that cannot be used are reported by their place."""
    try:
        entries = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise source.error(f"is not valid JSON: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise source.error("is not JSON that can be used: a number too long, or nested too deeply") from error
    if not isinstance(entries, list):
        raise source.error("should be a list of objects with question and answer")
    seen: set[str] = set()
    for place, entry in enumerate(entries, 1):
        at = replace(source, name=f"{source.name}, entry {place}")
        try:
            article = _article(at, entry)
            if article.id in seen:
                raise at.error("has the question or id of an earlier entry")
        except LoadError as error:
            yield error
            continue
        seen.add(article.id)
        yield article


def _article(source: Source, entry: Any) -> Article:
    if not isinstance(entry, dict):
        raise source.error("should be an object with question and answer")
    question = text_of(source, "question", entry.get("question"))
    answer = entry.get("answer")
    if not question:
        raise source.error("question: is missing")
    if not isinstance(answer, str) or not answer.strip():
        raise source.error("answer: is missing" if not answer else "answer: should be text")
    body = usable(source, "answer", answer).strip()
    stem = source.id.rpartition("/")[2]
    article = Article(
        id=f"{source.id}#{_number(source, entry.get('id'), question)}",
        origin=source.origin,
        title=title_of(source, question),
        body=body,
        language=language_of(source, entry.get("language", entry.get("lang")), f"{question}\n{body}"),
        category=category_of(source, entry.get("category"), (*source.folders, stem)),
        audience=audience_of(source, entry.get("audience")),
        revision="",
        keywords=texts_of(source, "tags", _tags(entry.get("tags"))),
        phrasings=texts_of(source, "phrasings", entry.get("phrasings")),
    )
    return replace(article, revision=revision(article))


def _number(source: Source, id: Any, question: str) -> str:
    """The entry's own id, else a hash of its question: entries may be put in any order and stay the same articles."""
    own = text_of(source, "id", id).replace("#", "-")[:100]
    return own or hashlib.blake2b(question.encode(), digest_size=5).hexdigest()


def _tags(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value
