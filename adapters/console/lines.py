"""Lines of a pipe or a file, read without holding up the event loop and without trusting what is in them."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from functools import partial
from io import UnsupportedOperation
from typing import BinaryIO

_BLOCK = 65_536
_KEPT = 65_536  # bytes of a line; the rest of a longer one is read and dropped


def split_lines(read: Callable[[int], bytes]) -> Iterator[str]:
    """Lines without their ends; the last one needs none. Bytes that are not UTF-8 become U+FFFD."""
    line = bytearray()
    begun = False
    while block := read(_BLOCK):
        *complete, rest = block.split(b"\n")
        for part in complete:
            line += part[: _KEPT - len(line)]
            yield _text(line)
            line.clear()
            begun = False
        line += rest[: _KEPT - len(line)]
        begun = begun or bool(rest)
    if begun:
        yield _text(line)


def _text(line: bytearray) -> str:
    return bytes(line).removeprefix(codecs.BOM_UTF8).removesuffix(b"\r").decode("utf-8", "replace")


async def piped_lines(stdin: BinaryIO) -> AsyncIterator[str]:
    """One line at a time, each read only when it is asked for.

    The reading thread is a daemon that never touches the stream's buffer: a read that waits for input holds up
    neither the end of the loop nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    wanted = threading.Semaphore(0)
    found: asyncio.Queue[str | None] = asyncio.Queue()

    def deliver(line: str | None) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(found.put_nowait, line)

    def read() -> None:
        try:
            for line in split_lines(_reader(stdin)):
                wanted.acquire()
                deliver(line)
        except (OSError, ValueError):  # closed, or the terminal hung up: the end of the input
            pass
        wanted.acquire()
        deliver(None)

    threading.Thread(target=read, name="console-input", daemon=True).start()
    while True:
        wanted.release()
        if (line := await found.get()) is None:
            return
        yield line


def _reader(stdin: BinaryIO) -> Callable[[int], bytes]:
    try:
        return partial(os.read, stdin.fileno())
    except UnsupportedOperation:
        return stdin.read
