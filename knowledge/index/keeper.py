"""Keeps an index in step with the database for as long as a desk runs.

The index inside a process is that process's alone. One on a server is shared: of all processes one writes, the holder
of a lease, and the others see what it wrote. A server that is gone stops nothing else; when it is back, so is the work.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.errors import IndexUnavailable, ModelUnavailable, StorageUnavailable
from bot.ports.storage import Storage
from knowledge.index.follower import IndexFollower, Progress
from knowledge.index.port import KnowledgeIndex

log = logging.getLogger(__name__)

LEASE = "index"
LEASE_SECONDS = 30.0
FOLLOW_SECONDS = 1.0  # between two looks whether the articles have changed
EMBED_LOOK = 3.0  # seconds between two looks whether another model is wanted
AGAIN = 60.0  # seconds before articles are embedded again after a failure
GONE_SECONDS = 5.0  # between two looks for a server that is gone


class IndexKeeper:
    """`owner` names this process among those that share the index; None if nobody shares it. `followed` is awaited
    after every look."""

    def __init__(
        self,
        storage: Storage,
        index: KnowledgeIndex,
        follower: IndexFollower,
        owner: str | None,
        followed: Callable[[], Awaitable[None]],
    ) -> None:
        self._storage = storage
        self._index = index
        self._follower = follower
        self._owner = owner
        self._followed = followed
        self._leads = owner is None
        self._gone = False

    @property
    def is_well(self) -> bool:
        """Whether the index could be reached at the last look."""
        return not self._gone

    async def start(self, progress: Progress | None = None) -> None:
        """The first look. Raises IndexUnavailable, but for a server's: then the log says that it is gone."""
        if self._owner is not None:
            await self._renew()
        try:
            await self._look(progress)
        except IndexUnavailable as error:
            if self._owner is None:
                raise
            self._say_gone(error)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._keep_embedded())
            if self._owner is not None:
                group.create_task(self._hold())

    async def _look(self, progress: Progress | None = None) -> None:
        if self._leads:
            await self._follower.catch_up(progress)
        else:
            await self._index.refresh()
        await self._followed()

    async def _follow(self) -> None:
        while True:
            if self._gone:
                await asyncio.sleep(GONE_SECONDS)
            else:
                await self._storage.changed("knowledge", FOLLOW_SECONDS)
            try:
                await self._look()
            except IndexUnavailable as error:
                self._say_gone(error)
            except StorageUnavailable as error:
                log.warning("the index does not follow the articles for now: %s", error)
            else:
                if self._gone:
                    self._gone = False
                    log.info("the search index is back, and in step with the articles")

    async def _keep_embedded(self) -> None:
        """Give the index the embeddings of the model that is wanted, if it has others or none; meanwhile words answer,
        or the model before."""
        while True:
            await asyncio.sleep(EMBED_LOOK)
            try:
                if not self._leads or self._gone or not await asyncio.to_thread(self._wants_embedding):
                    continue
                log.info("embedding the articles in the background, since another model is wanted")
                done = await self._follower.embed_anew()
                log.info("embedded %d articles in %.0f s", done.indexed, done.ms / 1000)
            except (IndexUnavailable, ModelUnavailable, StorageUnavailable) as error:
                log.warning("the articles could not be embedded, and will be in a while: %s", error)
                await asyncio.sleep(AGAIN)

    def _wants_embedding(self) -> bool:
        return self._follower.wants_embedding

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                await self._renew()
            except StorageUnavailable as error:
                self._leads = False
                log.warning("who writes the index cannot be agreed on for now: %s", error)

    async def _renew(self) -> None:
        assert self._owner is not None
        lease = await self._storage.leases.acquire(LEASE, self._owner, timedelta(seconds=LEASE_SECONDS))
        self._leads = lease is not None

    def _say_gone(self, error: IndexUnavailable) -> None:
        if not self._gone:
            self._gone = True
            log.error("questions cannot be looked up for now, and are offered a ticket instead: %s", error)
