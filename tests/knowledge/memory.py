"""A base of articles in memory: the `Knowledge` repository as far as loading and indexing use it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self, cast

from bot.model.knowledge import Article, BaseVersion, Phrasing
from bot.model.values import Audience, Language
from bot.ports.storage import UnitOfWorkFactory


def article(id: str, title: str = "", body: str = "Turn it off and on again.", **fields: Any) -> Article:
    """An English, public article whose revision follows its content."""
    values = {
        "origin": "folder",
        "language": Language.EN,
        "category": "uncategorised",
        "audience": Audience.PUBLIC,
    } | fields
    made = Article(id=id, title=title or f"How to use the {id}", body=body, revision="", **cast(Any, values))
    return replace(made, revision=fields.get("revision") or f"{hash(replace(made, version=0)) & 0xFFFFFFFF:08x}")


@dataclass
class MemoryBase:
    """`with_articles` puts and commits at once; `unit_of_work` is what the code under test gets."""

    rows: dict[str, Article] = field(default_factory=dict)
    phrasings: list[Phrasing] = field(default_factory=list)
    number: int = 0
    transactions: int = 0
    reads: int = 0

    def put(self, *articles: Article) -> None:
        for row in articles:
            self.rows[row.id] = row
        self.number += 1

    def withdraw(self, id: str) -> None:
        self.put(replace(self.rows[id], withdrawn=True))

    def approve(self, article_id: str, text: str, language: Language = Language.EN) -> None:
        self.phrasings.append(Phrasing(article_id, text, language, "curator", approved=True))
        self.number += 1

    @property
    def unit_of_work(self) -> UnitOfWorkFactory:
        return cast(UnitOfWorkFactory, lambda: _Work(self))


class _Work:
    def __init__(self, base: MemoryBase) -> None:
        self._base = base
        self._noted: list[Article] = []
        self.knowledge = self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._noted = []

    async def commit(self) -> None:
        self._base.put(*self._noted)
        self._base.transactions += 1
        self._noted = []

    def put(self, row: Article) -> None:
        self._noted.append(row)

    async def base_version(self) -> BaseVersion:
        return BaseVersion(self._base.number, len(await self.catalogue()))

    async def catalogue(self, origin: str | None = None) -> dict[str, str]:
        return {
            row.id: row.revision
            for row in self._base.rows.values()
            if not row.withdrawn and origin in (None, row.origin)
        }

    async def articles(self, ids: Collection[str]) -> dict[str, Article]:
        self._base.reads += 1
        return {id: self._base.rows[id] for id in ids if id in self._base.rows}

    async def approved_phrasings(self, article_ids: Collection[str] | None = None) -> list[Phrasing]:
        return [each for each in self._base.phrasings if article_ids is None or each.article_id in article_ids]
