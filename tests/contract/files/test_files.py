"""What goes into a file store comes out of it as it was, whole or not at all."""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import FileMissing
from bot.ports.files import FileStore
from storage.files.disk import DiskFiles

MEGABYTE = 1024 * 1024
SOON = timedelta(minutes=1)
HOSTILE_KEYS = (
    "",
    "a",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "ab/../../../x",
    "\x00" * 32,
    "g" * 32,
    "A" * 32,
    "0" * 31 + "\n",
    "0" * 31 + "٠",
    "{" + "0" * 32 + "}",
    "00000000-0000-0000-0000-000000000000",
)


async def pieces(content: bytes, size: int = 70_001) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(store: FileStore, key: str) -> bytes:
    return b"".join([portion async for portion in store.open(key)])


async def known(store: FileStore) -> list[str]:
    return [key async for key in store.keys(datetime.now(UTC) + SOON)]


@pytest.mark.parametrize("length", [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3 * MEGABYTE + 7])
async def test_what_goes_in_comes_out(replicas: tuple[FileStore, FileStore], length: int) -> None:
    content = os.urandom(length)
    one, other = replicas
    stored = await one.put(pieces(content))
    assert (stored.size, stored.sha256) == (length, hashlib.sha256(content).hexdigest())
    assert re.fullmatch("[0-9a-f]{32}", stored.key)
    assert await read(other, stored.key) == content


async def test_pieces_of_any_size_and_none_of_them(store: FileStore) -> None:
    async def uneven() -> AsyncIterator[bytes]:
        for piece in (b"", b"a", b"", b"b" * MEGABYTE, b"c", b""):
            yield piece

    assert await read(store, (await store.put(uneven())).key) == b"a" + b"b" * MEGABYTE + b"c"


async def test_the_same_bytes_twice_are_two_files(store: FileStore) -> None:
    first, second = await store.put(pieces(b"same")), await store.put(pieces(b"same"))
    await store.delete(first.key)
    assert await read(store, second.key) == b"same"
    with pytest.raises(FileMissing):
        await read(store, first.key)
    await store.delete(first.key)  # is not there any more, which is what was wanted


@pytest.mark.parametrize("key", HOSTILE_KEYS)
async def test_what_is_no_key_of_the_stores_is_nowhere(store: FileStore, key: str) -> None:
    with pytest.raises(FileMissing):
        await read(store, key)
    await store.delete(key)


async def test_what_is_cut_off_is_not_there(store: FileStore) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"x" * MEGABYTE
        raise ConnectionResetError("the line is dead")

    with pytest.raises(ConnectionResetError):
        await store.put(cut())
    assert await known(store) == []
    assert await store.discard_unfinished(datetime.now(UTC) + SOON) == 0


async def test_what_is_cancelled_is_not_there(store: FileStore) -> None:
    half_way = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * MEGABYTE
        half_way.set()
        await asyncio.Event().wait()

    storing = asyncio.create_task(store.put(endless()))
    await half_way.wait()
    assert await known(store) == []  # nobody sees half a file
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert await known(store) == []
    assert await store.discard_unfinished(datetime.now(UTC) + SOON) == 0


async def test_what_a_dead_process_left_is_discarded_once_it_is_old(replicas: tuple[FileStore, FileStore]) -> None:
    left, other = replicas
    half_way = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * MEGABYTE
        half_way.set()
        await asyncio.Event().wait()

    storing = asyncio.create_task(left.put(endless()))
    await half_way.wait()
    assert await other.discard_unfinished(datetime.now(UTC) - SOON) == 0
    assert await other.discard_unfinished(datetime.now(UTC) + SOON) == 1
    assert await other.discard_unfinished(datetime.now(UTC) + SOON) == 0
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing


async def test_keys_are_those_of_whole_files_that_are_old_enough(store: FileStore) -> None:
    stored = {(await store.put(pieces(bytes([number])))).key for number in range(3)}
    assert set(await known(store)) == stored
    assert [key async for key in store.keys(datetime.now(UTC) - SOON)] == []


async def test_many_at_once(replicas: tuple[FileStore, FileStore]) -> None:
    contents = [os.urandom(300_000 + number) for number in range(8)]
    stored = await asyncio.gather(*(replicas[n % 2].put(pieces(one)) for n, one in enumerate(contents)))
    read_back = await asyncio.gather(*(replicas[(n + 1) % 2].open(one.key).__anext__() for n, one in enumerate(stored)))
    assert [one[:1000] for one in read_back] == [one[:1000] for one in contents]
    assert len({one.key for one in stored}) == 8


async def test_files_on_disk_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    store = DiskFiles(folder)
    key = (await store.put(pieces(b"private"))).key
    file = folder / key[:2] / key[2:4] / key
    assert file.read_bytes() == b"private"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    assert list((folder / "unfinished").iterdir()) == []
