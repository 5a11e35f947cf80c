"""Socket Mode: connections of any number of replicas, envelopes to one of them each, acknowledgements, pings."""

import asyncio
import itertools
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.slack.deliveries import Ack
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.state import Json, State


@dataclass(eq=False)
class Connection:
    number: int
    ws: web.WebSocketResponse
    request: web.Request
    queue: "asyncio.Queue[Json]" = field(default_factory=asyncio.Queue)
    waiting: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)  # acks, by envelope
    closing: bool = False  # told to go, or gone: nothing more is sent to it

    def cut(self) -> None:
        """Gone, without a word."""
        self.closing = True
        if self.request.transport:
            self.request.transport.abort()
        for one in self.waiting.values():
            if not one.done():
                one.cancel()


@dataclass
class Sockets:
    state: State
    faults: Faults
    ack_seconds: float = 3.0
    ping_seconds: float = 5.0
    connections: list[Connection] = field(default_factory=list)
    connected: int = 0  # how many there ever were
    pings: int = 0  # of the app
    pongs: int = 0  # of the app, to ours
    tickets: set[str] = field(default_factory=set)
    _turns: Any = field(default_factory=itertools.count)
    _cutter: "asyncio.Task[None] | None" = None

    def address(self, host: str) -> str:
        """A new address to connect to, good for one connection."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return f"ws://{host}/link/?ticket={ticket}&app_id={self.state.app_id}"

    @property
    def open(self) -> list[Connection]:
        return [one for one in self.connections if not one.closing]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPForbidden
        self.tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        self.connected += 1
        connection = Connection(self.connected, ws, request)
        debug = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18_060}
        await ws.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open) + 1,
                "debug_info": debug,
                "connection_info": {"app_id": self.state.app_id},
            }
        )
        self.connections.append(connection)
        writer, pinger = asyncio.create_task(self._write(connection)), asyncio.create_task(self._ping(connection))
        try:
            await self._read(connection)
        finally:
            connection.cut()
            writer.cancel()
            pinger.cancel()
            await asyncio.gather(writer, pinger, return_exceptions=True)
            if connection in self.connections:
                self.connections.remove(connection)
        return ws

    async def _read(self, connection: Connection) -> None:
        async for said in connection.ws:
            if self.faults.deaf:
                continue
            if said.type is WSMsgType.PING:
                self.pings += 1
                await connection.ws.pong(said.data)
            elif said.type is WSMsgType.PONG:
                self.pongs += 1
            elif said.type is WSMsgType.TEXT:
                answer = said.json()
                waiting = connection.waiting.get(answer.get("envelope_id", ""))
                if waiting and not waiting.done():
                    waiting.set_result(answer)

    async def _write(self, connection: Connection) -> None:
        while True:
            envelope = await connection.queue.get()
            if self.faults.deaf:
                self.faults.happened["deaf"] += 1
                continue
            try:
                await connection.ws.send_json(envelope)
            except (ConnectionError, RuntimeError):  # closed under us
                connection.cut()
                return

    async def _ping(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self.ping_seconds)
            if not self.faults.deaf:
                try:
                    await connection.ws.ping(b"Ping from applink-fake")
                except (ConnectionError, RuntimeError):
                    return

    def start(self, kind: str, body: Json, attempt: int, reason: str) -> "asyncio.Future[Ack]":
        """Put an envelope on one of the sockets."""
        if not (ready := self.open):
            future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
            future.set_result(self._ack(kind, body, attempt, None, reason="nobody_listens"))
            return future
        connection = ready[next(self._turns) % len(ready)]
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": body,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = answer
        connection.queue.put_nowait(envelope)
        return asyncio.ensure_future(self._wait(connection, envelope, answer, attempt))

    async def _wait(self, connection: Connection, envelope: Json, answer: "asyncio.Future[Json]", attempt: int) -> Ack:
        kind, body, began = envelope["type"], envelope["payload"], time.monotonic()
        reason = ""
        payload: Json = {}
        done, _ = await asyncio.wait([answer], timeout=self.ack_seconds)
        if not done:
            reason = "timeout"
        elif answer.cancelled():
            reason = "connection_closed"
        else:
            payload = answer.result().get("payload") or {}
        connection.waiting.pop(envelope["envelope_id"], None)
        took = None if reason else time.monotonic() - began
        return self._ack(kind, body, attempt, took, payload, reason, connection.number)

    @staticmethod
    def _ack(
        kind: str,
        body: Json,
        attempt: int,
        seconds: float | None,
        payload: Json | None = None,
        reason: str = "",
        replica: int = 0,
    ) -> Ack:
        what = str(body["event"]["type"] if kind == "events_api" else body.get("type", body.get("command", "")))
        return Ack(kind, what, attempt, seconds, payload or {}, reason, replica, body.get("event_id", ""))

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
                if self.open:
                    self.faults.happened["cut"] += 1
                if self.faults.cut_politely:
                    await self.refresh()
                else:
                    self.cut()

    def cut(self) -> None:
        """Cut every socket, as a network does."""
        for connection in list(self.connections):
            connection.cut()

    async def warn(self, reason: str = "warning") -> None:
        """Say that the connections will be closed in some seconds."""
        for connection in self.open:
            await connection.ws.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}}
            )

    async def refresh(self) -> None:
        """Ask every replica to connect anew, then close, as Slack does every few hours."""
        old = self.open
        await self.warn("refresh_requested")
        for connection in old:
            connection.closing = True
            await connection.ws.close()

    async def end(self) -> None:
        if self._cutter:
            self._cutter.cancel()
            await asyncio.gather(self._cutter, return_exceptions=True)
        self.cut()
