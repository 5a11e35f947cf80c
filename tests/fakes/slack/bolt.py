"""The real slack_bolt and slack_sdk, pointed at the fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.ports import free_port
from tests.fakes.slack.server import FakeSlack


def client(slack: FakeSlack, token: str = "") -> AsyncWebClient:
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def listening(slack: FakeSlack) -> tuple[AsyncApp, list[dict[str, Any]]]:
    """An app, and every event it hears."""
    app = AsyncApp(client=client(slack), signing_secret=slack.signing_secret, ignoring_self_events_enabled=False)
    heard: list[dict[str, Any]] = []

    @app.event({"type": "message"})
    @app.event({"type": "message", "subtype": None})
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    for kind in ("app_mention", "reaction_added", "reaction_removed", "member_joined_channel"):

        @app.event(kind)
        async def other(event: dict[str, Any]) -> None:
            heard.append(event)

    return app, heard


@asynccontextmanager
async def connected(slack: FakeSlack, app: AsyncApp, ping: float = 0.25) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app on a socket."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=ping)
    before = len(slack.sockets.open)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.until(lambda: len(slack.sockets.open) > before)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def called_by_http(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[None]:
    """The app behind the first of the fake's request addresses."""
    runner = web.AppRunner(app.web_app("/slack/events"), access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(slack.http.urls[0].split(":")[2].split("/")[0])).start()
    try:
        yield
    finally:
        await runner.cleanup()


def over_http() -> FakeSlack:
    return FakeSlack(request_urls=[f"http://127.0.0.1:{free_port()}/slack/events"])
