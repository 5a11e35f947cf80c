"""The tree of categories and the matters referred to others, as the organisation's YAML file has them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import SettingsError
from bot.model import tickets
from bot.model.knowledge import Link
from bot.model.values import Audience, Language
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import fold

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOLDER = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)(?:[\s_.-]+(.*))?")


def _both_languages(value: dict[Language, Any]) -> dict[Language, Any]:
    if missing := [language.value for language in Language if language not in value]:
        raise ValueError(f"is missing in {', '.join(missing)}")
    return value


_Text = Annotated[str, Field(min_length=1)]
_Names = Annotated[dict[Language, _Text], AfterValidator(_both_languages)]
_Words = dict[Language, list[_Text]]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _LinkEntry(_Entry):
    title: _Names
    url: str = Field(pattern=r"^https?://\S+$")


class _CategoryEntry(_Entry):
    slug: str = Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")
    number: str = Field(pattern=r"^\d{1,3}(\.\d{1,3})*$")
    code: str = Field(pattern=r"^[A-Z]{3}$")
    name: _Names
    words: _Words = {}
    also: list[_Text] = []
    links: list[_LinkEntry] = []
    children: list["_CategoryEntry"] = []


class _ReferralEntry(_Entry):
    slug: str = Field(pattern=r"^[a-z0-9-]+$")
    name: _Names
    contact: _Names
    audience: Audience
    words: _Words


class _File(_Entry):
    categories: list[_CategoryEntry] = Field(min_length=1)
    referrals: list[_ReferralEntry] = []


@dataclass(frozen=True, slots=True)
class Referral:
    """A matter of another team: who they are and how to reach them, by language."""

    slug: str
    name: dict[Language, str]
    contact: dict[Language, str]
    audience: Audience
    words: dict[Language, tuple[str, ...]]  # normalised, in the singular


@dataclass(frozen=True, slots=True)
class _Node:
    category: tickets.Category
    words: dict[Language, tuple[str, ...]]
    links: dict[Language, tuple[Link, ...]]


@dataclass(frozen=True, slots=True)
class Categories:
    """The tree, in the order of the file. `load` is how it is made."""

    _nodes: dict[str, _Node]
    referrals: tuple[Referral, ...] = ()
    _by_number: dict[str, str] = field(default_factory=dict)
    _by_name: dict[tuple[str | None, str], str] = field(default_factory=dict)  # (parent, normalised name)
    _by_foreign_name: dict[str, str] = field(default_factory=dict)  # normalised

    @classmethod
    def load(cls, path: Path | None = None) -> "Categories":
        """Read the organisation's file, or the product's own. Raises SettingsError naming the file and the entry."""
        name = str(path) if path else "categories.yaml"
        source = path or resources.files("bot").joinpath("categories.yaml")
        try:
            raw = yaml.load(source.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe one)
        except OSError as error:
            raise SettingsError(f"{name}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{name}: is not text in UTF-8") from error
        except yaml.YAMLError as error:
            raise SettingsError(f"{name}: is not valid YAML: {error}") from error
        try:
            parsed = _File.model_validate(raw)
        except ValidationError as error:
            raise SettingsError(f"{name}: {_first_problem(raw, error)}") from error
        return cls._built(parsed, name)

    @classmethod
    def _built(cls, parsed: _File, name: str) -> "Categories":
        nodes: dict[str, _Node] = {}
        codes: dict[str, str] = {}
        by_number: dict[str, str] = {}
        by_name: dict[tuple[str | None, str], str] = {}
        foreign: dict[str, str] = {}
        for parent, entry in _walk(parsed.categories):
            slug = entry.slug
            if parent and slug.rpartition("/")[0] != parent:
                raise SettingsError(f"{name}: category {slug}: a child's slug begins with its parent's: {parent}/…")
            if not parent and "/" in slug:
                raise SettingsError(f"{name}: category {slug}: belongs in the children of {slug.rpartition('/')[0]}")
            if slug in nodes:
                raise SettingsError(f"{name}: category {slug}: is there twice")
            if other := codes.get(entry.code):
                raise SettingsError(f"{name}: category {slug}: code {entry.code} is already that of {other}")
            if other := by_number.get(_number(entry.number)):
                raise SettingsError(f"{name}: category {slug}: number {entry.number} is already that of {other}")
            codes[entry.code] = by_number[_number(entry.number)] = slug
            names = {language.value: text for language, text in entry.name.items()}
            for folder_name in (*names.values(), slug.rpartition("/")[2]):
                by_name.setdefault((parent, _plain(folder_name)), slug)
            for also in entry.also:
                if (other := foreign.setdefault(_plain(also), slug)) != slug:
                    raise SettingsError(f"{name}: category {slug}: also: {also!r} is already in that of {other}")
            links = {
                language: tuple(Link(link.title[language], link.url) for link in entry.links) for language in Language
            }
            record = tickets.Category(slug, entry.number, entry.code, names, parent, position=len(nodes))
            nodes[slug] = _Node(record, {lang: tuple(words) for lang, words in entry.words.items()}, links)
        for (_, own), slug in by_name.items():
            foreign.setdefault(own, slug)
        for slug in nodes:
            foreign.setdefault(_plain(slug), slug)
        return cls(nodes, tuple(_referral(entry) for entry in parsed.referrals), by_number, by_name, foreign)

    def __contains__(self, slug: object) -> bool:
        return slug in self._nodes

    def name(self, slug: str, language: Language) -> str:
        """The name people see; of a category that is no longer in the file, the slug."""
        return self._nodes[slug].category.names[language] if slug in self._nodes else slug

    def code(self, slug: str) -> str:
        """Three letters, as in INT-2026-01-NET-001; GEN for a category that is no longer in the file."""
        return self._nodes[slug].category.code if slug in self._nodes else "GEN"

    def top(self, slug: str) -> str:
        """The top-level category above, or the slug itself."""
        return slug.partition("/")[0]

    def top_level(self) -> list[str]:
        return [slug for slug, node in self._nodes.items() if node.category.parent is None]

    def by_number(self, number: str) -> str | None:
        """The category numbered so; leading zeros do not matter: 3, 03, 06.1."""
        return self._by_number.get(_number(number))

    def by_folder(self, parts: Sequence[str]) -> str | None:
        """The category that a path of folders names, the deepest folder that names one; None if none does.

        A folder carries a number (`03-Reseau-Internet`) or a name in either language, accents and case aside; below a
        category's folder only its children are looked for by name.
        """
        found: str | None = None
        for part in parts:
            matched = _FOLDER.fullmatch(part.strip())
            number, label = matched.groups() if matched else ("", part)
            slug = self._numbered(number, found) or self._by_name.get((found, _plain(label or "")))
            found = slug or found
        return found

    def by_foreign_name(self, category: str, subcategory: str = "") -> str | None:
        """The category that another system's names mean, by the lists `also` and our own names; None if nothing tells.

        Both names together decide (`Matériel / Imprimantes`), then the subcategory where it lies within what the
        category means, then the category, then the subcategory alone. Case, accents and signs do not matter.
        """
        known = self._by_foreign_name
        if category and subcategory and (both := known.get(_plain(f"{category} {subcategory}"))):
            return both
        above, below = known.get(_plain(category)), known.get(_plain(subcategory))
        says_nothing = above is None or not any(self._nodes[above].words.values())  # "Other / Printers"
        if below and (says_nothing or below.startswith(f"{above}/")):
            return below
        return above

    def records(self) -> list[tickets.Category]:
        return [node.category for node in self._nodes.values()]

    def links(self, slug: str, language: Language) -> tuple[Link, ...]:
        return self._nodes[slug].links[language] if slug in self._nodes else ()

    def words(self) -> Iterator[tuple[str, Language, tuple[str, ...]]]:
        """(slug, language, words and short expressions), for recognising messages."""
        for slug, node in self._nodes.items():
            for language, words in node.words.items():
                yield slug, language, words

    def referral_for(self, text: str, language: Language, audience: Audience) -> Referral | None:
        """The other team whose matter the text is, if that audience may be told of it.

        The longest expression found decides; of equals, one in the message's language.
        """
        said = f" {_singular(lexicon().normaliser.words(text))} "
        best: tuple[tuple[int, bool], Referral] | None = None
        for referral in self.referrals:
            if not audience.may_read(referral.audience):
                continue
            for spoken, expressions in referral.words.items():
                for expression in expressions:
                    rank = (expression.count(" "), spoken is language)
                    if f" {expression} " in said and (best is None or rank > best[0]):
                        best = (rank, referral)
        return best[1] if best else None

    def _numbered(self, number: str, parent: str | None) -> str | None:
        """By number, where it belongs below `parent`: 1 below 06 is 06.1."""
        if not number:
            return None
        numbers = [number]
        if parent:
            numbers.append(f"{self._nodes[parent].category.number}.{number}")
        slugs = [self.by_number(candidate) for candidate in numbers]
        return next((slug for slug in slugs if slug and (not parent or slug.startswith(parent + "/"))), None)


def _walk(entries: Sequence[_CategoryEntry], parent: str | None = None) -> Iterator[tuple[str | None, _CategoryEntry]]:
    for entry in entries:
        yield parent, entry
        yield from _walk(entry.children, entry.slug)


def _referral(entry: _ReferralEntry) -> Referral:
    words = {
        language: tuple(singular for text in texts if (singular := _singular(lexicon().normaliser.words(text))))
        for language, texts in entry.words.items()
    }
    return Referral(entry.slug, entry.name, entry.contact, entry.audience, words)


def _singular(words: Sequence[str]) -> str:
    """Words side by side, without the s or x of a plural: enough to compare an expression with what was said."""
    return " ".join(word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in words)


def _number(number: str) -> str:
    return ".".join(str(int(part)) if part.isdigit() else part for part in number.strip().split("."))


def _plain(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name)))


def _first_problem(raw: Any, error: ValidationError) -> str:
    """The first thing wrong, with the entry it is in: by its slug, or by its place where it has none."""
    problem = error.errors()[0]
    where: list[str] = []
    at = raw
    for key in problem["loc"]:
        at = _inside(at, key)
        if isinstance(key, str):
            where.append(key)
        else:
            slug = at.get("slug") if isinstance(at, dict) else None
            where[-1:] = [str(slug)] if slug else [*where[-1:], f"entry {key + 1}"]
    return f"{' / '.join(where) or 'the file'}: {problem['msg']}"


def _inside(container: Any, key: int | str) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    return container[key] if isinstance(container, list) and isinstance(key, int) and key < len(container) else None
