"""Bring the database's articles to the state of a folder of documents. The index follows from there on its own."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from bot.articles import GONE
from bot.errors import InvalidInput, LoadError
from bot.model.knowledge import Article, PastTicket
from bot.ports.storage import UnitOfWorkFactory
from knowledge.loaders import Notice, find_documents, load_document
from knowledge.loaders.source import Categories, Devices

BATCH = 200  # articles written in one transaction

_T = TypeVar("_T")
Progress = Callable[[int, int], None]  # documents read, documents there are
_PLACE = re.compile(r", (?:entry|line) \d+$")


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Articles by what became of them, and the past tickets there are.

    `errors`: documents that could not be used; their articles stay as they were. `notices`: what a curator should know
    of documents that are used.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    errors: tuple[LoadError, ...]
    ms: float
    tickets: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderTickets:
    """All past tickets of a folder as they are now. Those kept from an earlier sync that are missing here are gone,
    unless `may_remain`."""

    origin: str
    tickets: tuple[PastTicket, ...]
    errors: tuple[LoadError, ...]

    def may_remain(self, id: str) -> bool:
        """Whether the ticket of this id comes from a document that could not be read this time."""
        return _concerned(id, self.errors)


KeepTickets = Callable[[FolderTickets], Awaitable[None]]


async def sync_folder(
    unit_of_work: UnitOfWorkFactory,
    directory: Path,
    categories: Categories,
    origin: str | None = None,
    progress: Progress | None = None,
    *,
    devices: Devices | None = None,
    keep_tickets: KeepTickets | None = None,
) -> SyncReport:
    """Write what is new or changed, withdraw what has no document any more; by default the folder's path is the origin.

    An article that was withdrawn by hand stays so until its document changes. A crash in the middle leaves some batches
    written; the next call writes the others. `devices` is what `applies_to` is held against. `keep_tickets` is called
    once, after the articles are written, even if the folder has no past tickets (any more). Raises LoadError if the
    folder cannot be read, or has no document left while the database has articles from it (a disk that is not mounted
    looks like that).
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
    tickets: list[PastTicket] = []
    notices: list[Notice] = []
    read = 0
    for batch in _batches(documents):
        loaded = await asyncio.to_thread(_load, directory, batch, categories, origin, devices)
        errors += loaded.errors
        notices += loaded.notices
        tickets += loaded.tickets
        errors += await sync.write(loaded.articles)
        read += len(batch)
        if progress:
            progress(read, len(documents))
    removed = await sync.withdraw(id for id in known if id not in sync.seen and not _concerned(id, errors))
    notices += _unmapped(tickets)
    if keep_tickets:
        await keep_tickets(FolderTickets(origin, tuple(tickets), tuple(errors)))
    ms = (time.perf_counter() - began) * 1000
    return SyncReport(
        sync.added, sync.changed, removed, sync.unchanged, tuple(errors), ms, len(tickets), tuple(notices)
    )


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
                    work.knowledge.put(replace(row, withdrawn=True, revision=GONE))
                await work.commit()
            removed += len(batch)
        return removed


def _path(directory: Path) -> str:
    return str(directory.resolve())


@dataclass(slots=True)
class _Loaded:
    articles: list[Article]
    tickets: list[PastTicket]
    notices: list[Notice]
    errors: list[LoadError]


def _load(
    directory: Path, documents: Sequence[Path], categories: Categories, origin: str, devices: Devices | None
) -> _Loaded:
    loaded = _Loaded([], [], [], [])
    for path in documents:
        for each in load_document(directory, path, categories, origin, devices):
            match each:
                case LoadError():
                    loaded.errors.append(each)
                case Notice():
                    loaded.notices.append(each)
                case PastTicket():
                    loaded.tickets.append(each)
                case _:
                    loaded.articles.append(each)
    return loaded


def _unmapped(tickets: Iterable[PastTicket]) -> list[Notice]:
    """Each name of another system that means no category here, once a document, with how many tickets have it."""
    missing = Counter(
        (ticket.id.partition("#")[0], ticket.category_name)
        for ticket in tickets
        if ticket.category is None and ticket.category_name
    )
    return [
        Notice(
            document,
            f"category {name!r} is not mapped: {count} {'ticket is' if count == 1 else 'tickets are'} uncategorised; "
            "add it to `also` in the category file",
        )
        for (document, name), count in missing.items()
    ]


def _concerned(id: str, errors: Sequence[LoadError]) -> bool:
    """Whether an article may come from a document, or from below a folder, that could not be read."""
    for error in errors:
        name = _PLACE.sub("", error.document)
        stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
        if id == stem or id.startswith((f"{stem}#", f"{name}/")):
            return True
    return False


def _batches(items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
