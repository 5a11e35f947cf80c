"""What stands between the network and forms with files: how much may come, and in how much time."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.refusals import Refusals
from adapters.web.uploads import is_upload

PIECE_SECONDS = 20.0  # for the next piece to arrive
UPLOAD_SECONDS = 900.0  # for all of it


class _Refused(Exception):  # never seen outside
    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


class BoundedUpload:
    """Lets a form with files through piece by piece, up to a bound.

    What is left of a form when its answer is ready is read and thrown away first: a server that closes while somebody
    still sends is one whose answer they never see.
    """

    def __init__(
        self,
        app: ASGIApp,
        refusals: Refusals,
        largest: int,
        piece_seconds: float = PIECE_SECONDS,
        seconds: float = UPLOAD_SECONDS,
    ) -> None:
        self._app = app
        self._refusals = refusals
        self._largest = largest
        self._piece_seconds = piece_seconds
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_upload(scope, Headers(scope=scope).get("content-type", "")):
            await self._app(scope, receive, send)
            return
        reading = _Reading(receive, self._largest, self._piece_seconds, self._seconds)
        answered = False

        async def after_reading(message: Message) -> None:
            nonlocal answered
            answered = True
            await reading.read_away()
            await send(message)

        try:
            await self._app(scope, reading.receive, after_reading)
        except ClientDisconnect:
            return  # nobody is left to answer, and nothing has failed
        except _Refused as refused:
            await reading.read_away()
            if not answered:
                # What may be left of the body would be taken for the next request.
                headers = {"Connection": "close"}
                answer = self._refusals.response(HTTPConnection(scope), refused.status, refused.key, headers)
                await answer(scope, receive, send)


class _Reading:
    def __init__(self, receive: Receive, largest: int, piece_seconds: float, seconds: float) -> None:
        self._receive = receive
        self._largest = largest
        self._piece_seconds = piece_seconds
        self._until = asyncio.get_running_loop().time() + seconds
        self._read = 0
        self._over = False

    async def receive(self) -> Message:
        """Raises _Refused for what is too much, or comes too slowly."""
        if self._over:
            return await self._receive()
        message = await self._next()
        if self._read > self._largest:
            raise _Refused(413, "too_large")
        return message

    async def read_away(self) -> None:
        """What is left, up to as much again as may come."""
        with suppress(_Refused):
            while not self._over and self._read <= 2 * self._largest:
                await self._next()

    async def _next(self) -> Message:
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(now + self._piece_seconds, self._until)):
                message = await self._receive()
        except TimeoutError as error:
            self._over = True
            raise _Refused(408, "too_slow") from error
        self._read += len(message.get("body", b""))
        self._over = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message
