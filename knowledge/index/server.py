"""The index on a Qdrant server or cluster, for any number of processes: a KnowledgeIndex.

A generation is a collection; an alias names the one in use, and is moved to a new one in a single operation. What the
manifest says is kept in the collection. Who may write is not decided here: one process at a time should.
"""

import asyncio
import logging
import time
import warnings
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from qdrant_client import AsyncQdrantClient, models

from bot.errors import IndexUnavailable
from knowledge.dense import Embedded
from knowledge.index.manifest import Manifest
from knowledge.index.port import Found, Point, Scope, Writer
from knowledge.index.server_calls import Calls
from knowledge.index.server_generation import Layout, ServerGeneration
from knowledge.index.server_notes import Notes
from knowledge.sparse import Vector, Vectors

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks whether another process has written or switched
ABANDONED = timedelta(hours=12)  # after which a generation that nobody switched to is swept away
_BEGUN = "%Y%m%dT%H%M%S"


class ServerIndex:
    """Made with `ServerIndex.to`, which asks the server nothing. Until it has been reached, and whenever it is gone,
    every method raises IndexUnavailable and the manifest is the one known last; `refresh` and `search` look again."""

    def __init__(self, client: AsyncQdrantClient, where: str, timeout: float, alias: str, layout: Layout) -> None:
        self.alias = alias
        self._calls = Calls(client, where, timeout)
        self._notes = Notes(self._calls)
        self._layout = layout
        self._current: ServerGeneration | None = None
        self._next: ServerGeneration | None = None
        self._looked = 0.0
        self._looking = asyncio.Lock()

    @classmethod
    def to(
        cls,
        url: str,
        *,
        key: str | None = None,
        timeout: float = 5.0,
        alias: str = "guichet",
        layout: Layout | None = None,
    ) -> Self:
        """`timeout`: seconds that one call may take. Proxy variables do not apply to addresses of this machine."""
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a key without TLS, which a private network may do with
            client = AsyncQdrantClient(
                url=url,
                api_key=key,
                timeout=max(int(timeout), 1),
                check_compatibility=False,  # would ask the server, and wait for it, here
                trust_env=not local,
            )
        return cls(
            client, f"{parts.hostname}:{parts.port or 6333}", timeout, alias, layout if layout is not None else Layout()
        )

    @property
    def manifest(self) -> Manifest:
        return self._current.manifest if self._current else Manifest()

    async def refresh(self) -> None:
        """Raises IndexUnavailable. A server without the collection gets one."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        self._looked = time.monotonic()
        if not await self._has_alias():
            self._current = await ServerGeneration.create(self._calls, self._name(), 0, self._layout)
            await self._calls(lambda client: client.update_collection_aliases([self._pointing(self._current)]))
            return
        head = await self._notes.head(self.alias)
        if head is None:
            raise IndexUnavailable(f"The collection {self.alias} is not one of guichet: name another.")
        if self._current and (self._current.collection, self._current.serial) == (head.collection, head.serial):
            return
        same = self._current if self._current and self._current.collection == head.collection else None
        generation = same or ServerGeneration(self._calls, head.collection)
        await generation.take(head)
        self._current = generation

    async def _has_alias(self) -> bool:
        if self._current is not None:
            return True
        known = await self._calls(lambda client: client.get_aliases())
        return any(alias.alias_name == self.alias for alias in known.aliases)

    async def search(
        self, vectors: Vectors, scope: Scope, articles: int = 30, embedded: Embedded | None = None
    ) -> Found:
        """Raises IndexUnavailable within the time of a few calls."""
        if self._current is None or time.monotonic() - self._looked > LOOK:
            await self.refresh()
        generation = self._in_use()
        try:
            return await generation.search(vectors, scope, articles, embedded)
        except IndexUnavailable:
            await self.refresh()
            if (now := self._in_use()) is generation:
                raise
            return await now.search(vectors, scope, articles, embedded)  # another process had switched meanwhile

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        return self._current.worth(vectors) if self._current else dict.fromkeys(vectors, 0.0)

    async def upsert(self, points: Sequence[Point]) -> None:
        await self._in_use().upsert(points)

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        await self._in_use().delete(articles, keep)

    async def save(self, manifest: Manifest) -> None:
        await self._in_use().save(manifest)

    async def count(self) -> int:
        return await self._in_use().count()

    async def rebuild(self, size: int = 0) -> Writer:
        if self._next is not None:
            await self._drop(self._next.collection)
            self._next = None
        await self._sweep()
        self._next = await ServerGeneration.create(self._calls, self._name(), size, self._layout)
        return self._next

    async def switch_to(self, generation: Writer) -> None:
        if generation is not self._next or self._next is None:
            raise ValueError("not the generation that was begun last")
        before, after = self._in_use(), self._next
        moved = [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.alias))]
        async with self._looking:
            await self._calls(lambda client: client.update_collection_aliases([*moved, self._pointing(after)]))
            self._current, self._next = after, None
        await self._drop(before.collection)

    async def close(self) -> None:
        try:
            if self._next is not None:
                await self._drop(self._next.collection)
        finally:
            await self._calls.client.close()

    def _in_use(self) -> ServerGeneration:
        if self._current is None:
            raise IndexUnavailable(f"The Qdrant server {self._calls.where} has not been reached yet.")
        return self._current

    def _name(self) -> str:
        return f"{self.alias}-{datetime.now(UTC):{_BEGUN}}-{uuid4().hex[:8]}"

    def _pointing(self, generation: ServerGeneration | None) -> models.CreateAliasOperation:
        assert generation is not None
        alias = models.CreateAlias(collection_name=generation.collection, alias_name=self.alias)
        return models.CreateAliasOperation(create_alias=alias)

    async def _drop(self, collection: str) -> None:
        """What cannot be dropped now is swept away later."""
        try:
            await self._calls(lambda client: client.delete_collection(collection))
        except IndexUnavailable as error:
            log.warning("a collection that is not used any more stays for now: %s", error)

    async def _sweep(self) -> None:
        """Drop what processes that died had begun."""
        found = await self._calls(lambda client: client.get_collections())
        for name in sorted(collection.name for collection in found.collections):
            if name.startswith(f"{self.alias}-") and name != self._in_use().collection and _is_abandoned(name):
                await self._drop(name)


def _is_abandoned(name: str) -> bool:
    try:
        begun = datetime.strptime(name.split("-")[-2], _BEGUN).replace(tzinfo=UTC)
    except (ValueError, IndexError):
        return False
    return datetime.now(UTC) - begun > ABANDONED
