"""What Slack signed: looked at before anything else in a request is, since anybody can send one.

A stranger costs us little: who does not even claim to be Slack is refused unread, the rest is read without being taken
apart, in limited time, and of what is large little at once.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

MOST_BYTES = 32 * 1024 * 1024  # of a request: a message that is too long is told so, too
LARGE = 1024 * 1024  # bytes above which a request is one of the rare ones
LARGE_AT_ONCE = 2
READING = 10.0  # seconds; Slack itself waits for three
OLD = 300.0  # seconds after which a request is not taken again from whoever has got hold of it
_TIMESTAMP = re.compile("[0-9]{1,12}")


class Signed:
    """`secret`: the app's signing secret. `clock`: seconds since 1970."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @asynccontextmanager
    async def body(self, request: web.Request) -> AsyncIterator[str]:
        """While it is handled. Raises a web.HTTPException for what is not Slack's, or too large."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not _TIMESTAMP.fullmatch(timestamp) or abs(self._clock() - int(timestamp)) > OLD:
            raise web.HTTPUnauthorized
        signature = request.headers.get("X-Slack-Signature", "").encode(errors="replace")
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(READING):
                    body, signed = await self._read(request, timestamp, turn)
            except TimeoutError as error:
                raise web.HTTPRequestTimeout from error
            if not hmac.compare_digest(signed.encode(), signature):
                raise web.HTTPUnauthorized
            try:
                yield body.decode()
            except UnicodeDecodeError as error:
                raise web.HTTPBadRequest from error

    async def _read(self, request: web.Request, timestamp: str, turn: AsyncExitStack) -> tuple[bytearray, str]:
        """The body, and what Slack's signature of it is."""
        if (length := request.content_length or 0) > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BYTES, length)
        seal = hmac.new(self._secret, f"v0:{timestamp}:".encode(), hashlib.sha256)
        body = bytearray()
        async for piece in request.content.iter_any():
            seal.update(piece)
            if len(body) <= LARGE < len(body) + len(piece):
                await turn.enter_async_context(self._large)
            body += piece
            if len(body) > MOST_BYTES:
                raise web.HTTPRequestEntityTooLarge(MOST_BYTES, len(body))
        return body, f"v0={seal.hexdigest()}"
