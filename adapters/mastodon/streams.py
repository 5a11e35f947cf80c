"""One stream of a server, heard in a thread of its own and made anew whenever it ends."""

import asyncio
import logging
import random
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress

import requests
from mastodon import Mastodon, MastodonError, StreamListener
from mastodon.errors import MastodonDeprecationWarning
from urllib3.exceptions import HTTPError

from adapters.mastodon.api import Api, is_loopback
from adapters.mastodon.events import Event, Parser

log = logging.getLogger(__name__)

QUIET = 45.0  # seconds without a byte, after which a stream is dead: Mastodon sends a heartbeat every 15
CHUNK = 64 * 1024
PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before it is made anew; twice as long each time
NEVER_PAUSE = 600.0  # at the longest, where there never was one
LASTED = 60.0  # seconds after which a stream that ends was a good one
ENDINGS = (MastodonError, requests.RequestException, HTTPError, OSError, ValueError, AttributeError, Warning)

Opens = Callable[[Mastodon, StreamListener], None]
Takes = Callable[[Event], None]


class Stream:
    """`opens` asks the library for it. In the loop `opened` is called whenever it has begun to speak, and `takes` with
    each event. `ticks` is monotonic, in seconds."""

    def __init__(
        self,
        name: str,
        api: Api,
        opens: Opens,
        takes: Takes,
        opened: Callable[[], None],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._api = api
        self._opens = opens
        self._takes = takes
        self._opened = opened
        self._ticks = ticks
        self._heard_at: float | None = None  # None: not connected, or not a byte came yet
        self._was_well = False
        self._client: Mastodon | None = None  # knows where the stream is, which it asked the server twice for
        # The library looks for the stream in the older description of a server, and says to everybody that it is old.
        warnings.filterwarnings("ignore", category=MastodonDeprecationWarning)

    @property
    def is_well(self) -> bool:
        return self._heard_at is not None and self._ticks() - self._heard_at < QUIET

    async def run(self) -> None:
        """Until cancelled."""
        pause = PAUSE
        while True:
            began = self._ticks()
            why = await self._once()
            lasted = self._ticks() - began
            if self._heard_at is not None:
                log.info("mastodon: the stream of %s is lost: %s", self.name, why)
                self._was_well = True
            else:
                log.info("mastodon: there is no stream of %s: %s", self.name, why)
            heard, self._heard_at = self._heard_at is not None, None
            if not heard:
                self._client = None
            if heard and lasted > LASTED:
                pause = PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # it keeps no secret
            pause = min(LONGEST_PAUSE if self._was_well else NEVER_PAUSE, pause * 2)

    async def _once(self) -> str:
        """Hear it until it ends; why it did."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[str] = loop.create_future()

        def tell(work: Callable[[], None]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(work)

        def end(why: str) -> None:
            if not ended.done():
                ended.set_result(why)

        ear = Ear(lambda: tell(self._beats), lambda event: tell(lambda: self._takes(event)))

        def listen() -> None:
            why = "the server ended it"
            try:
                with self._session(ear) as session:
                    client = self._client = self._client or self._api.made()
                    client.session = session
                    self._opens(client, ear)
            except ENDINGS as error:
                why = type(error).__name__
            ear.close()
            tell(lambda: end(why))

        threading.Thread(target=listen, name=f"mastodon {self.name}", daemon=True).start()
        try:
            return await ended
        finally:
            ear.close()

    def _beats(self) -> None:
        is_first, self._heard_at = self._heard_at is None, self._ticks()
        if is_first:
            self._opened()

    def _session(self, ear: "Ear") -> requests.Session:
        """Of its own, so that it ends with the stream."""
        session = requests.Session()
        session.trust_env = not is_loopback(self._api.url)
        session.hooks["response"].append(ear.answered)
        return session


class Ear(StreamListener):
    """Reads what comes and hands it on, unread: one event that makes no sense ends no stream. `beats` is called with
    every portion of bytes."""

    def __init__(self, beats: Callable[[], None], takes: Takes) -> None:
        super().__init__()
        self._beats = beats
        self._takes = takes
        self._responses: list[requests.Response] = []
        self._closed = False

    def answered(self, response: requests.Response, **_: object) -> None:
        """The session's, to every call: a refused stream is closed by nobody else."""
        self._responses = [one for one in self._responses if not one.raw.closed] + [response]
        if self._closed:
            response.close()
            raise requests.ConnectionError("nobody listens any more")

    def handle_stream(self, response: requests.Response) -> None:
        """In the place of the library's, which reads byte by byte, and ends at what it does not understand."""
        kind = response.headers.get("Content-Type", "")
        if "text/event-stream" not in kind:
            raise requests.ConnectionError(f"no stream, but {kind[:40]}")
        raw, parser = response.raw, Parser()
        portions = raw.stream(CHUNK, decode_content=True) if raw.chunked else iter(lambda: raw.read1(CHUNK), b"")
        for portion in portions:
            if self._closed:
                return
            self._beats()
            for event in parser.feed(portion):
                self._takes(event)

    def close(self) -> None:
        """From any thread: what waits for bytes in another is woken."""
        self._closed = True
        for one in self._responses:
            with suppress(*ENDINGS, RuntimeError):  # it may have ended by itself
                one.raw.shutdown()
            with suppress(*ENDINGS):
                one.close()
