"""Files in a folder of this machine, or of several that share it."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from bot.errors import FileMissing, StorageUnavailable
from bot.ports.files import StoredFile
from storage.files.portions import PORTION, portioned

P = ParamSpec("P")
T = TypeVar("T")

_KEY = re.compile("[0-9a-f]{32}")
_PRIVATE = 0o600


class DiskFiles:
    """`ab/cd/abcd….` under the folder, readable by this user alone. A file is there under its name once it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unfinished = folder / "unfinished"

    async def put(self, chunks: AsyncIterable[bytes]) -> StoredFile:
        key, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
        draft = self._unfinished / key
        try:
            handle = await _in_thread(self._begin, draft)
            try:
                async for portion in portioned(chunks):
                    digest.update(portion)
                    size += len(portion)
                    await _in_thread(_write, handle, portion)
                await _in_thread(os.fsync, handle)
            finally:
                os.close(handle)
            await _in_thread(self._finish, draft, self._path(key))
        finally:
            with suppress(OSError):
                draft.unlink()
        return StoredFile(key, size, digest.hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        if not _KEY.fullmatch(key):
            raise FileMissing("no such file")
        file = await _in_thread(_open, self._path(key))
        try:
            while portion := await _in_thread(file.read, PORTION):
                yield portion
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        if _KEY.fullmatch(key):
            await _in_thread(self._path(key).unlink, True)

    async def keys(self, before: datetime) -> AsyncIterator[str]:
        for key in await _in_thread(lambda: sorted(self._older(self._folder.glob("??/??/*"), before))):
            yield key

    async def discard_unfinished(self, before: datetime) -> int:
        def discard() -> int:
            left = list(self._older(self._unfinished.glob("*"), before))
            for name in left:
                (self._unfinished / name).unlink(missing_ok=True)
            return len(left)

        return await _in_thread(discard)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:4] / key

    def _begin(self, draft: Path) -> int:
        draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)

    def _finish(self, draft: Path, path: Path) -> None:
        """The folders are written out, too: else the name may be lost with the power, while its row is kept."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.replace(path)
        for folder in (path.parent, path.parent.parent, self._folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @staticmethod
    def _older(paths: Iterator[Path], before: datetime) -> Iterator[str]:
        for path in paths:
            with suppress(FileNotFoundError):  # removed meanwhile
                if _KEY.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                    yield path.name


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise FileMissing("no such file") from error


async def _in_thread(do: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(do, *arguments, **named)
    except OSError as error:
        raise StorageUnavailable(f"the folder of files cannot be used: {error.strerror or error}") from error


def _write(handle: int, portion: bytes) -> None:
    view = memoryview(portion)
    while view:
        view = view[os.write(handle, view) :]
