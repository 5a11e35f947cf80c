"""Bytes that come in pieces of any size, in pieces of one."""

from collections.abc import AsyncIterable, AsyncIterator

PORTION = 256 * 1024  # bytes


async def portioned(chunks: AsyncIterable[bytes], size: int = PORTION) -> AsyncIterator[bytes]:
    """All but the last are `size` bytes long; none is empty."""
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)
