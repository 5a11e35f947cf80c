"""The fake's faults, as the real slack_sdk meets them; and the fake as a process of its own."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack, slack_process
from tests.fakes.slack.bolt import client
from tests.fakes.slack.control import RemoteSlack


async def test_every_third_call_is_limited_and_says_how_long(slack: FakeSlack) -> None:
    slack.faults.limit_every = 3
    web = client(slack)
    await web.auth_test()
    await web.auth_test()
    with pytest.raises(SlackApiError) as caught:
        await web.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    slack.faults.retry_after = 0
    web.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    for _ in range(6):
        await web.auth_test()
    assert slack.faults.happened["limit"] == 3


async def test_a_lost_answer_took_effect(slack: FakeSlack) -> None:
    slack.faults.lose_every = 2
    room = slack.channel("help")
    web = client(slack)
    await web.chat_postMessage(channel=room.id, text="one")
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=room.id, text="two")
    assert [one.text for one in slack.messages(room)] == ["one", "two"]
    assert slack.called("chat.postMessage")[-1].lost
    slack.faults.clear()
    slack.faults.cut("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=room.id, text="three")
    assert len(slack.messages(room)) == 2


async def test_what_befalls_the_next_calls(slack: FakeSlack) -> None:
    room = slack.channel("help")
    web = client(slack)
    slack.faults.refuse("chat.postMessage", "missing_scope", needed="chat:write")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=room.id, text="x")
    assert caught.value.response["needed"] == "chat:write"
    slack.faults.rate_limit("chat.postMessage", 7)
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=room.id, text="x")
    assert caught.value.response.headers["Retry-After"] == "7"
    slack.faults.break_down("chat.postMessage")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=room.id, text="x")
    assert caught.value.response.status_code == 503
    await web.chat_postMessage(channel=room.id, text="x")
    assert [one.error for one in slack.called("chat.postMessage")] == ["missing_scope", "ratelimited", "http_503", ""]


async def test_calls_hang_until_they_are_let_go(slack: FakeSlack) -> None:
    slack.faults.hang.add("chat.postMessage")
    room = slack.channel("help")
    call = asyncio.create_task(client(slack).chat_postMessage(channel=room.id, text="x"))
    await slack.until(lambda: slack.called("chat.postMessage"))
    await asyncio.sleep(0.1)
    assert not call.done()
    slack.faults.hang.clear()
    with pytest.raises(aiohttp.ClientError):
        await call
    assert slack.messages(room) == []


async def test_a_channel_takes_so_many_posts(slack: FakeSlack) -> None:
    slack.faults.pace = 0.3
    room, other = slack.channel("help"), slack.channel("other")
    web = client(slack)
    await web.chat_postMessage(channel=room.id, text="x")
    await web.chat_postMessage(channel=other.id, text="x")
    with pytest.raises(SlackApiError):
        await web.chat_postMessage(channel=room.id, text="y")
    await asyncio.sleep(0.3)
    await web.chat_postMessage(channel=room.id, text="y")


async def _answering(remote: RemoteSlack) -> AsyncApp:
    about = await remote.do("about")
    app = AsyncApp(client=AsyncWebClient(token=about["bot_token"], base_url=about["api_url"]))

    @app.event("app_mention")
    async def mentioned(event: dict[str, str], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="yes")

    @app.event("message")
    async def message() -> None:
        return

    return app


async def test_a_server_of_its_own_process_is_driven_and_keeps_its_state(tmp_path: Path) -> None:
    port, state = free_port(), tmp_path / "slack.pickle"
    async with slack_process(port, state) as remote:
        about = await remote.do("about")
        handler = AsyncSocketModeHandler(await _answering(remote), about["app_token"], ping_interval=1)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await remote.until(lambda found: found["sockets"] == 1, "about")
        said = await remote.do("load", channels=4, count=8, rate=50)
        waited = await remote.until(lambda found: None not in found, "waited")
        assert len(waited) == len(said) == 8
        assert max(waited) < 3
        assert (await remote.do("counts"))["calls"]["chat.postMessage"] == 8
        await remote.do("faults", limit_every=3, hang=["users.info"])
        with pytest.raises(AssertionError, match="limit_evry"):
            await remote.do("faults", limit_evry=3)
        await handler.close_async()  # type: ignore[no-untyped-call]
    async with slack_process(port, state) as remote:
        assert (await remote.do("about"))["bot_token"] == about["bot_token"]
        texts = [one["text"] for one in await remote.do("messages", channel=said[0]["channel"], thread=said[0]["ts"])]
        assert texts == ["@guichet question 0", "yes"]
        assert await remote.do("harm") == []
