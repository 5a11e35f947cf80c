"""Streaming as server-sent events, at an address of its own: users, notifications, hashtags, public, direct posts."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.mastodon.faults import Faults
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.state import State
from tests.fakes.mastodon.writing import name_of

Channel = tuple[str, str]  # what is listened to, and the account or the hashtag
PERSONAL = {"user": "user", "user/notification": "user:notification", "direct": "direct"}
OPEN = {
    "public": "public",
    "public/local": "public:local",
    "public/remote": "public:remote",
    "hashtag": "hashtag",
    "hashtag/local": "hashtag:local",
}


@dataclass(eq=False)
class Connection:
    channel: Channel
    account: str | None
    token: str
    request: web.Request
    queue: "asyncio.Queue[bytes]" = field(default_factory=asyncio.Queue)

    def cut(self) -> None:
        """Gone, without a word; who serves it is cancelled."""
        if self.request.transport:
            self.request.transport.abort()


@dataclass
class Streams:
    """`sent`: every event, once, with the channels it was for. `connected`: how many connections there ever were."""

    state: State
    quirks: Quirks
    faults: Faults
    heartbeat: float = 15.0
    connections: list[Connection] = field(default_factory=list)
    connected: int = 0
    sent: list[tuple[list[Channel], str, Any]] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _cutter: "asyncio.Task[None] | None" = None

    def tell(self, channels: Iterable[Channel], event: str, payload: Any, author: str = "") -> None:
        """`author`: of a post in the open, which who blocks or mutes them is not told of."""
        channels = list(channels)
        if not channels:
            return
        self.sent.append((channels, event, payload))
        listening = [
            one for one in self.connections if one.channel in channels and not self._kept_from(one.account, author)
        ]
        if not listening or self.faults.every("drop", self.faults.drop_every):
            return
        said = payload if isinstance(payload, str) else "undefined" if payload is None else json.dumps(payload)
        frame = f"event: {event}\ndata: {said}\n\n".encode()
        for connection in listening:
            connection.queue.put_nowait(frame)
            for number in range(1, self.faults.copies):
                self.faults.happened["copies"] += 1
                self._later(connection, frame, self.faults.dice.random() * self.faults.copies_within * number)

    def _kept_from(self, viewer: str | None, author: str) -> bool:
        if not viewer or not author:
            return False
        return self.state.hides(viewer, author) or (viewer, author) in self.state.mutes

    def _later(self, connection: Connection, frame: bytes, seconds: float) -> None:
        async def repeat() -> None:
            await asyncio.sleep(seconds)
            connection.queue.put_nowait(frame)

        task = asyncio.create_task(repeat())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["stream"].strip("/")
        if wanted == "health":
            return web.Response(text="OK")
        match self.quirks.streaming:
            case "none":
                return web.json_response({"error": "Not found"}, status=404)
            case "reset":
                if request.transport:
                    request.transport.abort()
                return web.Response(status=500)
            case "html":
                return web.Response(
                    text="<!DOCTYPE html>\n<html><body>Web client</body></html>\n", content_type="text/html"
                )
            case "websocket":
                return web.Response(status=400, text="Bad Request")
        token = request.query.get("access_token") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = self.state.tokens.get(token)
        if not token or known is None or known.gone or known.account is None:
            error = "Invalid access token" if token else "Missing access token"
            return web.json_response({"error": error}, status=self.quirks.unauthorised)
        if wanted in PERSONAL:
            channel = (PERSONAL[wanted], known.account)
        elif wanted in OPEN:
            tag = (
                name_of(request.query.get("tag", ""), folded=self.quirks.folded_tags)
                if wanted.startswith("hashtag")
                else ""
            )
            if wanted.startswith("hashtag") and not tag:
                return web.json_response({"error": "Missing tag name parameter"}, status=400)
            channel = (OPEN[wanted], tag)
        else:
            return web.json_response({"error": "Not found"}, status=404)
        return await self._stream(request, Connection(channel, known.account, token, request))

    async def _stream(self, request: web.Request, connection: Connection) -> web.StreamResponse:
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "private, no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await answer.prepare(request)
        silent = self.quirks.streaming == "silent"
        if not silent:
            await answer.write(b":)\n")
        self.connected += 1
        self.connections.append(connection)
        try:
            while True:
                try:
                    frame = await asyncio.wait_for(connection.queue.get(), self.heartbeat)
                except TimeoutError:
                    frame = b":thump\n"
                if self.faults.deaf or silent:
                    self.faults.happened["deaf"] += 1
                    continue
                await answer.write(frame)
        except (ConnectionError, RuntimeError):  # they went
            return answer
        finally:
            self.connections.remove(connection)

    def cut(self) -> None:
        """Cut every stream, as a network does."""
        for connection in list(self.connections):
            connection.cut()

    def begin(self) -> None:
        self._cutter = asyncio.create_task(self._cut_now_and_then())

    async def _cut_now_and_then(self) -> None:
        since = time.monotonic()
        while True:
            await asyncio.sleep(0.05)
            if not self.faults.cut_every:
                since = time.monotonic()
            elif time.monotonic() - since >= self.faults.cut_every:
                since = time.monotonic()
                if self.connections:
                    self.faults.happened["cut"] += 1
                self.cut()

    async def end(self) -> None:
        tasks = [*self._tasks, *([self._cutter] if self._cutter else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.cut()
