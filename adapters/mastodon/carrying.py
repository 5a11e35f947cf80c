"""Files that a direct message names, in messages of their own that hang from it.

They may be on their way from where they were sent, and are waited for. What is to be brought is written down first, so
that it is brought when this process dies meanwhile; twice in the worst case, where a server knows no keys. A message
that is taken back takes along what was not yet brought.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from adapters.mastodon.ids import PLATFORM, direct_room
from bot.errors import DeliveryError, DeliveryRefused, FileRefused, RateLimited, StorageError
from bot.model.documents import Document, FileItem, Files
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.ports.adapters import Clock, Memory, SharedFiles

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks whether a file is there
LONGEST = 600.0  # seconds that it is waited for
AT_ONCE = 2  # files in this process's memory
SWEEP = 30.0  # seconds between two looks for what a process left behind
LEFT = 2 * LONGEST  # seconds after which nobody sees to it any more
_BETWEEN = " "

# Sends a file of that name to a room, under a key that makes it stand there once.
Bring = Callable[[ConversationRef, str, bytes, str], Awaitable[str]]


class Carrying:
    """For one account; `bring` raises a DeliveryError."""

    def __init__(self, files: SharedFiles, memory: Memory, account: str, bring: Bring, clock: Clock) -> None:
        self._files = files
        self._memory = memory
        self._account = account
        self._prefix = f"{PLATFORM}/{account}/to-bring/"
        self._bring = bring
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._ours: set[str] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def posted(self, delivery: Delivery, message: str) -> None:
        """A delivery is out, as that message. Raises nothing; what takes time is done meanwhile."""
        if delivery.conversation.is_public:
            return
        with suppress(StorageError):
            if delivery.replaces is not None:
                if not items_of(delivery.document):
                    for name in await self._memory.kept(f"{self._prefix}{message}/"):
                        await self._memory.forget(name)
                return
            for item in items_of(delivery.document):
                name = f"{self._prefix}{message}/{item.id}"
                value = _BETWEEN.join((self._clock().isoformat(), delivery.conversation.room, item.name))
                await self._memory.keep(name, value)
                self._begin(name, value)

    async def sweep(self) -> None:
        """Until cancelled: bring what processes that died left."""
        while True:
            await asyncio.sleep(SWEEP)
            with suppress(StorageError):
                for name, value in (await self._memory.kept(self._prefix)).items():
                    since, _, rest = value.partition(_BETWEEN)
                    age = (self._clock() - datetime.fromisoformat(since)).total_seconds()
                    if name not in self._ours and age > LEFT:
                        value = f"{self._clock().isoformat()}{_BETWEEN}{rest}"
                        await self._memory.keep(name, value)
                        self._begin(name, value)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, name: str, value: str) -> None:
        task = asyncio.create_task(self._see_to(name, value))
        self._ours.add(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._ours.discard(name))

    async def _see_to(self, name: str, value: str) -> None:
        _, room, file_name = value.split(_BETWEEN, 2)
        item = UUID(name.rpartition("/")[2])
        try:
            async with asyncio.timeout(LONGEST):
                await self._brought(name, direct_room(self._account, room), item, file_name)
        except (FileRefused, DeliveryRefused, TimeoutError) as error:
            log.info("mastodon: a file is not brought: %s", error)
        except StorageError as error:
            log.warning("mastodon: a file could not be brought: %s", error)
            return  # `sweep` sees to it
        with suppress(StorageError):
            await self._memory.forget(name)

    async def _brought(self, name: str, room: ConversationRef, item: UUID, file_name: str) -> None:
        """Until it is there, or was taken back. Raises FileRefused, DeliveryRefused, StorageError."""
        while await self._memory.recall(name) is not None:
            pause = LOOK
            async with self._turns:
                content = await self._files.content(item)
                try:
                    if content is not None:
                        await self._bring(room, file_name, content, name)
                        return
                except DeliveryRefused:
                    raise
                except DeliveryError as error:
                    pause = max(LOOK, error.retry_after) if isinstance(error, RateLimited) else LOOK
            await asyncio.sleep(pause)


def items_of(document: Document) -> list[FileItem]:
    """The files that it names and that can be had."""
    blocks = (block for block in document.blocks if isinstance(block, Files))
    return [item for block in blocks for item in block.items if item.problem is None]
