"""Streaming on the fake, at its own address, as the real Mastodon.py hears it."""

import asyncio
from typing import Any

import pytest
from mastodon import Mastodon, MastodonMalformedEventError, MastodonNetworkError

from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.fakes.mastodon.clients import Heard, client, heard, run


async def test_a_mention_is_heard(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada@elsewhere.example")
    assert await run(app.stream_healthy)
    async with heard(mastodon, app.stream_user) as heard_:
        said = await ada.says("@guichet help")
        await mastodon.until(lambda: heard_.events)
    name, notification = heard_.events[0]
    assert (name, notification.type, notification.status.id) == ("notification", "mention", said.id)
    assert notification.account.acct == "ada@elsewhere.example"
    assert [one.kind for one in mastodon.world.notifier.told(mastodon.bot.id)] == ["mention"]


async def test_edits_and_deletions_are_heard_of_whom_one_follows(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob")
    await run(app.account_follow, ada.id)
    async with heard(mastodon, app.stream_user) as heard_:
        said = await ada.says("helo")
        await ada.edits(said, "hello")
        await ada.deletes(said)
        other = await bob.says("@guichet helo")
        await bob.edits(other, "@guichet hello")
        await bob.deletes(other)
        await mastodon.until(lambda: len(heard_.events) == 5)
    assert [name for name, _ in heard_.events] == ["update", "status.update", "delete", "notification", "delete"]
    assert heard_.named("status.update")[0].content == "<p>hello</p>"
    assert heard_.named("delete") == [said.id, other.id]


async def test_a_hashtag_is_heard_in_the_open_only(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, blocked = mastodon.person("ada"), mastodon.person("blocked")
    blocked.blocks()
    async with heard(mastodon, app.stream_hashtag, "news") as heard_:
        await ada.says("#news quietly", visibility="unlisted")
        await ada.says("@guichet #news", visibility="direct")
        await blocked.says("#news you do not see")
        await ada.says("#other")
        said = await ada.says("#News")
        await ada.edits(said, "#news!")
        await ada.deletes(said)
        await mastodon.until(lambda: len(heard_.events) == 3)
    assert [name for name, _ in heard_.events] == ["update", "status.update", "delete"]
    assert heard_.events[0][1].id == said.id


async def test_direct_messages_are_heard_as_conversations(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.accepts()
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_direct) as heard_:
        said = await ada.says("@guichet hello", visibility="direct")
        await mastodon.until(lambda: heard_.events)
    assert heard_.events[0][1].last_status.id == said.id


async def test_notifications_alone_are_heard(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_user_notifications) as heard_:
        await run(app.status_post, "mine")
        ada.follows()
        await mastodon.until(lambda: heard_.events)
    assert [(name, one.type) for name, one in heard_.events] == [("notification", "follow")]


async def test_own_posts_come_back(mastodon: FakeMastodon, app: Mastodon) -> None:
    async with heard(mastodon, app.stream_user) as heard_:
        posted = await run(app.status_post, "mine")
        await mastodon.until(lambda: heard_.events)
    assert [one.id for one in heard_.named("update")] == [posted.id]


async def test_heartbeats_come_while_nothing_happens(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.streams.heartbeat = 0.05
    async with heard(mastodon, app.stream_user) as heard_:
        await mastodon.until(lambda: heard_.heartbeats >= 3)
        assert not heard_.events


async def test_a_cut_stream_is_taken_up_again(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.cut_every = 0.1
    async with heard(mastodon, app.stream_user) as heard_:
        await mastodon.until(lambda: mastodon.streams.connected >= 3)
        mastodon.faults.cut_every = 0
        assert heard_.aborted
        await mastodon.until(lambda: mastodon.streams.connections)
        await mastodon.person("ada").says("@guichet hello")
        await mastodon.until(lambda: heard_.named("notification"))
    assert mastodon.faults.happened["cut"] >= 2


async def test_a_stream_without_a_token_is_refused(mastodon: FakeMastodon) -> None:
    with client(mastodon, "wrong") as other, pytest.raises(MastodonNetworkError, match="Unauthorized"):
        await run(other.stream_user, Heard())


async def test_a_deletion_whose_id_is_no_number_breaks_the_stream_off() -> None:
    """Mastodon.py reads the id as JSON, and connects anew: what came next is to be fetched."""
    async with FakeMastodon(quirks=Quirks(ids="ulid")).running() as mastodon:
        ada = mastodon.person("ada")
        with client(mastodon) as app:
            async with heard(mastodon, app.stream_user) as heard_:
                said = await ada.says("@guichet hello")
                await ada.deletes(said)
                await mastodon.until(lambda: mastodon.streams.connected == 2)
                assert [type(one) for one in heard_.aborted] == [MastodonMalformedEventError]
                await mastodon.until(lambda: mastodon.streams.connections)
                again = await ada.says("@guichet hello again")
                await mastodon.until(lambda: len(heard_.named("notification")) == 2)
                assert heard_.named("notification")[1].status.id == again.id


async def listens(quirks: Quirks) -> Any:
    """What comes of listening to such a server, in the caller's own thread."""
    async with FakeMastodon(quirks=quirks).running() as mastodon:
        mastodon.streams.heartbeat = 0.05
        with client(mastodon) as app, pytest.raises(Exception) as caught:
            await asyncio.wait_for(run(app.stream_user, Heard(), timeout=0.2), 2)
        return caught.value


@pytest.mark.parametrize(
    ("streaming", "error"),
    [
        ("none", "MastodonNetworkError: Could not connect to streaming server: Not Found"),
        ("refused", "ConnectionError"),  # of requests, as it is
        ("ssl", "SSLError"),
        ("reset", "ConnectionError"),
        ("html", "MastodonMalformedEventError"),
        ("websocket", "MastodonNetworkError: Could not connect to streaming server: Bad Request"),
        ("silent", "Network"),
    ],
)
async def test_streaming_that_does_not_work(streaming: Any, error: str) -> None:
    caught = await listens(Quirks(streaming=streaming))
    assert error in f"{type(caught).__name__}: {caught}" or error in type(caught).__mro__[1].__name__
