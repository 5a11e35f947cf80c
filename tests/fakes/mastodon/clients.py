"""The real Mastodon.py, as an app uses it: in threads, with a time limit, with streams that note what they hear."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import requests
from mastodon import Mastodon, SSEStreamHandle, StreamListener

from tests.fakes.mastodon.server import FakeMastodon

run = asyncio.to_thread


@contextmanager
def client(mastodon: FakeMastodon, token: str | None = None, **more: Any) -> Iterator[Mastodon]:
    """With the bot's token, unless it is another's. Its connections are closed afterwards, those too that a refused
    stream leaves open."""
    answers: list[requests.Response] = []
    with requests.Session() as session:
        session.trust_env = False
        session.hooks["response"].append(lambda answer, **_: answers.append(answer))
        options: dict[str, Any] = {
            "mastodon_version": "4.5.0",
            "version_check_mode": "created",
            "ratelimit_method": "throw",
            "request_timeout": 5,
        }
        yield Mastodon(
            access_token=token or mastodon.token, api_base_url=mastodon.url, session=session, **(options | more)
        )
        for one in answers:
            one.close()


class Heard(StreamListener):
    """Notes every event by name, with what came with it."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.heartbeats = 0
        self.aborted: list[Exception] = []

    def on_any_event(self, name: str, data: Any = None, for_stream: str | None = None) -> None:
        self.events.append((name, data))

    def handle_heartbeat(self) -> None:
        self.heartbeats += 1

    def on_abort(self, err: Exception) -> None:
        self.aborted.append(err)

    def named(self, name: str) -> list[Any]:
        return [data for what, data in self.events if what == name]


Stream = Callable[..., SSEStreamHandle]


@asynccontextmanager
async def heard(mastodon: FakeMastodon, stream: Stream, *arguments: Any, **more: Any) -> AsyncIterator[Heard]:
    """Listen in a thread, from when the server has the connection, and hang up: `heard(mastodon, app.stream_user)`."""
    listener, before = Heard(), mastodon.streams.connected
    options: dict[str, Any] = {
        "run_async": True,
        "reconnect_async": True,
        "reconnect_async_wait_sec": 0.1,
        "timeout": 5,
    }
    handle = await run(stream, *arguments, listener, **(options | more))
    try:
        await mastodon.until(lambda: mastodon.streams.connected > before, what="a stream")
        yield listener
    finally:
        handle.closed = True  # so that the thread ends when it is cut, and does not connect anew
        mastodon.streams.cut()
        await run(handle.join, 5)
        handle.close()  # type: ignore[no-untyped-call]
