"""What every loader starts from, and the checks that every article goes through."""

import hashlib
import json
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.errors import LoadError
from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.language import detect

LARGEST = 5_000_000  # bytes of a file
LONGEST_TITLE = 500  # characters
MOST = 200  # phrasings, keywords, … of one article

# A document that does not say who may read it is for members of the organisation: a forgotten line must not publish it.
DEFAULT_AUDIENCE = Audience.INTERNAL
DEFAULT_CATEGORY = "uncategorised"


class Categories(Protocol):
    def __contains__(self, slug: object) -> bool: ...

    def by_number(self, number: str) -> str | None: ...

    def by_folder(self, parts: Sequence[str]) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A document as a loader gets it. `name` is its path below the folder, `id` the same without the suffix."""

    name: str
    id: str
    folders: tuple[str, ...]
    text: str
    categories: Categories
    origin: str

    def error(self, reason: str) -> LoadError:
        return LoadError(self.name, reason)


def read_text(path: Path, name: str) -> str:
    """The text of a regular file of bearable size. Raises LoadError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise LoadError(name, "is not a regular file")
        if about.st_size > LARGEST:
            raise LoadError(name, f"is too large: {about.st_size:,} bytes, at most {LARGEST:,}")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise LoadError(name, f"cannot be read ({error.strerror})") from error
    if len(content) > LARGEST:
        raise LoadError(name, f"is too large: more than {LARGEST:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadError(name, f"is not text in UTF-8 (byte {error.start})") from error
    if not text.strip():
        raise LoadError(name, "is empty")
    return text


def text_of(source: Source, key: str, value: Any) -> str:
    """A value that is to be one line of text; what is missing is empty. Numbers and dates are taken as written."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict | set | bytes):
        raise source.error(f"{key}: should be text")
    return " ".join(usable(source, key, str(value)).split())


def texts_of(source: Source, key: str, value: Any) -> tuple[str, ...]:
    """A list of texts, or a single one."""
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST:
        raise source.error(f"{key}: has {len(values)} entries, at most {MOST}")
    return tuple(dict.fromkeys(text for each in values if (text := text_of(source, key, each))))


def usable(source: Source, key: str, text: str) -> str:
    """Refuse what a database cannot hold: NUL, and halves of surrogate pairs."""
    if "\0" in text:
        raise source.error(f"{key}: contains a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise source.error(f"{key}: contains half a character (at {error.start})") from error
    return text


def language_of(source: Source, value: Any, text: str) -> Language:
    """As the document says, or as its file name says (`.fr.md`), or as it reads."""
    named = text_of(source, "language", value).lower()
    if not named:
        suffix = source.id.rpartition(".")[2].lower()
        return Language(suffix) if suffix in set(Language) else detect(text)
    code = named.replace("_", "-").partition("-")[0]
    if code not in set(Language):
        raise source.error(f"language: should be one of {', '.join(Language)}, not {named[:40]!r}")
    return Language(code)


def audience_of(source: Source, value: Any) -> Audience:
    named = text_of(source, "audience", value).lower()
    if not named:
        return DEFAULT_AUDIENCE
    if named not in set(Audience):
        raise source.error(f"audience: should be one of {', '.join(Audience)}, not {named[:40]!r}")
    return Audience(named)


def category_of(source: Source, value: Any, folders: Sequence[str]) -> str:
    """As the document says (slug, number or name), or as its folders say."""
    named = text_of(source, "category", value)
    if not named:
        return source.categories.by_folder(folders) or DEFAULT_CATEGORY
    if named.lower() in source.categories:
        return named.lower()
    found = source.categories.by_number(named) or source.categories.by_folder(named.split("/"))
    if found is None:
        raise source.error(f"category: {named[:80]!r} is not one of the categories")
    return found


def title_of(source: Source, title: str) -> str:
    if len(title) > LONGEST_TITLE:
        raise source.error(f"title: is too long: {len(title)} characters, at most {LONGEST_TITLE}")
    return title


def revision(article: Article) -> str:
    """A hash of everything that is shown or indexed of an article."""
    content = [
        article.title,
        article.body,
        article.language.value,
        article.category,
        article.audience.value,
        article.keywords,
        article.phrasings,
        article.applies_to,
        [(link.title, link.url) for link in article.links],
        article.reviewed.isoformat() if article.reviewed else None,
        article.translation_of,
    ]
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
