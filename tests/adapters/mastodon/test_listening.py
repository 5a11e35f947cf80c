"""The server is heard, over its streams and by asking it, whatever it is like."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot.errors import PlatformUnavailable
from bot.model.messages import ConversationRef
from tests.adapters.mastodon.stage import Store, ears, listening
from tests.fakes.mastodon import FakeMastodon, Person, Quirks

KINDS: dict[str, Callable[[], Quirks]] = {
    "mastodon": Quirks,
    "pleroma": Quirks.pleroma,
    "gotosocial": Quirks.gotosocial,
    "misskey": Quirks.misskey,
    "shuffled": lambda: Quirks(pages_in_order=False, link_headers=False, streaming="none"),
    "ancestorless": lambda: Quirks(ancestors=False, streaming="reset"),
    "small ids": lambda: Quirks(ids="small", streaming="silent", types=False),
    "no lists": lambda: Quirks(streaming="html", without={"GET /api/v1/statuses", "/api/v2/notifications/policy"}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def accepting(kind: str = "mastodon", **more: Any) -> FakeMastodon:
    server = FakeMastodon(quirks=KINDS[kind](), **more)
    server.accepts()
    return server


@every_kind
async def test_what_is_said_is_heard_once_whatever_the_server_is_like(kind: str) -> None:
    server, store = accepting(kind), Store()
    server.faults.poll_copies = server.faults.copies = 2
    async with server.running():
        ada, bob = server.person("ada"), server.person("bob@elsewhere.example")
        await ada.says("@guichet before the first time")
        await bob.says("long ago #printer")
        async with listening(server, store, tags=("printer", "acme")) as heard:
            await heard.listening.hashtags(store)
            first = await ada.says("@guichet my printer is broken")
            await ada.says("@guichet in private", visibility="direct")
            await bob.says("what a #printer, what an #acme")
            answer = await bob.says("@guichet mine too", to=first)
            await bob.says("nothing of the desk's")
            await bob.boosts(first)
            await server.until(lambda: len(store.events) >= 3, 10)
            await heard.listening.hashtags(store)
            await heard.poll()
    texts = ["in private", "mine too", "my printer is broken", "what a #printer, what an #acme"]
    assert sorted(store.texts) == texts
    by_text = {one.text: one for one in store.messages}
    assert by_text["in private"].conversation == ConversationRef("mastodon", "127.0.0.1", ada.id)
    thread = ConversationRef("mastodon", "127.0.0.1", "public", first.id)
    assert by_text["my printer is broken"].conversation == by_text["mine too"].conversation == thread
    post = by_text["mine too"].post
    assert post is not None
    assert (post.root, post.in_reply_to, [one.text for one in post.thread]) == (
        first.id,
        first.id,
        ["my printer is broken"],
    )
    assert answer.id == by_text["mine too"].key.native_id
    tagged = by_text["what a #printer, what an #acme"].post
    assert tagged is not None
    assert tagged.found_by == "hashtag"


async def test_with_a_stream_it_comes_at_once_and_the_server_is_asked_less_often() -> None:
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=30, tags=("printer",)):
        await server.until(lambda: server.streams.connected == 2)
        await server.quiet(0.2, ignoring=())
        asked = len(server.called("GET /api/v1/notifications"))
        for number in range(5):
            await server.person("ada").says(f"@guichet {number}")
        await server.person("bob").says("a #printer")
        await server.until(lambda: len(store.events) == 6)
        assert len(server.called("GET /api/v1/notifications")) == asked


async def test_hashtags_are_heard_from_the_first_moment_on_and_not_from_when_the_job_first_asks() -> None:
    server, store = FakeMastodon(quirks=Quirks(streaming="none")), Store()
    async with server.running():
        ada = server.person("ada")
        await ada.says("long ago #printer")
        async with listening(server, store, tags=("printer", "acme")) as heard:
            await server.until(lambda: sum("/tag/" in name for name in store.names) == 2, 10, "the hashtags")
            await ada.says("just now #printer")
            assert await heard.listening.hashtags(store) == 1
    assert store.texts == ["just now #printer"]


async def test_what_was_said_between_two_streams_is_asked_for_when_the_second_begins() -> None:
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=600, tags=("printer",)) as heard:
        await heard.listening.hashtags(store)
        await server.until(lambda: server.streams.connected >= 2)
        server.faults.drop_every = 1
        await server.person("ada").says("@guichet nobody hears me")
        await server.person("ada").says("nor my #printer")
        server.faults.drop_every = 0
        server.streams.cut()
        await server.until(lambda: len(store.events) == 2, 10)


@pytest.mark.parametrize("kind", ["mastodon", "gotosocial", "misskey", "shuffled"])
async def test_a_desk_that_comes_back_reads_what_it_missed_and_says_that_it_is_late(kind: str) -> None:
    server, store = accepting(kind), Store()
    server.api.rate = 0
    async with server.running():
        people = [server.person(f"p{number}@elsewhere.example") for number in range(5)]
        async with ears(server, store, tags=("printer",)) as heard:
            await heard.poll()
            for number in range(42):
                await people[number % 5].says(f"@guichet {number}")
                await people[number % 5].says(f"{number} #printer", ago=600 if number % 7 == 3 else 0)
        async with ears(server, store, tags=("printer",)) as heard:
            assert await heard.listening.notifications(store, late=True) == 42
            assert await heard.listening.hashtags(store, late=True) == 42
            assert await heard.poll() == 0
    assert all(one.caught_up for one in store.messages)
    assert sorted(store.texts) == sorted([str(n) for n in range(42)] + [f"{n} #printer" for n in range(42)])


@pytest.mark.parametrize("late", [True, False], ids=["long", "short"])
async def test_what_the_desks_people_answered_by_hand_meanwhile_is_left_to_them(late: bool) -> None:
    server, store = accepting(streaming_port=0), Store()
    async with server.running():
        ada, holder = server.person("ada"), Person(server, server.bot)
        async with ears(server, store) as heard:
            await heard.poll()
        answered, open_one = await ada.says("@guichet one"), await ada.says("@guichet two")
        await holder.says("@ada here I am", to=answered)
        async with ears(server, store) as heard:
            await heard.listening.notifications(store, late=late)
    assert [one.key.native_id for one in store.messages] == [open_one.id]
    assert store.messages[0].caught_up is late


async def test_in_a_thread_the_account_wrote_itself_its_lines_say_so() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store) as heard:
        await heard.poll()
        ada, holder = server.person("ada"), Person(server, server.bot)
        root = await ada.says("@guichet one", cw="careful")
        mine = await holder.says("@ada we look into it", to=root)
        await ada.says("@guichet thanks", to=mine)
        await heard.poll()
    post = store.messages[-1].post
    assert post is not None
    assert [(one.ours, one.handle, one.text) for one in post.thread] == [
        (False, "ada@masto.example", "one"),
        (True, "guichet@masto.example", "we look into it"),
    ]
    assert (post.root, post.warning) == (root.id, "careful")


async def test_a_thread_stays_the_same_when_its_first_post_is_deleted() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store) as heard:
        await heard.poll()
        ada = server.person("ada")
        root = await ada.says("@guichet one")
        second = await ada.says("@guichet two", to=root)
        await heard.poll()
        await ada.deletes(root)
        await ada.says("@guichet three", to=second)
        await heard.poll()
    assert {one.conversation.thread for one in store.messages} == {root.id}


async def test_bots_and_nobot_are_told_of() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=("printer",)) as heard:
        await heard.poll()
        robot = server.person("robot@elsewhere.example", bot=True)
        shy = server.person("shy@elsewhere.example", note="posts #nobot")
        for who in (robot, shy):
            await who.says("a #printer")
        await heard.poll()
        told = {one.author.native_id: one.post for one in store.messages if one.post}
    assert told[robot.id].by_bot
    assert told[shy.id].no_bots
    assert not told[shy.id].by_bot


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_what_a_server_lacks_is_not_waited_for(status: int) -> None:
    server, store = accepting(), Store()
    server.quirks.not_there, server.quirks.streaming = status, "none"
    server.quirks.without |= {
        "/api/v2/notifications/policy",
        "/api/v1/notifications/requests",
        "/api/v1/accounts/relationships",
        "GET /api/v1/statuses",
    }
    async with server.running(), listening(server, store) as heard:
        said = await server.person("ada@elsewhere.example").says("@guichet hello")
        await server.until(lambda: store.messages, 5)
        assert not heard.listening._filtered.is_known
        await server.person("ada@elsewhere.example").deletes(said)
        assert await heard.listening._watching.look(store) == 1
    assert [one.message for one in store.deletions] == [said.id]


async def test_edits_and_deletions_come_over_a_hashtags_stream() -> None:
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=600, tags=("printer",)):
        await server.until(lambda: server.streams.connected == 2)
        bob = server.person("bob@elsewhere.example")
        said = await bob.says("my #printer is brken")
        await server.until(lambda: len(store.events) == 1)
        await bob.edits(said, "my #printer is broken")
        await server.until(lambda: len(store.events) == 2)
        await bob.deletes(said)
        await server.until(lambda: store.deletions)
    first, second = store.messages
    assert (second.text, second.conversation, second.key.native_id) == (
        "my #printer is broken",
        first.conversation,
        said.id,
    )
    assert second.key.revision
    assert not first.key.revision
    (gone,) = store.deletions
    assert (gone.message, gone.conversation, gone.author.native_id) == (said.id, first.conversation, bob.id)


@dataclass
class Hostile:
    """What a server may send in place of what it should."""

    name: str
    spoil: Callable[[dict[str, Any]], Any]


HOSTILE = [
    Hostile("no id", lambda one: one.pop("id")),
    Hostile("no status", lambda one: one.update(status="?")),
    Hostile("no account", lambda one: one["status"].update(account=[])),
    Hostile("no time", lambda one: one.update(created_at="x" * 1_000)),
    Hostile("all wrong", lambda one: one["status"].update(dict.fromkeys(one["status"], 7.5))),
    Hostile("path", lambda one: one["status"].update(id="../../oauth/token")),
    Hostile("empty", lambda one: one.clear()),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[one.name for one in HOSTILE])
async def test_what_cannot_be_read_is_said_once_and_nothing_beside_it_is_lost(
    hostile: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    server, store = accepting(), Store()
    shown = server.world.shapes.notification

    def spoiled(one: Any) -> dict[str, Any]:
        shape = shown(one)
        if "ruin" in json.dumps(shape):
            hostile.spoil(shape)
        return shape

    server.world.shapes.notification = spoiled  # type: ignore[method-assign]
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        for text in ("@guichet one", "@guichet ruin", "@guichet two"):
            await server.person("ada").says(text)
        for _ in range(3):
            await heard.poll()
    assert store.texts == ["one", "two"]
    assert len([one for one in caplog.records if one.levelname == "WARNING"]) == 1


async def test_a_post_of_many_megabytes_is_heard_as_one_that_is_too_long() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        huge = server.person("huge@elsewhere.example", name="x" * 1_000_000)
        await huge.says("@guichet \u202egnp.exe", html="<p>" + "<b>wow</b> " * 600_000)
        await server.person("ada").says("@guichet hello")
        await heard.poll()
    assert [len(one.text) > 5_000 for one in store.messages] == [True, False]
    assert all(len(one.text) <= 200_000 and len(one.author.name) <= 200 for one in store.messages)


async def test_while_the_database_or_the_server_is_away_nothing_is_lost() -> None:
    server, store = accepting(), Store()
    server.api.rate = 0
    async with server.running(), listening(server, store, seconds=0.1, tags=("printer",)) as heard:
        await heard.listening.hashtags(store)
        store.is_down = True
        await server.person("ada").says("@guichet one")
        await asyncio.sleep(0.3)
        store.is_down = False
        await server.until(lambda: store.texts == ["one"], 10)
        await server.restart(0.2)
        await server.person("ada").says("@guichet two")
        await server.until(lambda: store.texts == ["one", "two"], 20)


async def test_a_thread_that_can_never_be_read_holds_up_nobody() -> None:
    server, store = accepting(), Store()
    server.api.rate = 0
    async with server.running(), ears(server, store, tags=()) as heard:
        heard.listening.hearing._threads._api = _Impatient(heard.api)  # type: ignore[assignment]
        await heard.poll()
        ada = server.person("ada")
        root = await ada.says("@guichet root")
        await ada.says("@guichet below", to=root)
        server.faults.break_down("GET /api/v1/statuses/{id}/context", 500, times=1_000)
        for _ in range(4):
            with suppress(PlatformUnavailable):
                await heard.poll()
        assert sorted(store.texts) == ["below", "root"]


async def test_what_was_read_of_a_page_is_not_read_again_since_one_thread_of_it_could_not_be() -> None:
    server, store = accepting(), Store()
    server.api.rate = 0
    context = "GET /api/v1/statuses/{id}/context"
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        root = await server.person("ada").says("@guichet root")
        for number in range(6):
            await server.person("ada").says(f"@guichet {number}", to=root)
        heard.listening.hearing._threads._api = _Impatient(heard.api)  # type: ignore[assignment]
        server.faults.break_down(context)
        with pytest.raises(PlatformUnavailable):
            await heard.poll()
        assert len(server.called(context)) == 6
        assert store.texts == []
        await heard.poll()
        assert len(server.called(context)) == 7
        assert len(store.texts) == 7


async def test_a_stream_that_is_lost_is_made_again_where_it_was() -> None:
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=600, tags=()):
        await server.until(lambda: server.streams.connected == 1, 10)
        server.streams.cut()
        await server.until(lambda: server.streams.connected == 2, 10)
        server.streams.cut()
        await server.until(lambda: server.streams.connected == 3, 20)
        asked = [one for one in server.calls if one.name.endswith("/instance")]
        assert len(asked) <= 2, "the library looks for it in one description of the server, or in both"


@dataclass
class _Impatient:
    """The same calls, tried once."""

    api: Any

    async def read(self, method: str, *args: Any, **params: Any) -> Any:
        return await self.api.read(method, *args, patience=0, **params)


async def test_another_account_on_the_same_server_is_heard_from_when_it_was_connected() -> None:
    server, store = accepting(), Store()
    async with server.running():
        async with ears(server, store, tags=()) as heard:
            await heard.poll()
        other, former = server.person("help"), server.state.bot
        await server.person("ada").says("@help long ago")
        token = server.token_for(other)
        server.state.bot = other.id
        assert server.token == token
        async with ears(server, store, tags=()) as heard:
            await heard.poll()
            await server.person("ada").says("@help now")
            await heard.poll()
        server.state.bot = former
    assert store.texts == ["now"]
