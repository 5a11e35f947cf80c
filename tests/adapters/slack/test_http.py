"""HTTP mode: only Slack is listened to, on exactly the address that was given."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.slack.http import listen
from bot.errors import SettingsError
from bot.model.messages import IncomingForm, IncomingMessage
from tests.adapters.slack.hearing import Front, Store, listening, until
from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.http_events import signature


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    port = free_port()
    async with (
        FakeSlack(request_urls=[f"http://127.0.0.1:{port}/slack/events"]).running() as slack,
        listening(slack, slack_mode="http", slack_http_bind=f"127.0.0.1:{port}") as open_front,
    ):
        yield open_front


async def test_events_commands_and_forms_come_to_one_address(front: Front) -> None:
    ada = front.slack.person("Ada Martin")
    await ada.says(ada.dm(), "the VPN is down")
    assert (await front.heard(IncomingMessage)).text == "the VPN is down"
    assert (await ada.asks("/ask", "where is the VPN?")).ok
    assert (await front.heard(IncomingMessage, 2)).quiet
    await ada.asks("/ticket", "new")
    await ada.submits(await ada.sees_modal("New ticket"), {"What about": "VPN"})
    await front.heard(IncomingForm)
    await front.slack.quiet()
    assert front.slack.http.statuses and set(front.slack.http.statuses) == {200}


async def test_the_address_is_verified(front: Front) -> None:
    assert await front.slack.http.verify()
    assert not await front.slack.http.verify("another secret")


async def test_what_slack_did_not_sign_is_refused(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    said = {"type": "event_callback", "team_id": front.slack.team.id, "event": {"type": "message", "text": "my secret"}}
    body, secret, now = json.dumps(said), front.slack.signing_secret, int(time.time())
    wrong = [
        {},
        signature("another secret", body, now),
        signature(secret, body, now - 600),
        signature(secret, "x", now),
        signature(secret, body, now + 600),
        signature(secret, body, now) | {"X-Slack-Request-Timestamp": "abc"},
        signature(secret, body, now) | {"X-Slack-Request-Timestamp": "9" * 5_000},
        signature(secret, body, now) | {"X-Slack-Signature": "v0=é"},
    ]
    with caplog.at_level(logging.DEBUG):
        for headers in wrong:
            assert await post(front, body, headers) == 401
    assert "my secret" not in caplog.text
    assert "Traceback" not in caplog.text
    assert front.store.events == []


async def test_what_a_stranger_sends_is_not_taken_apart(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    endless = "[" * 100_000
    now = int(time.time())
    assert await post(front, endless, signature("another secret", endless, now)) == 401
    assert await post(front, endless, signature(front.slack.signing_secret, endless, now)) == 400
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("age", "size", "status"), [(0, 1 << 30, 413), (600, 1 << 20, 401)])
async def test_who_is_too_late_or_says_too_much_is_refused_unread(
    front: Front, age: int, size: int, status: int
) -> None:
    host, _, port = (front.adapter.address or "").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    signed = signature("another secret", "", int(time.time()) - age)
    headers = {"Host": "desk", "Content-Type": "application/json", "Content-Length": str(size), **signed}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /slack/events HTTP/1.1\r\n{lines}\r\n".encode())
    async with asyncio.timeout(2):
        assert f" {status} ".encode() in await reader.readline()
    writer.close()


async def test_nobody_waits_for_strangers_who_send_much_and_slowly(front: Front) -> None:
    host, _, port = (front.adapter.address or "").rpartition(":")
    signed = signature("another secret", "", int(time.time()))
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
    strangers = [await asyncio.open_connection(host, int(port)) for _ in range(5)]
    for _, writer in strangers:
        writer.write(f"POST /slack/events HTTP/1.1\r\nHost: d\r\n{lines}Content-Length: 9000000\r\n\r\n".encode())
        writer.write(b" " * 2_000_000)
    ada = front.slack.person("Ada Martin")
    await ada.says(ada.dm(), "the VPN is down")
    assert (await front.heard(IncomingMessage)).text == "the VPN is down"
    for _, writer in strangers:
        writer.close()


@pytest.mark.parametrize("body", ["[]", "3", "{", "\x00", "null", '"x"', "payload=3", "payload=%7B"])
async def test_no_body_of_a_stranger_does_harm(front: Front, body: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await post(front, body, {}) in (400, 401)
    assert "Traceback" not in caplog.text


async def test_other_ways_in_are_none(front: Front) -> None:
    async with aiohttp.ClientSession(trust_env=False) as session:
        for path, method, status in (("/", "POST", 401), ("/slack/events", "GET", 405), ("/slack/install", "GET", 405)):
            async with session.request(method, f"http://{front.adapter.address}{path}") as answer:
                assert answer.status == status


@pytest.mark.parametrize("path", ["/", "/slack/events/", "/bots/desk/interactions"])
async def test_slack_may_call_at_any_path(path: str) -> None:
    port = free_port()
    slack = FakeSlack(request_urls=[f"http://127.0.0.1:{port}{path}"])
    bind = f"127.0.0.1:{port}"
    async with slack.running(), listening(slack, slack_mode="http", slack_http_bind=bind) as front:
        ada = slack.person("Ada Martin")
        await ada.says(ada.dm(), "the VPN is down")
        assert (await front.heard(IncomingMessage)).text == "the VPN is down"


async def test_what_cannot_be_stored_is_not_acknowledged(front: Front) -> None:
    front.store.is_down = True
    ada = front.slack.person("Ada Martin")
    await ada.says(ada.dm(), "the VPN is down")
    await front.slack.until(lambda: front.slack.http.statuses)
    assert front.slack.http.statuses == [503]
    front.store.is_down = False
    assert (await front.heard(IncomingMessage)).text == "the VPN is down"


async def test_it_listens_where_it_was_told_and_nowhere_else() -> None:
    port = free_port()
    listening_socket = listen(f"127.0.0.1:{port}")
    try:
        assert listening_socket.getsockname() == ("127.0.0.1", port)
        with pytest.raises(SettingsError, match="GUICHET_SLACK_HTTP_BIND"):
            listen(f"127.0.0.1:{port}")
        with socket.socket() as other, pytest.raises(ConnectionRefusedError):
            other.connect(("127.0.0.2", port))
    finally:
        listening_socket.close()
    with pytest.raises(SettingsError, match="no address of this machine"):
        listen("nowhere.invalid:3000")


async def test_the_port_is_free_again_afterwards() -> None:
    port = free_port()
    async with FakeSlack(request_urls=[f"http://127.0.0.1:{port}/slack/events"]).running() as slack:
        for _ in range(2):
            async with listening(slack, slack_mode="http", slack_http_bind=f"127.0.0.1:{port}") as front:
                assert front.adapter.address == f"127.0.0.1:{port}"
            await asyncio.sleep(0)


async def test_a_desk_that_comes_before_slack_waits_for_it() -> None:
    port = free_port()
    slack = FakeSlack(request_urls=[f"http://127.0.0.1:{port}/slack/events"])
    options = {"slack_mode": "http", "slack_http_bind": f"127.0.0.1:{port}"}
    async with listening(slack, store=Store(), wait=False, **options) as front:
        await asyncio.sleep(0.1)
        assert front.adapter.accounts == frozenset()
        async with slack.running():
            await until(lambda: front.adapter.is_listening, "listening", 15)
            assert front.adapter.accounts == {slack.team.id}


async def test_what_slack_gave_up_delivering_is_read_in_the_history() -> None:
    port = free_port()
    slack = FakeSlack(request_urls=[f"http://127.0.0.1:{port}/slack/events"])
    slack.deliveries.waits = ()  # it tries once
    store = Store()
    async with slack.running():
        ada = slack.person("Ada Martin")
        async with listening(slack, store=store, slack_mode="http", slack_http_bind=f"127.0.0.1:{port}") as front:
            await until(lambda: store.names, "the cursor")
            await ada.says(ada.dm(), "before")
            await front.heard(IncomingMessage)
        await ada.says(ada.dm(), "meanwhile")
        await slack.until(lambda: slack.deliveries.lost)
        async with listening(slack, store=store, slack_mode="http", slack_http_bind=f"127.0.0.1:{port}") as front:
            found = await front.heard(IncomingMessage, 2)
    assert store.texts == ["before", "meanwhile"] and found.caught_up


async def post(front: Front, body: str, headers: dict[str, str]) -> int:
    sent = {"Content-Type": "application/x-www-form-urlencoded" if "payload=" in body else "application/json"}
    async with (
        aiohttp.ClientSession(trust_env=False) as session,
        session.post(
            f"http://{front.adapter.address}/slack/events", data=body.encode(), headers=sent | headers
        ) as answer,
    ):
        return answer.status
