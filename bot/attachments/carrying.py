"""Files that a message names, brought to where it stands: who reads it need not be able to open our page.

They may be on their way from where they were sent, and are waited for. What is to be brought is written down first, so
that it is brought when this process dies meanwhile; twice in the worst case.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.errors import DeliveryError, DeliveryRefused, FileRefused, RateLimited, StorageError
from bot.model.documents import Document, FileItem, Files
from bot.ports.adapters import Clock, Memory, SharedFiles

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks whether a file is there
LONGEST = 600.0  # seconds that it is waited for
AT_ONCE = 2  # files in this process's memory
SWEEP = 30.0  # seconds between two looks for what a process left behind
LEFT = 2 * LONGEST  # seconds after which nobody sees to it any more
_BETWEEN = " "
_DESCRIBED = "\n"  # between a file's name and what it shows


@dataclass(frozen=True, slots=True)
class Errand:
    """One file to bring. `key` names it alone, `message` is the one that names it, `place` where it goes."""

    key: str
    account: str
    message: str
    place: str
    item: UUID
    name: str
    shows: str = ""


# Puts a file there. Raises a DeliveryError, StorageError.
Bring = Callable[[Errand, bytes], Awaitable[None]]


class Carrier:
    """For one platform."""

    def __init__(self, platform: str, files: SharedFiles, memory: Memory, bring: Bring, clock: Clock) -> None:
        self._platform = platform
        self._files = files
        self._memory = memory
        self._bring_there = bring
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._ours: set[str] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def take(self, account: str, message: str, place: str, items: Iterable[FileItem]) -> None:
        """Bring these meanwhile. Neither `message` nor `place` has a blank in it. Raises StorageError."""
        for item in items:
            key = f"{self._kept(account)}{message}/{item.id}"
            described = _DESCRIBED.join(filter(None, (item.name, item.alternative)))
            value = _BETWEEN.join((self._clock().isoformat(), place, described))
            await self._memory.keep(key, value)
            self._begin(key, account, value)

    async def take_back(self, account: str, message: str) -> None:
        """What was not yet brought stays where it is. Raises StorageError."""
        for key in await self._memory.kept(f"{self._kept(account)}{message}/"):
            await self._memory.forget(key)

    async def sweep(self, accounts: Callable[[], Iterable[str]]) -> None:
        """Until cancelled: bring what processes that died left."""
        while True:
            await asyncio.sleep(SWEEP)
            for account in list(accounts()):
                with suppress(StorageError):
                    for key, value in (await self._memory.kept(self._kept(account))).items():
                        since, _, rest = value.partition(_BETWEEN)
                        age = (self._clock() - datetime.fromisoformat(since)).total_seconds()
                        if key not in self._ours and age > LEFT:
                            value = f"{self._clock().isoformat()}{_BETWEEN}{rest}"
                            await self._memory.keep(key, value)
                            self._begin(key, account, value)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _kept(self, account: str) -> str:
        return f"{self._platform}/{account}/to-bring/"

    def _begin(self, key: str, account: str, value: str) -> None:
        message, _, item = key.removeprefix(self._kept(account)).rpartition("/")
        _, place, described = value.split(_BETWEEN, 2)
        name, _, shows = described.partition(_DESCRIBED)
        task = asyncio.create_task(self._bring(Errand(key, account, message, place, UUID(item), name, shows)))
        self._ours.add(key)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._ours.discard(key))

    async def _bring(self, errand: Errand) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._until_brought(errand)
        except (FileRefused, DeliveryRefused, TimeoutError) as error:
            log.info("%s: a file is not brought: %s", self._platform, error)
        except StorageError as error:
            log.warning("%s: a file could not be brought: %s", self._platform, error)
            return  # `sweep` sees to it
        with suppress(StorageError):
            await self._memory.forget(errand.key)

    async def _until_brought(self, errand: Errand) -> None:
        """Until it is there, or was taken back. Raises FileRefused, DeliveryRefused, StorageError."""
        while await self._memory.recall(errand.key) is not None:
            pause = LOOK
            async with self._turns:
                content = await self._files.content(errand.item)
                try:
                    if content is not None:
                        await self._bring_there(errand, content)
                        return
                except DeliveryRefused:
                    raise
                except DeliveryError as error:
                    pause = max(LOOK, error.retry_after) if isinstance(error, RateLimited) else LOOK
            await asyncio.sleep(pause)


def items_of(document: Document) -> list[FileItem]:
    """The files that it names, that can be had, and that may be unfolded before everybody who reads it."""
    blocks = (block for block in document.blocks if isinstance(block, Files))
    return [item for block in blocks for item in block.items if item.problem is None and not item.sensitive]
