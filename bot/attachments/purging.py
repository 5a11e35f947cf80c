"""Removing bytes that are nobody's any more."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.ports.files import FileStore
from bot.ports.storage import UnitOfWorkFactory

GRACE = timedelta(days=7)  # in which a stored file's message may still wait to be handled
UNFINISHED = timedelta(days=1)  # after which nobody still stores a file
PORTION = 500


async def purge_files(store: FileStore, unit_of_work: UnitOfWorkFactory, now: datetime) -> int:
    """Remove what no attachment names, and what was never finished; return how many files."""
    removed = await store.discard_unfinished(now - UNFINISHED)
    waiting: list[str] = []
    async for key in store.keys(now - GRACE):
        waiting.append(key)
        if len(waiting) == PORTION:
            removed += await _purge(store, unit_of_work, waiting)
            waiting = []
    return removed + await _purge(store, unit_of_work, waiting)


async def delete_files(store: FileStore, keys: Iterable[str]) -> int:
    """Remove these now: of a person who is erased. Return how many."""
    count = 0
    for key in keys:
        await store.delete(key)
        count += 1
    return count


async def _purge(store: FileStore, unit_of_work: UnitOfWorkFactory, keys: list[str]) -> int:
    async with unit_of_work() as uow:
        kept = await uow.attachments.stored_among(keys)
    return await delete_files(store, (key for key in keys if key not in kept))
