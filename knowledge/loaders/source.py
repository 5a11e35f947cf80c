"""What every loader starts from, and the checks that every article goes through."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bot.errors import LoadError
from bot.model.knowledge import Article, PastTicket
from bot.model.values import Audience, Language
from knowledge.language import detect
from knowledge.loaders.encodings import decoded

LARGEST = 5_000_000  # bytes of a file of text
LARGEST_TABLE = 20_000_000  # of a file of many records
LARGEST_PDF = 50_000_000  # pictures included
LONGEST_TITLE = 500  # characters
MOST = 200  # phrasings, keywords, … of one article

# A document that does not say who may read it is for members of the organisation: a forgotten line must not publish it.
DEFAULT_AUDIENCE = Audience.INTERNAL
DEFAULT_CATEGORY = "uncategorised"


class Categories(Protocol):
    def __contains__(self, slug: object) -> bool: ...

    def by_number(self, number: str) -> str | None: ...

    def by_folder(self, parts: Sequence[str]) -> str | None: ...

    def by_foreign_name(self, category: str, subcategory: str = "") -> str | None: ...


class Devices(Protocol):
    """A catalogue of device models."""

    def models(self, name: str) -> tuple[str, ...]:
        """The models that go by this name, as the catalogue calls them; none if it knows no such name."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """What a curator should know of a document that is used all the same."""

    document: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}: {self.text}"


Loaded = Article | PastTicket | Notice | LoadError


@dataclass(frozen=True, slots=True)
class Source:
    """A document as a loader gets it. `name` is its path below the folder, `id` the same without the suffix."""

    name: str
    id: str
    folders: tuple[str, ...]
    content: bytes
    categories: Categories
    origin: str
    devices: Devices | None = None
    fields: Mapping[Any, Any] = field(default_factory=dict)  # what a file beside it says of it

    def error(self, reason: str) -> LoadError:
        return LoadError(self.name, reason)

    def notice(self, text: str) -> Notice:
        return Notice(self.name, text)

    def text(self, declared: str | None = None) -> str:
        """The content as text; `declared` is the encoding that it claims. Raises LoadError."""
        text = decoded(self.content, self.name, declared)
        if not text.strip():
            raise self.error("is empty")
        return text


def read(path: Path, name: str, largest: int) -> bytes:
    """A regular file of bearable size: of one that is too large, nothing is read. Raises LoadError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise LoadError(name, "is not a regular file")
        if about.st_size > largest:
            raise LoadError(name, f"is too large: {about.st_size:,} bytes, at most {largest:,}")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise LoadError(name, f"cannot be read ({error.strerror})") from error
    if len(content) > largest:
        raise LoadError(name, f"is too large: more than {largest:,} bytes")
    if not content:
        raise LoadError(name, "is empty")
    return content


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
    categories = source.categories
    found = categories.by_number(named) or categories.by_folder(named.split("/")) or categories.by_foreign_name(named)
    if found is None:
        raise source.error(f"category: {named[:80]!r} is not one of the categories")
    return found


def title_of(source: Source, title: str) -> str:
    if len(title) > LONGEST_TITLE:
        raise source.error(f"title: is too long: {len(title)} characters, at most {LONGEST_TITLE}")
    return title
