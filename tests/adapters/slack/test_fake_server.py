"""The fake Slack, seen through the real slack_bolt and slack_sdk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as server:
        yield server


def web(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


def app_of(slack: FakeSlack) -> AsyncApp:
    return AsyncApp(client=web(slack), signing_secret=slack.signing_secret, ignoring_self_events_enabled=False)


@asynccontextmanager
async def connected(slack: FakeSlack, app: AsyncApp, ping: float = 0.5) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=ping)
    before = len(slack.sockets.open)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.until(lambda: len(slack.sockets.open) > before)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_a_mention_is_heard_and_answered_in_its_thread(slack: FakeSlack) -> None:
    app = app_of(slack)
    heard: list[dict[str, Any]] = []

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], say: Any) -> None:
        heard.append(event)
        await say(text="On *it*, <@" + event["user"] + ">", thread_ts=event["ts"])

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    ada = slack.person("Ada Lovelace", locale="fr-FR")
    room = slack.channel("help", [ada])
    async with connected(slack, app):
        said = await ada.says(room, "@guichet the <printer> & co")
        await slack.until(lambda: len(slack.messages(room, thread=said)) == 2)
        await slack.until(lambda: len(heard) == 3)
    twins = [one for one in heard if one["ts"] == said.ts]
    assert {one["type"] for one in twins} == {"app_mention", "message"}
    assert twins[0]["text"] == f"<@{slack.bot.id}> the &lt;printer&gt; &amp; co"
    assert [one["bot_id"] for one in heard if "bot_id" in one] == [slack.bot.bot_id]
    assert [one.text for one in slack.messages(room, thread=said)] == [
        "@guichet the <printer> & co",
        "On *it*, @Ada Lovelace",
    ]
    assert all(one.ok for one in slack.acks)
    assert slack.harm() == []
