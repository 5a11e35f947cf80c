"""Socket mode stays connected, whatever happens to the connection, and loses nothing."""

import asyncio
import logging

import pytest

from bot.model.messages import IncomingMessage
from tests.adapters.slack.hearing import Front, Store, listening, until
from tests.fakes.slack import FakeSlack


async def says(front: Front, text: str) -> None:
    ada = front.slack.person("Ada Martin")
    await ada.says(ada.dm(), text)


async def test_a_cut_connection_is_made_anew_at_once(slack: FakeSlack, front: Front) -> None:
    await says(front, "before")
    await front.heard(IncomingMessage)
    slack.sockets.cut()
    started = asyncio.get_running_loop().time()
    await slack.until(lambda: slack.sockets.connected == 2 and slack.sockets.open)
    assert asyncio.get_running_loop().time() - started < 1
    await says(front, "after")
    await front.heard(IncomingMessage, 2)
    assert front.store.texts == ["before", "after"]


async def test_what_is_said_while_nobody_listens_is_read_in_the_history(slack: FakeSlack, front: Front) -> None:
    await says(front, "before")
    await front.heard(IncomingMessage)
    slack.sockets.cut()
    await says(front, "meanwhile")
    assert slack.deliveries.pending <= 1
    found = await front.heard(IncomingMessage, 2)
    await says(front, "after")
    await front.heard(IncomingMessage, 3)
    assert front.store.texts == ["before", "meanwhile", "after"]
    assert found.caught_up


async def test_what_comes_right_after_a_gap_is_stored_after_what_was_said_in_it(slack: FakeSlack) -> None:
    async with listening(slack) as front:
        for number in range(5):
            slack.sockets.cut()
            await says(front, f"{number} in the gap")
            await slack.until(lambda: slack.sockets.open)
            await says(front, f"{number} after it")
        await front.heard(IncomingMessage, 10)
    texts = [text for number in range(5) for text in (f"{number} in the gap", f"{number} after it")]
    assert front.store.texts == texts


async def test_slack_may_ask_for_another_connection_and_nothing_is_lost(slack: FakeSlack, front: Front) -> None:
    for number in range(3):
        before = slack.sockets.connected
        await slack.sockets.warn()
        await until(lambda: slack.sockets.connected > before, "another connection")  # noqa: B023  # awaited right here
        await says(front, f"line {number}")
    await front.heard(IncomingMessage, 3)
    assert sorted(front.store.texts) == ["line 0", "line 1", "line 2"]
    assert not any(message.caught_up for message in front.store.events if isinstance(message, IncomingMessage))


async def test_a_connection_that_is_closed_politely_is_made_anew(slack: FakeSlack, front: Front) -> None:
    await slack.sockets.refresh()
    await slack.until(lambda: slack.sockets.connected == 2 and slack.sockets.open)
    await says(front, "after")
    await front.heard(IncomingMessage)


async def test_a_connection_that_only_looks_alive_is_given_up(slack: FakeSlack, front: Front) -> None:
    await slack.until(lambda: slack.sockets.pings)
    slack.faults.deaf = True
    await says(front, "unheard")
    await asyncio.sleep(0.1)
    assert front.store.texts == []
    await slack.until(lambda: slack.sockets.connected == 2, timeout=4)
    slack.faults.deaf = False
    await front.heard(IncomingMessage)
    assert front.store.texts == ["unheard"]


async def test_pings_go_both_ways(slack: FakeSlack) -> None:
    slack.sockets.ping_seconds = 0.1
    async with listening(slack):
        await slack.until(lambda: slack.sockets.pongs >= 2 and slack.sockets.pings >= 2)
        assert slack.sockets.connected == 1


async def test_a_server_that_restarts_is_found_again(slack: FakeSlack, front: Front) -> None:
    await says(front, "before")
    await front.heard(IncomingMessage)
    await slack.stop()
    await says(front, "meanwhile")
    await asyncio.sleep(0.5)
    assert not front.adapter.is_listening
    assert "socket" in {one.kind for one in front.adapter.troubles.present}
    await slack.start()
    await slack.until(lambda: slack.sockets.open, timeout=10)
    await says(front, "after")
    await front.heard(IncomingMessage, 3)
    assert front.store.texts == ["before", "meanwhile", "after"]
    assert front.adapter.troubles.present == ()


async def test_an_app_token_that_is_refused_is_named(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    async with listening(slack, wait=False, slack_app_token="xapp-1-wrong") as front:
        await until(lambda: front.adapter.troubles.present, "a trouble")
        await until(lambda: len(front.adapter.troubles.present) == 2, "two troubles")
        kinds = {one.kind for one in front.adapter.troubles.present}
    assert kinds == {"app_token", "socket"}
    assert caplog.text.count("app-level token") == 1


async def test_without_a_bot_token_that_is_good_it_waits(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with listening(slack, wait=False, slack_bot_token="xoxb-wrong") as front:
            await until(lambda: front.adapter.troubles.present, "a trouble")
            assert [one.kind for one in front.adapter.troubles.present] == ["token"]
            assert front.adapter.accounts == frozenset()
    assert "xoxb-wrong" not in caplog.text


async def test_no_proxy_stands_before_an_address_of_this_machine(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with listening(slack) as front:
        await says(front, "hello")
        await front.heard(IncomingMessage)


async def test_cut_every_moment_it_hears_every_message_once(slack: FakeSlack) -> None:
    store = Store()
    async with listening(slack, store=store) as front:
        slack.faults.cut_every, slack.faults.copies = 0.3, 3
        people = [slack.person(f"Person {number}") for number in range(4)]
        for number in range(15):
            for person in people:
                await person.says(person.dm(), f"{person.name}: {number}")
            await asyncio.sleep(0.1)
        slack.faults.clear()
        await front.heard(IncomingMessage, 60)
        await slack.quiet()
    assert len(store.texts) == len(set(store.texts)) == 60
    for person in people:
        own = [text for text in store.texts if text.startswith(person.name)]
        assert own == [f"{person.name}: {number}" for number in range(15)]
    assert slack.faults.happened["cut"] >= 3


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "",
        "[]",
        "null",
        "{}",
        '{"type": "?"}',
        '{"type": "disconnect"}',
        '{"type": "events_api"}',
        '{"type": "events_api", "envelope_id": "1"}',
        '{"type": "events_api", "envelope_id": "1", "payload": null}',
        '{"type": "events_api", "envelope_id": "1", "payload": []}',
        '{"type": "events_api", "envelope_id": 1, "payload": {"event": "my secret"}}',
        '{"type": "interactive", "envelope_id": "1", "payload": {"type": "my secret"}}',
        '{"type": "slash_commands", "envelope_id": "1", "payload": {"command": "/ask", "text": "my secret"}}',
        '{"type": "events_api", "envelope_id": "1", "payload": {"team_id": "%s", "event": {"type": "message"}}}',
    ],
)
async def test_an_envelope_that_is_none_keeps_nobody_from_being_heard(
    slack: FakeSlack, front: Front, frame: str, caplog: pytest.LogCaptureFixture
) -> None:
    for connection in slack.sockets.open:
        await connection.ws.send_str(frame.replace("%s", slack.team.id))
        await connection.ws.send_bytes(b"\x00\xff")
    await says(front, "hello?")
    await front.heard(IncomingMessage)
    assert front.store.texts == ["hello?"]
    assert "my secret" not in caplog.text
    # The library stumbles over a payload that is no object before it asks anybody, and says so.
    assert not [one for one in caplog.records if one.exc_info and not one.name.startswith("slack_sdk")]
