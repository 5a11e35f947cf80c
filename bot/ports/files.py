"""Where the bytes of attachments lie. What they are called and whose they are is in the database, never in a key."""

from collections.abc import AsyncIterable, AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.model.tickets import Attachment


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`key` is made by the store: 32 hexadecimal digits, of which nobody outside chose any."""

    key: str
    size: int
    sha256: str


class FileStore(Protocol):
    """Bytes under keys of its own. Several processes may use one store at once."""

    async def put(self, chunks: AsyncIterable[bytes]) -> StoredFile:
        """Store what comes; when this returns it is there for good and for everybody.

        Whatever `chunks` raises, or if this is cancelled, nothing is there afterwards. Raises StorageUnavailable.
        """
        ...

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes in portions. Raises FileMissing, before the first, for a key that is not there."""
        ...

    async def delete(self, key: str) -> None:
        """Of a key that is not there, nothing happens."""
        ...

    def keys(self, before: datetime) -> AsyncIterator[str]:
        """Those of files that were complete before then."""
        ...

    async def discard_unfinished(self, before: datetime) -> int:
        """Remove what processes that died left of files begun before then; return how many."""
        ...


class Attachments(Protocol):
    """The files of messages, in a unit of work."""

    def add(self, attachment: Attachment) -> None: ...

    def save(self, attachment: Attachment) -> None: ...

    async def get(self, id: UUID) -> Attachment | None: ...

    async def of(self, message_ids: Collection[UUID]) -> list[Attachment]:
        """Those of these messages, in the order in which they came."""
        ...

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> list[Attachment]:
        """Of messages on these platforms, those that are to be fetched by now, the longest due first."""
        ...

    async def stored_among(self, keys: Collection[str]) -> set[str]:
        """Those of these files that are an attachment."""
        ...
