"""How the fake delivers: sockets of several replicas, signed requests, redelivery, and what is lost."""

import asyncio
import time
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from tests.fakes.slack import FakeSlack
from tests.fakes.slack.bolt import called_by_http, client, connected, listening, over_http


async def test_each_envelope_goes_to_one_of_the_replicas(slack: FakeSlack) -> None:
    first, heard_first = listening(slack)
    second, heard_second = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, first), connected(slack, second):
        for number in range(6):
            await ada.says(ada.dm(), f"{number}")
        await slack.until(lambda: len(heard_first) + len(heard_second) == 6)
        await slack.quiet(0.1)
    assert {len(heard_first), len(heard_second)} == {3}
    assert {one.replica for one in slack.acks} == {1, 2}


async def test_what_is_not_acknowledged_comes_again(slack: FakeSlack) -> None:
    slack.sockets.ack_seconds = 0.1
    slack.deliveries.waits = (0.05, 0.05)
    came: list[SocketModeRequest] = []
    web = client(slack)
    app = SocketModeClient(app_token=slack.app_token, web_client=web, ping_interval=1)

    async def silent(_: Any, request: SocketModeRequest) -> None:
        came.append(request)

    app.socket_mode_request_listeners.append(silent)
    await app.connect()  # type: ignore[no-untyped-call]
    await slack.until(lambda: slack.sockets.open)
    ada = slack.person("Ada Lovelace")
    await ada.says(ada.dm(), "hello?")
    await slack.until(lambda: slack.deliveries.lost)
    await app.close()  # type: ignore[no-untyped-call]
    assert [(one.retry_attempt, one.retry_reason) for one in came] == [(0, ""), (1, "timeout"), (2, "timeout")]
    assert len({one.envelope_id for one in came}) == 3
    assert len({one.payload["event_id"] for one in came}) == 1
    assert [one.reason for one in slack.acks] == ["timeout"] * 3


async def test_events_come_as_often_as_the_faults_have_it(slack: FakeSlack) -> None:
    slack.faults.copies = 3
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        await ada.says(ada.dm(), "hello")
        await slack.until(lambda: len(heard) == 3)
        await slack.quiet(0.2)
    assert len(heard) == 3
    assert slack.faults.happened["copies"] == 2


async def test_a_socket_that_is_cut_is_made_anew_and_what_came_meanwhile_is_lost(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        slack.sockets.cut()
        await ada.says(ada.dm(), "lost")
        await slack.until(lambda: slack.sockets.connected == 2, 10)
        await slack.until(lambda: slack.sockets.open)
        await ada.says(ada.dm(), "heard")
        await slack.until(lambda: heard)
    assert [one["text"] for one in heard] == ["heard"]
    assert [one["event"]["text"] for one in slack.deliveries.lost] == ["lost"]
    history = await client(slack).conversations_history(channel=ada.dm().id)
    assert [one["text"] for one in history["messages"]] == ["heard", "lost"]


async def test_sockets_are_cut_now_and_then(slack: FakeSlack) -> None:
    app, _ = listening(slack)
    slack.faults.cut_every = 0.3
    async with connected(slack, app):
        await slack.until(lambda: slack.sockets.connected >= 3, 10)
    assert slack.faults.happened["cut"] >= 2


async def test_a_polite_end_lets_the_app_connect_anew(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        await slack.sockets.warn()
        await slack.sockets.refresh()
        await slack.until(lambda: slack.sockets.connected >= 2 and slack.sockets.open, 10)
        await ada.says(ada.dm(), "there?")
        await slack.until(lambda: heard)


async def test_a_deaf_socket_looks_open(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app, ping=0.1):
        await slack.until(lambda: slack.sockets.pings > 1)
        slack.faults.deaf = True
        await ada.says(ada.dm(), "hello?")
        before = slack.sockets.pings
        await asyncio.sleep(0.3)
        assert slack.sockets.pings == before
        assert not heard
        slack.faults.deaf = False
        await slack.until(lambda: slack.sockets.pings > before)
    assert slack.faults.happened["deaf"] == 1


async def test_the_server_comes_back_with_what_it_knew(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        await ada.says(ada.dm(), "before")
        await slack.until(lambda: heard)
        await slack.stop()
        await ada.says(ada.dm(), "meanwhile")
        await slack.start()
        await slack.until(lambda: slack.sockets.open, 15)
        await ada.says(ada.dm(), "after")
        await slack.until(lambda: len(heard) == 2)
    assert [one.text for one in slack.messages(ada.dm())] == ["before", "meanwhile", "after"]
    assert [one["text"] for one in heard] == ["before", "after"]


async def test_requests_are_signed_and_acknowledged() -> None:
    async with over_http().running() as slack:
        app, heard = listening(slack)
        ada = slack.person("Ada Lovelace")
        room = slack.channel("help", [ada])
        async with called_by_http(slack, app):
            assert await slack.http.verify()
            assert not await slack.http.verify(secret="another")
            await ada.says(room, "@guichet hello")
            await slack.until(lambda: len(heard) == 2)
            await slack.quiet(0.1)
        assert slack.http.statuses == [200, 200]
        assert all(one.seconds is not None and one.seconds < 3 for one in slack.acks)


async def test_requests_that_fail_come_again_and_say_so() -> None:
    async with over_http().running() as slack:
        slack.deliveries.waits = (0.05, 0.2, 1.0)
        app, heard = listening(slack)
        headers: list[tuple[str, str]] = []
        failures = iter((True, True, False))

        @app.middleware
        async def stores(req: Any, next: Any) -> None:
            headers.append(
                (req.headers.get("x-slack-retry-num", [""])[0], req.headers.get("x-slack-retry-reason", [""])[0])
            )
            if next_fails := next_of(failures):
                raise RuntimeError(f"nothing is stored: {next_fails}")
            await next()

        ada = slack.person("Ada Lovelace")
        async with called_by_http(slack, app):
            await ada.says(ada.dm(), "hello")
            await slack.until(lambda: heard)
        assert headers == [("", ""), ("1", "http_error"), ("2", "http_error")]
        assert slack.http.statuses == [500, 500, 200]


def next_of(failures: Any) -> bool:
    return bool(next(failures))


async def test_an_app_that_does_not_listen_is_tried_again() -> None:
    async with over_http().running() as slack:
        slack.deliveries.waits = (0.05, 2.0)
        app, heard = listening(slack)
        ada = slack.person("Ada Lovelace")
        await ada.says(ada.dm(), "hello")
        await slack.until(lambda: len(slack.acks) == 2)
        async with called_by_http(slack, app):
            await slack.until(lambda: heard)
        assert [one.reason for one in slack.acks] == ["connection_failed", "connection_failed", ""]


async def test_over_http_nothing_is_lost_by_a_server_that_comes_back() -> None:
    async with over_http().running() as slack:
        app, heard = listening(slack)
        ada = slack.person("Ada Lovelace")
        await ada.says(ada.dm(), "on its way")
        await slack.stop()
        await ada.says(ada.dm(), "meanwhile")
        async with called_by_http(slack, app):
            await slack.start()
            await slack.until(lambda: len(heard) == 2)
        assert {one["text"] for one in heard} == {"on its way", "meanwhile"}
        assert slack.deliveries.lost == []


async def test_acknowledgements_are_timed(slack: FakeSlack) -> None:
    app, _ = listening(slack)

    @app.middleware
    async def slow(next: Any) -> None:
        await asyncio.sleep(0.1)
        await next()

    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        began = time.monotonic()
        await ada.says(ada.dm(), "hello")
        await slack.until(lambda: slack.acks)
        assert 0.1 <= (slack.acks[0].seconds or 0) <= time.monotonic() - began
