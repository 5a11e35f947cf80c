"""What the server takes as one post is kept for whoever words a reply, and kept anew once it is another."""

import asyncio
from contextlib import suppress

import pytest

from adapters.mastodon.ids import PLATFORM
from bot.public.limits import PostLimits, limits_name
from bot.public.splitting import Counting
from tests.adapters.mastodon.writing import HOST, Desk, desk_of
from tests.fakes.mastodon import FakeMastodon, Quirks

NAME = limits_name(PLATFORM, HOST)


async def kept(desk: Desk) -> PostLimits | None:
    return PostLimits.of(await desk.store.recall(NAME) or "")


async def test_it_is_kept_as_the_server_counts() -> None:
    async with FakeMastodon(max_characters=200).running() as mastodon, desk_of(mastodon) as desk:
        await desk.adapter.send(desk.direct(mastodon.person("ada"), "Hello."))
        assert await kept(desk) == PostLimits(200, Counting(23), names_alone=True, domain="masto.example")
    async with FakeMastodon(quirks=Quirks.pleroma()).running() as mastodon, desk_of(mastodon) as desk:
        await desk.adapter.send(desk.direct(mastodon.person("ada"), "Hello."))
        found = await kept(desk)
        assert found is not None
        assert found.counting == Counting(None, by_letters=False) and not found.names_alone


async def test_who_listens_keeps_it_before_anything_is_said(mastodon: FakeMastodon) -> None:
    mastodon.world.max_characters = 300
    async with desk_of(mastodon) as desk:
        task = asyncio.create_task(desk.adapter.run(desk.store))
        with suppress(asyncio.CancelledError):
            await mastodon.until(lambda: len(desk.store.names) > 1, 10)
            task.cancel()
            await task
        found = await kept(desk)
        assert found is not None and found.characters == 300
        assert next(iter(desk.store.names)) == NAME, "before the first feed is read"


async def test_a_post_that_became_too_long_has_it_kept_anew(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    await desk.adapter.send(desk.direct(ada, "Hello."))
    desk.mastodon.world.max_characters = 200
    await desk.adapter.send(desk.direct(ada, "word " * 60))
    found = await kept(desk)
    assert found is not None and found.characters == 200


async def test_what_cannot_be_kept_now_is_kept_with_the_next_post(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    desk.store.keeps_not.add(NAME)
    await desk.adapter.send(desk.direct(ada, "Hello."))
    assert await kept(desk) is None
    desk.store.keeps_not.clear()
    await desk.adapter.send(desk.direct(ada, "Hello again."))
    assert await kept(desk) is not None


WORDS = (
    "It comes on Monday. " * 30,
    "We look into #printer and #acme again. " * 20,
    f"See https://kb.example/{'long/' * 12} and https://kb.example/a?b=c#d, then write. " * 4,
    "naïve 👨‍👩‍👧‍👦 letters, " * 40,
    "x" * 480,
)


@pytest.mark.parametrize("characters", [200, 500])
async def test_as_many_posts_are_foreseen_as_go_out(somewhere: Desk, characters: int) -> None:
    mastodon = somewhere.mastodon
    mastodon.world.max_characters = characters
    ada = mastodon.person("ada@elsewhere.example")
    for words in WORDS:
        asked = await ada.says("@guichet hello?", cw="parcels")
        delivery = somewhere.reply(asked, "ada@elsewhere.example", words)
        before = len(mastodon.posts())
        await somewhere.adapter.send(delivery)
        limits = await kept(somewhere)
        assert limits is not None and delivery.public is not None
        assert limits.posts(delivery.document, delivery.public) == len(mastodon.posts()) - before, words
