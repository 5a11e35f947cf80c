"""What other programs write: known where everybody reads it, and not taken for a question in direct messages."""

import asyncio

import pytest

from tests.adapters.mastodon.stage import Store, ears, listening
from tests.adapters.mastodon.test_listening import accepting


@pytest.mark.parametrize("kind", ["mastodon", "pleroma", "gotosocial", "misskey"])
async def test_a_programs_direct_message_is_nothing_that_is_answered(kind: str) -> None:
    server, store = accepting(kind), Store()
    robot = server.person("robot@elsewhere.example", bot=True)
    ada = server.person("ada@elsewhere.example")
    async with server.running(), ears(server, store, tags=()) as heard:
        await heard.poll()
        await robot.says("@guichet how do I reset my password?", visibility="direct")
        await robot.says("@guichet in public")
        await ada.says("@guichet and I?", visibility="direct")
        await heard.poll()
        await heard.poll()
    assert sorted(store.texts) == ["and I?", "in public"]
    assert {one.post.by_bot for one in store.messages if one.post} == {True}


async def test_nor_is_one_that_comes_by_the_stream() -> None:
    server, store = accepting(), Store()
    robot = server.person("robot@elsewhere.example", bot=True)
    async with server.running(), listening(server, store, tags=()):
        await asyncio.sleep(0.3)
        await robot.says("@guichet hello", visibility="direct")
        await server.person("ada").says("@guichet hello, too", visibility="direct")
        await server.until(lambda: store.texts == ["hello, too"], 10)
        await server.quiet()
    assert store.texts == ["hello, too"]
