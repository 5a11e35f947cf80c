"""Whom the account blocks or mutes is known, in whatever way the server tells it."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.mastodon.people import SECONDS, People
from tests.adapters.mastodon.stage import Store, ears
from tests.adapters.mastodon.test_listening import accepting
from tests.fakes.mastodon import Person


async def test_who_is_muted_is_unwanted_and_it_is_asked_once() -> None:
    server, store = accepting(), Store()
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        muted, ada = server.person("muted@elsewhere.example"), server.person("ada")
        server.state.mutes[server.bot.id, muted.id] = False
        for who in (muted, ada, muted, ada):
            await who.says("@guichet hello")
            await heard.poll()
        assert [one.post.unwanted for one in store.messages if one.post] == [True, False, True, False]
        assert len(server.called("GET /api/v1/accounts/relationships")) == 2


@pytest.mark.parametrize("lists", [True, False])
async def test_whom_the_account_blocks_or_mutes_is_known_by_lists_where_the_server_has_nothing_else(
    lists: bool,
) -> None:
    server, store = accepting(), Store()
    server.quirks.without.add("/api/v1/accounts/relationships")
    if not lists:
        server.quirks.without |= {"/api/v1/blocks", "/api/v1/mutes"}
    async with server.running(), ears(server, store, tags=("printer",)) as heard:
        await heard.poll()
        muted, ada = server.person("muted@elsewhere.example"), server.person("ada")
        server.state.mutes[server.bot.id, muted.id] = False
        for who in (muted, ada, muted):
            await who.says("@guichet hello")
            await heard.poll()
        assert [one.post.unwanted for one in store.messages if one.post] == [lists, False, lists]
        assert len([one for one in server.calls if one.name == "GET /api/v1/mutes" and one.status == 200]) == lists


@pytest.mark.parametrize("text", ["a #printer", "@guichet my printer"])
async def test_who_blocks_the_account_or_is_blocked_is_not_heard_or_is_unwanted(text: str) -> None:
    """Where they blocked before, the server shows nothing; while a post is on its way, it tells of the block."""
    server, store = accepting(), Store()
    holder = Person(server, server.bot)
    cross, nasty, muted, ada = (
        server.person(f"{name}@elsewhere.example") for name in ("cross", "nasty", "hushed", "ada")
    )
    between = server.world.shapes.relationship
    meanwhile: dict[str, Callable[[], None]] = {}

    def relationship(me: str, other: str) -> dict[str, Any]:
        meanwhile.get(other, lambda: None)()
        return between(me, other)

    server.world.shapes.relationship = relationship  # type: ignore[method-assign]
    async with server.running(), ears(server, store, tags=("printer",), seconds=600) as heard:
        await heard.poll()
        meanwhile |= {cross.id: cross.blocks, nasty.id: lambda: holder.blocks(nasty)}
        meanwhile[muted.id] = lambda: holder.mutes(muted, notifications=False)
        for who in (cross, nasty, muted, ada):
            await who.says(text)
        await heard.poll()
        told = {one.author.native_id: one.post.unwanted for one in store.messages if one.post}
        assert told == {cross.id: True, nasty.id: True, muted.id: True, ada.id: False}
        for who in (cross, nasty):
            await who.says(text)
        await heard.poll()
    assert len(store.messages) == 4


@pytest.mark.parametrize("relationships", [True, False])
async def test_blocks_are_known_in_both_directions_and_told_anew_after_a_while(relationships: bool) -> None:
    """A list has whom the account blocks, and not who blocks it."""
    server, store, seconds = accepting(), Store(), [0.0]
    holder = Person(server, server.bot)
    if not relationships:
        server.quirks.without.add("/api/v1/accounts/relationships")
    async with server.running(), ears(server, store, tags=()) as heard:
        people = People(heard.api, ticks=lambda: seconds[0])
        nasty, cross, ada = (server.person(f"{name}@elsewhere.example") for name in ("nasty", "cross", "ada"))
        everybody = [nasty.id, cross.id, ada.id]
        holder.blocks(nasty)
        cross.blocks()
        assert await people.unwanted(everybody) == {nasty.id, *([cross.id] if relationships else [])}
        holder.unblocks(nasty)
        cross.unblocks()
        holder.blocks(ada)
        seconds[0] += SECONDS + 1
        assert await people.unwanted(everybody) == {ada.id}
        lists = [one for one in server.called("GET /api/v1/blocks") if one.status == 200]
        assert len(lists) == (0 if relationships else 2)


@pytest.mark.parametrize("says_where", [True, False])
async def test_the_list_of_blocks_is_read_to_its_end(says_where: bool) -> None:
    server, store = accepting(), Store()
    server.quirks.without.add("/api/v1/accounts/relationships")
    server.quirks.link_headers = says_where
    async with server.running(), ears(server, store, tags=()) as heard:
        blocked = [server.person(f"blocked{number}@elsewhere.example") for number in range(200)]
        for one in blocked:
            Person(server, server.bot).blocks(one)
        ada = server.person("ada")
        assert await People(heard.api).unwanted([*(one.id for one in blocked), ada.id]) == {one.id for one in blocked}
        assert 3 <= len(server.called("GET /api/v1/blocks")) <= 4


@pytest.mark.parametrize("says_where", [True, False])
async def test_those_lists_are_read_to_their_end(says_where: bool) -> None:
    server, store = accepting(), Store()
    server.quirks.without.add("/api/v1/accounts/relationships")
    server.quirks.link_headers = says_where
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        muted = [server.person(f"muted{number}@elsewhere.example") for number in range(200)]
        server.state.mutes |= {(server.bot.id, one.id): False for one in muted}
        for who in (muted[0], muted[199]):
            await who.says("@guichet hello")
        await heard.poll()
        assert [one.post.unwanted for one in store.messages if one.post] == [True, True]
        assert len(server.called("GET /api/v1/mutes")) <= 4


async def test_a_token_that_may_not_read_those_lists_is_no_trouble() -> None:
    server, store = accepting(), Store()
    server.quirks.without.add("/api/v1/accounts/relationships")
    for name in ("blocks", "mutes"):
        server.faults.refuse(f"GET /api/v1/{name}", 403, "This action is outside the authorized scopes")
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        await server.person("ada").says("@guichet hello")
        await heard.poll()
        assert not heard.troubles.present
    assert len(store.messages) == 1


async def test_where_the_server_does_not_say_whom_one_blocks_everybody_is_heard_and_it_is_not_asked_each_time() -> None:
    server, store = accepting(), Store()
    server.quirks.without = {"/api/v1/accounts/relationships"}
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        for number in range(3):
            await server.person("ada").says(f"@guichet {number}")
            await heard.poll()
    assert store.texts == ["0", "1", "2"]
    assert not any(one.post.unwanted for one in store.messages if one.post)
    assert len([one for one in server.calls if one.path.endswith("/relationships")]) == 1
