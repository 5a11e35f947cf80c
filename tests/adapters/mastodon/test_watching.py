"""Edits and deletions are followed where no event tells of them; what the server keeps back is heard; streams that are
dead are known to be."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from adapters.mastodon import listening as module
from adapters.mastodon import streams
from adapters.mastodon.marks import Entry
from bot.errors import StorageUnavailable
from tests.adapters.mastodon.stage import Ears, Store, ears, listening
from tests.adapters.mastodon.test_listening import accepting
from tests.fakes.mastodon import FakeMastodon, Person, Quirks

PRESETS = {"mastodon": Quirks, "pleroma": Quirks.pleroma, "gotosocial": Quirks.gotosocial, "misskey": Quirks.misskey}


# --- edits and deletions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mastodon", "pleroma", "gotosocial", "misskey", "no lists"])
async def test_what_was_edited_or_deleted_is_found_by_looking_again(kind: str) -> None:
    server, store = accepting(kind), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        ada = server.person("ada@elsewhere.example")
        edited, deleted, direct, kept = [
            await ada.says("@guichet one"),
            await ada.says("@guichet two"),
            await ada.says("@guichet three", visibility="direct"),
            await ada.says("@guichet four"),
        ]
        await heard.poll()
        assert len(store.events) == 4
        await ada.edits(edited, "@guichet one, better")
        for one in (deleted, direct):
            await ada.deletes(one)
        watching = heard.listening._watching
        assert await watching.look(store) == 3
        assert await watching.look(store) == 0
    assert store.messages[-1].text == "one, better"
    assert store.messages[-1].key.revision
    by_id = {one.key.native_id: one for one in store.messages}
    assert {one.message for one in store.deletions} == {deleted.id, direct.id}
    for gone in store.deletions:
        assert gone.conversation == by_id[gone.message].conversation
        assert gone.author.native_id == ada.id
    assert kept.id not in {one.message for one in store.deletions}


async def an_edit(server: FakeMastodon, heard: Ears) -> None:
    """Of a post that was heard."""
    await heard.poll()
    ada = server.person("ada@elsewhere.example")
    said = await ada.says("@guichet one")
    await heard.poll()
    await ada.edits(said, "@guichet one, better")


async def test_an_edit_is_found_by_asking_for_news() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await an_edit(server, heard)
        assert await heard.poll() == 1
        assert await heard.poll() == 0
    assert store.texts == ["one", "one, better"]


async def test_where_edits_are_not_told_what_reads_otherwise_is_one_each_time_and_after_restarts() -> None:
    server, store = accepting("misskey"), Store()
    async with server.running():
        ada = server.person("ada@elsewhere.example")
        async with ears(server, store, tags=()) as heard:
            await heard.poll()
            said, other = await ada.says("@guichet one"), await ada.says("@guichet two")
            await heard.poll()
            await ada.edits(said, "@guichet one, better")
            assert await heard.listening._watching.look(store) == 1
            assert await heard.poll() == 0, "it is the same edit"
        async with ears(server, store, tags=()) as heard:
            assert await heard.poll() == 0, "whoever listens next knows it"
            for text in ("@guichet one", "@guichet one, better", "@guichet one, best"):
                await ada.edits(said, text)
                assert await heard.poll() == 1
            await ada.edits(other, "@guichet two, too")
        async with ears(server, store, tags=()) as heard:
            assert await heard.poll() == 1, "what was edited while nobody listened"
            assert await heard.poll() == await heard.listening._watching.look(store) == 0
    assert store.texts == ["one", "two", "one, better", "one", "one, better", "one, best", "two, too"]
    mine = [one for one in store.messages if one.key.native_id == said.id]
    assert len({one.key for one in mine}) == 5
    assert mine[1].sent_at > mine[0].sent_at, "what is later is an edit"


async def test_an_edit_that_nobody_has_stored_is_told_again() -> None:
    server, store = accepting("misskey"), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await an_edit(server, heard)
        store.fails_at = 0
        with pytest.raises(StorageUnavailable):
            await heard.poll()
        assert await heard.poll() == 1
    assert store.texts == ["one", "one, better"]


async def test_a_server_that_tells_of_edits_is_believed() -> None:
    """What reads otherwise there is no edit."""
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        ada = server.person("ada@elsewhere.example")
        said, other = await ada.says("@guichet one"), await ada.says("@guichet two")
        await heard.poll()
        await ada.edits(said, "@guichet one, better")
        assert await heard.poll() == 1
        server.state.statuses[other.id].html = "<p>two, as others write it</p>"
        assert await heard.poll() == await heard.listening._watching.look(store) == 0


@pytest.mark.parametrize("kind", ["mastodon", "misskey"])
async def test_held_posts_are_watched_by_whoever_listens_now(kind: str) -> None:
    server, store = accepting(kind), Store()
    held: list[Entry] = []

    async def waiting() -> Sequence[Entry]:
        return held

    async with server.running():
        bob = server.person("bob@elsewhere.example")
        async with ears(server, store, tags=("printer",)) as heard:
            await heard.poll()
            said, changed = await bob.says("my #printer"), await bob.says("and my #printer")
            await heard.poll()
        held += [Entry("", one.id, bob.id, one.id) for one in (said, changed)]
        async with ears(server, store, tags=("printer",), held=waiting) as heard:
            assert await heard.listening._watching.look(store) == 0
            await bob.deletes(said)
            await bob.edits(changed, "and my #printer, again")
            assert await heard.listening._watching.look(store) == 2
            assert await heard.listening._watching.look(store) == 0
    (gone,) = store.deletions
    assert (gone.message, gone.conversation) == (said.id, store.messages[0].conversation)


@pytest.mark.parametrize("kind", PRESETS)
async def test_what_somebody_answers_by_hand_while_a_reply_waits_is_told(kind: str) -> None:
    server, store = accepting(kind), Store()
    held: list[Entry] = []

    async def waiting() -> Sequence[Entry]:
        return held

    async with server.running(), ears(server, store, tags=("printer",), held=waiting) as heard:
        await heard.poll()
        bob = server.person("bob@elsewhere.example")
        said = await bob.says("my #printer")
        await heard.poll()
        held.append(Entry("", said.id, bob.id, said.id))
        watching = heard.listening._watching
        await server.person("ada").says("mine too", to=said)
        assert await watching.look(store) == 0
        await Person(server, server.bot).says("We are on it, Tess", to=said)
        assert await watching.look(store) == 1
        assert await watching.look(store) == 0
    first, told = store.messages
    assert told.key.native_id == first.key.native_id and told.key.revision
    assert told.conversation == first.conversation and told.sent_at > first.sent_at
    assert told.post is not None
    assert [(one.ours, one.text) for one in told.post.thread] == [(True, "We are on it, Tess")]


async def test_a_server_that_does_not_answer_deletes_nothing() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        await server.person("ada").says("@guichet one")
        await heard.poll()
        for status in (422, 400):
            server.faults.refuse("GET /api/v1/statuses", status, "no")
            server.faults.refuse("GET /api/v1/statuses/{id}", status, "no", times=2)
            await heard.listening._watching.look(store)
            server.faults.scripted.clear()
    assert not store.deletions


# --- what is kept back -----------------------------------------------------------------------------------------------


async def test_direct_messages_of_strangers_are_heard_from_the_beginning() -> None:
    server, store = FakeMastodon(), Store()
    async with server.running():
        before = server.person("before@elsewhere.example")
        await before.says("@guichet long ago", visibility="direct")
        async with listening(server, store, seconds=0.1, tags=()):
            await server.until(lambda: server.called("PATCH /api/v2/notifications/policy"))
            ada = server.person("ada@elsewhere.example")
            await ada.says("@guichet in private", visibility="direct")
            await server.until(lambda: "in private" in store.texts)
            assert server.world.notifier.policy(server.bot)["for_limited_accounts"] == "filter"


async def test_where_the_policy_may_not_be_set_what_is_kept_back_is_accepted_and_read() -> None:
    server, store = FakeMastodon(), Store()
    server.quirks.without = {"PATCH /api/v2/notifications/policy"}
    async with server.running(), listening(server, store, seconds=0.1, tags=()) as heard:
        ada = server.person("ada@elsewhere.example")
        limited = server.person("limited@elsewhere.example", limited=True)
        await limited.says("@guichet buy", visibility="direct")
        for number in range(3):
            await ada.says(f"@guichet {number}", visibility="direct")
        await server.until(lambda: len(store.events) >= 3, 10)
        assert store.texts == ["0", "1", "2"]
        assert heard.listening._filtered.is_known


async def test_what_the_holder_drops_stays_dropped() -> None:
    server, store = FakeMastodon(), Store()
    server.bot.policy["for_new_accounts"] = "drop"
    async with server.running(), listening(server, store, seconds=0.1, tags=()):
        await server.until(lambda: server.called("PATCH /api/v2/notifications/policy"))
        assert server.world.notifier.policy(server.bot)["for_new_accounts"] == "drop"
        assert server.world.notifier.policy(server.bot)["for_private_mentions"] == "accept"


@pytest.mark.parametrize("kind", ["pleroma", "gotosocial", "misskey"])
async def test_servers_that_keep_nothing_back_are_asked_about_it_once(kind: str) -> None:
    server, store = FakeMastodon(quirks=PRESETS[kind]()), Store()
    async with server.running(), listening(server, store, seconds=0.05, tags=()):
        await server.until(lambda: len(server.called("GET /api/v1/notifications")) > 5)
        asked = [one for one in server.calls if "notifications/" in one.path]
        assert len(asked) <= 2


async def test_what_was_accepted_by_hand_is_heard_when_the_server_says_so() -> None:
    server, store = FakeMastodon(), Store()
    server.quirks.without = {"PATCH /api/v2/notifications/policy", "GET /api/v1/notifications/requests"}
    async with server.running(), listening(server, store, seconds=600, tags=()) as heard:
        await server.until(lambda: server.streams.connected)
        ada = server.person("ada@elsewhere.example")
        await ada.says("@guichet kept back", visibility="direct")
        for number in range(50):
            await server.person(f"p{number % 9}").says(f"@guichet {number}")
        await server.until(lambda: len(store.events) == 50)
        await heard.poll()
        (request,) = server.state.requests.values()
        server.world.notifier.accept(request)
        await server.until(lambda: "kept back" in store.texts, 10)


# --- streams ---------------------------------------------------------------------------------------------------------


async def test_a_stream_that_says_nothing_is_found_dead_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "QUIET", 0.5)
    monkeypatch.setattr(module, "QUIET", 0.5)
    monkeypatch.setattr(streams, "PAUSE", 0.05)
    server, store = accepting(), Store()
    server.streams.heartbeat = 0.1
    async with server.running(), listening(server, store, seconds=30, tags=()) as heard:
        stream = heard.listening._streams[heard.listening._notifications.name]
        await server.until(lambda: stream.is_well)
        server.faults.deaf = True
        await server.person("ada").says("@guichet nobody hears me")
        await server.until(lambda: not stream.is_well or server.streams.connected > 1, 10)
        server.faults.deaf = False
        await server.until(lambda: store.texts == ["nobody hears me"], 10)
        await server.until(lambda: stream.is_well, 10)


async def test_an_event_that_makes_no_sense_ends_no_stream(caplog: pytest.LogCaptureFixture) -> None:
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=600, tags=("printer",)):
        await server.until(lambda: server.streams.connected == 2)
        await server.quiet(0.2, ignoring=())
        for payload in ("{", "[]", "null", '"x"', "7", '{"type":"mention","status":{}}', "\x00", "[" * 100_000):
            server.streams.tell([("user", server.bot.id)], "notification", payload)
            server.streams.tell([("hashtag", "printer")], "update", payload)
            server.streams.tell([("hashtag", "printer")], "delete", payload)
            server.streams.tell([("user", server.bot.id)], "status.update", payload)
        await server.person("ada").says("@guichet still there?")
        await server.person("ada").says("my #printer")
        await server.until(lambda: len(store.events) == 2)
        assert server.streams.connected == 2
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_streams_that_are_cut_all_the_time_lose_nothing_and_repeat_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "PAUSE", 0.05)
    monkeypatch.setattr(streams, "LONGEST_PAUSE", 0.1)
    server, store = accepting(), Store()
    server.api.rate = 0
    server.faults.cut_every, server.faults.copies, server.faults.drop_every = 0.2, 2, 3
    async with server.running(), listening(server, store, seconds=0.3, tags=("printer",)) as heard:
        await heard.listening.hashtags(store)
        for number in range(24):
            who = server.person(f"p{number % 7}@elsewhere.example")
            await who.says(f"@guichet {number}" if number % 2 else f"{number} my #printer")
            await asyncio.sleep(0.02)
        await server.until(lambda: len(store.events) == 24, 15)
        await heard.poll()
    assert len(store.events) == 24


async def test_when_it_is_told_to_stop_it_leaves_no_connection_and_no_thread_behind() -> None:
    server, store = accepting(), Store()
    async with server.running():
        async with listening(server, store, tags=("printer", "acme")):
            await server.until(lambda: len(server.streams.connections) == 3)
        await server.until(lambda: not server.streams.connections)
        await server.until(lambda: not [one for one in threading.enumerate() if one.name.startswith("mastodon ")])


async def test_what_a_hashtags_stream_brought_while_the_database_was_away_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    server, store = accepting(), Store()
    async with server.running(), listening(server, store, seconds=600, tags=("printer",)):
        await server.until(lambda: server.streams.connected == 2)
        await server.until(lambda: any("tag/printer" in name for name in store.names))
        store.is_down = True
        await server.person("ada").says("my #printer")
        await asyncio.sleep(0.2)
        store.is_down = False
        await server.until(lambda: store.texts == ["my #printer"], 10)
