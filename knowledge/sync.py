"""Bring the database's articles to the state of a folder of documents. The index follows from there on its own."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from bot.errors import InvalidInput, LoadError
from bot.model.knowledge import Article
from bot.ports.storage import UnitOfWorkFactory
from knowledge.loaders import find_documents, load_document
from knowledge.loaders.source import Categories

BATCH = 200  # articles written in one transaction
REMOVED = "removed"  # the revision of an article whose document is gone, so that it is taken up if the document returns

_T = TypeVar("_T")
Progress = Callable[[int, int], None]  # documents read, documents there are


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Articles by what became of them. `errors`: documents that could not be used; their articles stay as they were."""

    added: int
    changed: int
    removed: int
    unchanged: int
    errors: tuple[LoadError, ...]
    ms: float


async def sync_folder(
    unit_of_work: UnitOfWorkFactory,
    directory: Path,
    categories: Categories,
    origin: str | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Write what is new or changed, withdraw what has no document any more; by default the folder's path is the origin.

    An article that was withdrawn by hand stays so until its document changes. A crash in the middle leaves some batches
    written; the next call writes the others. Raises LoadError if the folder cannot be read, or has no document left
    while the database has articles from it (a disk that is not mounted looks like that).
    """
    began = time.perf_counter()
    if origin is None:
        origin = await asyncio.to_thread(_path, directory)
    found = await asyncio.to_thread(find_documents, directory)
    async with unit_of_work() as work:
        known = await work.knowledge.catalogue(origin)
    documents = [each for each in found if isinstance(each, Path)]
    errors = [each for each in found if isinstance(each, LoadError)]
    if known and not documents:
        raise LoadError(str(directory), f"has no document, but {len(known)} articles came from it; nothing was changed")
    sync = _Sync(unit_of_work, origin, known)
    read = 0
    for batch in _batches(documents):
        articles, failed = await asyncio.to_thread(_load, directory, batch, categories, origin)
        errors += failed
        errors += await sync.write(articles)
        read += len(batch)
        if progress:
            progress(read, len(documents))
    removed = await sync.withdraw(id for id in known if id not in sync.seen and not _concerned(id, errors, directory))
    ms = (time.perf_counter() - began) * 1000
    return SyncReport(sync.added, sync.changed, removed, sync.unchanged, tuple(errors), ms)


async def withdraw_origin(unit_of_work: UnitOfWorkFactory, origin: str) -> int:
    """Withdraw every article of an origin, as if its documents were gone; return how many there were.

    Raises InvalidInput, naming the origins that there are, when it has none.
    """
    async with unit_of_work() as work:
        known = await work.knowledge.catalogue(origin)
        if not known:
            raise InvalidInput(
                f"no article comes from {origin}; there are: {', '.join(await work.knowledge.origins()) or 'none'}"
            )
    return await _Sync(unit_of_work, origin, known).withdraw(known)


class _Sync:
    def __init__(self, unit_of_work: UnitOfWorkFactory, origin: str, known: dict[str, str]) -> None:
        self._unit_of_work = unit_of_work
        self._origin = origin
        self._known = known
        self.seen: set[str] = set()
        self.added = self.changed = self.unchanged = 0

    async def write(self, articles: Sequence[Article]) -> list[LoadError]:
        errors: list[LoadError] = []
        news: list[Article] = []
        for article in articles:
            if article.id in self.seen:
                errors.append(LoadError(article.id, "another document has this name with another suffix"))
                continue
            self.seen.add(article.id)
            if self._known.get(article.id) == article.revision:
                self.unchanged += 1
            else:
                news.append(article)
        if not news:
            return errors
        async with self._unit_of_work() as work:
            rows = await work.knowledge.articles([article.id for article in news])
            others = {row.origin for row in rows.values() if row.origin != self._origin and not row.withdrawn}
            living = await asyncio.to_thread(lambda: {other for other in others if Path(other).is_dir()})
            for article in news:
                row = rows.get(article.id)
                if row and not row.withdrawn and row.origin in living:
                    errors.append(LoadError(article.id, f"is already an article of {row.origin}"))
                elif row and row.withdrawn and row.revision == article.revision:
                    self.unchanged += 1  # withdrawn by hand
                else:
                    work.knowledge.put(replace(article, version=row.version if row else 0))
                    if row and not row.withdrawn:
                        self.changed += 1
                    else:
                        self.added += 1
            await work.commit()
        return errors

    async def withdraw(self, ids: Iterable[str]) -> int:
        removed = 0
        for batch in _batches(sorted(ids)):
            async with self._unit_of_work() as work:
                for row in (await work.knowledge.articles(batch)).values():
                    work.knowledge.put(replace(row, withdrawn=True, revision=REMOVED))
                await work.commit()
            removed += len(batch)
        return removed


def _path(directory: Path) -> str:
    return str(directory.resolve())


def _load(
    directory: Path, documents: Sequence[Path], categories: Categories, origin: str
) -> tuple[list[Article], list[LoadError]]:
    articles: list[Article] = []
    errors: list[LoadError] = []
    for path in documents:
        for each in load_document(directory, path, categories, origin):
            if isinstance(each, LoadError):
                errors.append(each)
            else:
                articles.append(each)
    return articles, errors


def _concerned(id: str, errors: Sequence[LoadError], directory: Path) -> bool:
    """Whether an article may come from a document, or from below a folder, that could not be read."""
    for error in errors:
        name = error.document.partition(", entry ")[0]
        stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
        if id == stem or id.startswith((f"{stem}#", f"{name}/")):
            return True
    return False


def _batches(items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
