"""No file store: of a process that takes no files."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime

from bot.attachments.intake import Intake
from bot.attachments.kinds import Kinds
from bot.errors import FileMissing, StorageUnavailable
from bot.file_settings import FILE_TYPES
from bot.ports.files import StoredFile


class Nowhere:
    async def put(self, chunks: AsyncIterable[bytes]) -> StoredFile:
        raise StorageUnavailable("this process has no file store")

    async def open(self, key: str) -> AsyncIterator[bytes]:
        raise FileMissing("this process has no file store")
        yield b""

    async def delete(self, key: str) -> None:
        """There is none."""

    async def keys(self, before: datetime) -> AsyncIterator[str]:
        nothing: tuple[str, ...] = ()
        for key in nothing:
            yield key

    async def discard_unfinished(self, before: datetime) -> int:
        return 0


def no_files() -> Intake:
    """Files are named, and never had."""
    return Intake(Nowhere(), Kinds.of(FILE_TYPES))
