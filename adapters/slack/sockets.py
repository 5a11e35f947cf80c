"""Socket mode: the desk connects to Slack, and stays connected.

A line is one connection. The library would make a new one by itself, but closes the old one first, tries a used-up
address for ever, and does not tell how long nobody listened; so each line here ends for good, and the next is opened
beside it where Slack announces the end, or at once where it comes unannounced.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api import Api, is_direct
from adapters.slack.bolt import bolt_request
from bot.errors import DeliveryError, RateLimited
from bot.ports.adapters import Clock
from bot.troubles import Troubles

log = logging.getLogger(__name__)

CONNECTING = 10.0  # seconds in which a connection must be there
MOST_BYTES = 64 * 1024 * 1024  # of a message
SILENT = 3  # pings in a row without an answer, after which a line is dead
FAREWELL = 5.0  # seconds for which a line that Slack is about to close is still read, and acknowledged on
LEAST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before the next try, after the first
BRIEF, FEW = 0.2, 5  # seconds and times: a server that ends more lines so soon, one after the other, is given a rest


class AppTokenTroubles(Troubles):
    """What is refused is the app-level token, and not that of the bot."""

    def __init__(self, troubles: Troubles) -> None:
        super().__init__(troubles.platform, troubles.remedies, troubles.clock)
        self._all = troubles

    def begins(self, kind: str, where: str, error: str) -> None:
        self._all.begins("app_token" if kind == "token" else kind, where, error)


class Line(SocketModeClient):
    """One connection. `ended` is set when nothing comes through it any more, `ending` when Slack says it will be."""

    def __init__(self, app: AsyncApp, app_token: str, url: str, ping_seconds: float) -> None:
        super().__init__(
            app_token=app_token,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=ping_seconds,
        )
        self.wss_uri = url
        if is_direct(url.replace("ws", "http", 1)):
            self.proxy = None  # the library takes HTTPS_PROXY for every address there is
        self._app = app
        self.ended = asyncio.Event()
        self.ending = asyncio.Event()
        self.greeted = asyncio.Event()
        self.heard = asyncio.get_running_loop().time()
        self._watch: asyncio.Task[None] | None = None
        self.socket_mode_request_listeners.append(self._handle)

    async def connect(self) -> None:
        """Raises aiohttp.ClientError, OSError or TimeoutError."""
        async with asyncio.timeout(CONNECTING):
            self.current_session = await self.aiohttp_client_session.ws_connect(
                self.wss_uri or "", autoping=False, proxy=self.proxy, max_msg_size=MOST_BYTES
            )
        self.heard = asyncio.get_running_loop().time()
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        self._watch = asyncio.create_task(self._keep_alive())

    async def receive_messages(self) -> None:
        """Until the connection ends."""
        session = self.current_session
        assert session is not None
        try:
            async for message in session:
                self.heard = asyncio.get_running_loop().time()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.greeted.set()
                    await self.enqueue_message(message.data)
                elif message.type is aiohttp.WSMsgType.PING:
                    with suppress(ConnectionError):
                        await session.pong(message.data)
        finally:
            self.ended.set()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Slack asks for it: whoever opened this line opens another."""
        self.ending.set()

    async def _keep_alive(self) -> None:
        """A sign of life each way; a line on which Slack is silent for several is dead, however open it looks."""
        session, loop = self.current_session, asyncio.get_running_loop()
        assert session is not None
        while not self.ended.is_set():
            await asyncio.sleep(self.ping_interval)
            if loop.time() - self.heard > SILENT * self.ping_interval:
                log.warning("slack: a connection has been silent for %.1f s and is given up", loop.time() - self.heard)
                self.ended.set()
                return
            try:
                await session.ping(b"guichet")
            except (ConnectionError, aiohttp.ClientError):
                self.ended.set()

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged on the line that it came through, and only if it was taken."""
        if not _is_whole(request.payload):
            log.warning("slack: an envelope of type %s with nothing in it was passed over", request.type)
            return
        if (told := bolt_request(request.payload, mode="socket_mode")) is None:
            return
        response = await self._app.async_dispatch(told)
        if response.status != 200:
            return
        payload = json.loads(response.body) if response.body.startswith("{") else None
        with suppress(ConnectionError, aiohttp.ClientError):  # then it comes again
            await self.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    async def send_message(self, message: str) -> None:
        if self.current_session is not None:
            await self.current_session.send_str(message)

    async def close(self) -> None:
        self.closed = True
        self.ended.set()
        tasks = [task for task in (self._watch, self.message_receiver, self.message_processor) if task]
        for task in tasks:
            task.cancel()
        if self.current_session is not None:
            with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
                async with asyncio.timeout(1):
                    await self.current_session.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.aiohttp_client_session.close()


class Sockets:
    """Keeps one line open for as long as it runs."""

    def __init__(
        self,
        app: AsyncApp,
        api: Api,
        app_token: str,
        account: str,
        troubles: Troubles,
        ping_seconds: float,
        clock: Clock,
        listening: Callable[[datetime | None], None],
    ) -> None:
        """`api` is that of the app-level token. `listening` is told of each line that is open and, where nobody
        listened before it, since when."""
        self._app = app
        self._api = api
        self._app_token = app_token
        self._account = account
        self._troubles = troubles
        self._ping = ping_seconds
        self._clock = clock
        self._listening = listening
        self._farewells: set[asyncio.Task[None]] = set()
        self.line: Line | None = None
        self.opened = 0  # lines so far

    @property
    def heard_until(self) -> datetime | None:
        """When Slack was last heard; None while there is no connection."""
        return self._last_heard(self.line) if self.line and not self.line.ended.is_set() else None

    async def run(self) -> None:
        """Until cancelled."""
        brief = 0
        try:
            while True:
                before, self.line = self.line, await self._open()
                opened_at = asyncio.get_running_loop().time()
                lost_at = None
                if before is not None:
                    lost_at = self._last_heard(before) if before.ended.is_set() else None
                    self._farewell(before)
                self._listening(lost_at)
                await _first(self.line.ended, self.line.ending)
                brief = brief + 1 if asyncio.get_running_loop().time() - opened_at < BRIEF else 0
                if brief > FEW:
                    await asyncio.sleep(min(LONGEST_PAUSE, LEAST_PAUSE * 2 ** (brief - FEW)))
        finally:
            await self.close()

    async def close(self) -> None:
        for task in self._farewells:
            task.cancel()
        await asyncio.gather(*self._farewells, return_exceptions=True)
        if self.line:
            await self.line.close()

    def _last_heard(self, line: Line) -> datetime:
        """When Slack was last heard on a line, by our clock."""
        silent = asyncio.get_running_loop().time() - line.heard
        return datetime.fromtimestamp(self._clock().timestamp() - silent, self._clock().tzinfo)

    def _farewell(self, line: Line) -> None:
        """What is still under way on the old line is taken from it."""
        task = asyncio.create_task(self._part(line))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    async def _part(self, line: Line) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await line.ended.wait()
        finally:
            await line.close()

    async def _open(self) -> Line:
        """The next line, tried for as long as it takes."""
        pause = LEAST_PAUSE
        while True:
            try:
                line = await self._try()
            except (DeliveryError, SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
                self._troubles.begins("socket", self._account, type(error).__name__)
                log.info("slack: no connection yet: %s", error)
                least = error.retry_after if isinstance(error, RateLimited) else 0.0
                await asyncio.sleep(least + pause * random.uniform(0.5, 1.0))  # noqa: S311  # replicas out of step
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                self.opened += 1
                self._troubles.ends("socket", self._account)
                self._troubles.ends("app_token", self._account)
                return line

    async def _try(self) -> Line:
        answer = await self._api.write("apps.connections.open", app_token=self._app_token)
        line = Line(self._app, self._app_token, str(answer.get("url")), self._ping)
        try:
            await line.connect()
        except BaseException:
            await line.close()
            raise
        return line


def _is_whole(payload: object) -> bool:
    """Whether bolt can look at it."""
    return isinstance(payload, dict) and isinstance(payload.get("event", {}), dict)


async def _first(*events: asyncio.Event) -> None:
    """Returns when one of them is set."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
