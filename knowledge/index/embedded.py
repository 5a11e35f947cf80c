"""The index inside this process: qdrant-edge in a directory of its own, one process at a time.

The directory holds generations (`g-…`), `current` with the name of the one in use, and `lock`. What is damaged is
thrown away: the database has everything, and the next catch-up puts it back.
"""

import asyncio
import logging
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from uuid import uuid4

from filelock import FileLock, Timeout

from bot.errors import IndexUnavailable
from knowledge.dense import Embedded
from knowledge.files import write_atomically
from knowledge.index.manifest import Manifest
from knowledge.index.port import Found, Point, Scope, Writer
from knowledge.index.shard import Shard
from knowledge.sparse import Vector, Vectors

log = logging.getLogger(__name__)


class EmbeddedGeneration:
    """A Writer on one shard. Thrown away only when the last search that began on it has ended."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._lock = threading.Lock()
        self._searches = 0
        self._retired = False
        self._damaged = False

    @property
    def directory(self) -> Path:
        return self._shard.directory

    @property
    def manifest(self) -> Manifest:
        """Empty once the engine has failed, so that the next catch-up starts anew."""
        return Manifest() if self._damaged else self._shard.manifest

    async def search(
        self, vectors: Vectors, scope: Scope, articles: int = 30, embedded: Embedded | None = None
    ) -> Found:
        return await asyncio.to_thread(self.search_now, vectors, scope, articles, embedded)

    def search_now(self, vectors: Vectors, scope: Scope, articles: int, embedded: Embedded | None) -> Found:
        with self._searching() as shard:
            return shard.search(vectors, scope, articles, embedded)

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        return self._shard.worth(vectors)

    async def upsert(self, points: Sequence[Point]) -> None:
        await asyncio.to_thread(self._shard.upsert, points)

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        await asyncio.to_thread(self._shard.delete, articles, keep)

    async def save(self, manifest: Manifest) -> None:
        await asyncio.to_thread(self._shard.save, manifest)

    async def count(self) -> int:
        return await asyncio.to_thread(self._shard.count)

    def finish(self) -> None:
        """After many writes: put the segments into the order that is fastest to search."""
        self._shard.optimize()

    def retire(self, remove: bool) -> None:
        with self._lock:
            self._retired = True
            idle = not self._searches
            self._remove = remove
        if idle:
            self._dispose()

    @contextmanager
    def _searching(self) -> Iterator[Shard]:
        with self._lock:
            if self._retired:
                raise _Retired
            self._searches += 1
        try:
            yield self._shard
        except IndexUnavailable:
            self._damaged = True
            raise
        finally:
            with self._lock:
                self._searches -= 1
                last = self._retired and not self._searches
            if last:
                self._dispose()

    def _dispose(self) -> None:
        self._shard.close()
        if self._remove:
            shutil.rmtree(self.directory, ignore_errors=True)


class _Retired(IndexUnavailable):
    """The search came between reading which generation is in use and its end."""


class EmbeddedIndex:
    """Open with `EmbeddedIndex.open`; a KnowledgeIndex."""

    def __init__(self, directory: Path, lock: FileLock, current: EmbeddedGeneration) -> None:
        self.directory = directory
        self._lock = lock
        self._current = current
        self._next: EmbeddedGeneration | None = None

    @classmethod
    async def open(cls, directory: Path) -> Self:
        """Raises IndexUnavailable when another process has the directory, or it cannot be written."""
        return await asyncio.to_thread(cls._open, directory)

    @classmethod
    def _open(cls, directory: Path) -> Self:
        lock = FileLock(directory / "lock", thread_local=False)  # opened in one thread, closed in another
        try:
            directory.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexUnavailable(
                f"The search index in {directory} is in use by another process: "
                "stop that one, or give this one a directory of its own."
            ) from error
        except OSError as error:
            raise IndexUnavailable(
                f"The search index cannot be kept in {directory} ({error}): "
                "make it a directory that this process may write, or name another."
            ) from error
        try:
            return cls(directory, lock, _current(directory))
        except BaseException:
            lock.release()
            raise

    @property
    def manifest(self) -> Manifest:
        return self._current.manifest

    async def refresh(self) -> None:
        """Nobody else writes here."""

    async def search(
        self, vectors: Vectors, scope: Scope, articles: int = 30, embedded: Embedded | None = None
    ) -> Found:
        return await asyncio.to_thread(self._search, vectors, scope, articles, embedded)

    def _search(self, vectors: Vectors, scope: Scope, articles: int, embedded: Embedded | None) -> Found:
        while True:
            generation = self._current
            try:
                return generation.search_now(vectors, scope, articles, embedded)
            except _Retired:
                if generation is self._current:  # closed, not switched
                    raise IndexUnavailable(f"The search index in {self.directory} is closed.") from None

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        return self._current.worth(vectors)

    async def upsert(self, points: Sequence[Point]) -> None:
        await self._current.upsert(points)

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        await self._current.delete(articles, keep)

    async def save(self, manifest: Manifest) -> None:
        await self._current.save(manifest)

    async def count(self) -> int:
        return await self._current.count()

    async def rebuild(self, size: int = 0) -> Writer:
        if self._next is not None:
            self._next.retire(remove=True)
        self._next = await asyncio.to_thread(lambda: EmbeddedGeneration(_create(self.directory, size)))
        return self._next

    async def switch_to(self, generation: Writer) -> None:
        if generation is not self._next or self._next is None:
            raise ValueError("not the generation that was begun last")
        await asyncio.to_thread(self._switch, self._next)

    def _switch(self, generation: EmbeddedGeneration) -> None:
        generation.finish()
        _point_to(generation.directory)
        before, self._current, self._next = self._current, generation, None
        before.retire(remove=True)

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._next is not None:
            self._next.retire(remove=True)
            self._next = None
        self._current.retire(remove=False)
        self._lock.release()


def _current(directory: Path) -> EmbeddedGeneration:
    """The generation in use, or an empty one if there is none that can be read. Others are swept away."""
    pointer = directory / "current"
    name = pointer.read_text("utf-8", "replace").strip() if pointer.is_file() else ""
    shard: Shard | None = None
    if name.startswith("g-") and "/" not in name:
        try:
            shard = Shard.load(directory / name)
        except IndexUnavailable as error:
            log.warning("The search index is damaged and will be made anew from the database: %s", error)
    for stale in directory.glob("g-*"):
        if shard is None or stale.name != name:
            shutil.rmtree(stale, ignore_errors=True)
    if shard is None:
        shard = _create(directory)
        _point_to(shard.directory)
    return EmbeddedGeneration(shard)


def _create(directory: Path, size: int = 0) -> Shard:
    return Shard.create(directory / f"g-{uuid4().hex[:12]}", size)


def _point_to(generation: Path) -> None:
    try:
        write_atomically(generation.parent / "current", generation.name.encode())
    except OSError as error:
        raise IndexUnavailable(f"The search index in {generation.parent} cannot be written: {error}") from error
