"""A folder of documents that the articles follow while the desk runs."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.ports.storage import UnitOfWorkFactory
from knowledge.sync import KeepTickets, sync_folder

if TYPE_CHECKING:
    from knowledge.loaders.source import Categories, Devices  # brings every loader with it

log = logging.getLogger(__name__)

_Signature = frozenset[tuple[str, int, int]]


class FollowedFolder:
    """What `guichet kb sync DIRECTORY` does, whenever the folder has changed since it was last done."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Path,
        categories: "Categories",
        devices: "Devices",
        keep_tickets: KeepTickets,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._categories = categories
        self._devices = devices
        self._keep_tickets = keep_tickets
        self._seen: _Signature | None = None  # the folder as it was at the last sync of this process

    async def has_changed(self) -> bool:
        """By names, sizes and times of its files. True where that cannot be told."""
        return self._seen is None or await asyncio.to_thread(_signature, self._directory) != self._seen

    async def sync(self) -> int:
        """Return how many articles changed. Documents that cannot be used are named in the log.

        Raises LoadError when the folder cannot be read, or is empty and was not.
        """
        seen = await asyncio.to_thread(_signature, self._directory)
        report = await sync_folder(
            self._unit_of_work,
            self._directory,
            self._categories,
            devices=self._devices,
            keep_tickets=self._keep_tickets,
        )
        for error in report.errors:
            log.warning("not used: %s", error)
        self._seen = seen
        return report.added + report.changed + report.removed


def _signature(directory: Path) -> _Signature:
    """A folder that is gone looks like an empty one: the sync says what is wrong with it."""
    found = set()
    for path in directory.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((str(path), status.st_size, status.st_mtime_ns))
    return frozenset(found)
