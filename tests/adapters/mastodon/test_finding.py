"""What becomes of a post whose answer was lost: it is found by its words, and every part stands once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.mastodon.posted import as_read
from adapters.mastodon.rooms import last_name
from bot.errors import OutcomeUnknown, PlatformUnavailable, RateLimited
from bot.model.ledger import Delivery
from tests.adapters.mastodon.writing import HOST, PRESETS, Desk, desk_of, hastened, looked_for
from tests.fakes.mastodon import FakeMastodon, Quirks

POST = "POST /api/v1/statuses"
LONG = " ".join(f"word{number}" for number in range(150))


@pytest.fixture
async def desk(mastodon: FakeMastodon) -> AsyncIterator[Desk]:
    async with desk_of(mastodon, ticks=hastened) as made:
        yield made


@pytest.fixture(params=PRESETS)
async def somewhere(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with (
        FakeMastodon(quirks=PRESETS[request.param]()).running() as server,
        desk_of(server, ticks=hastened) as made,
    ):
        yield made


async def settled(desk: Desk, delivery: Delivery) -> str:
    """As the outbox does it: what is unknown is looked for, and sent if it is not there. The id."""
    is_unknown = False
    for _ in range(30):
        try:
            if is_unknown and (found := await desk.adapter.find_posted(delivery)):
                return found
            return await desk.adapter.send(delivery)
        except OutcomeUnknown:
            is_unknown = True
        except (PlatformUnavailable, RateLimited):
            await asyncio.sleep(0.01)
    raise AssertionError("never settled")


async def test_a_lost_answer_is_told_from_a_lost_call(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello")
    said = ("I arrived.", "I did not.")
    for there, not_there in (
        [somewhere.direct(ada, one) for one in said],
        [somewhere.reply(asked, "ada@elsewhere.example", one) for one in said],
    ):
        somewhere.mastodon.faults.lose_answer(POST)
        with pytest.raises(OutcomeUnknown):
            await somewhere.adapter.send(there)
        somewhere.mastodon.faults.cut(POST)
        with pytest.raises(OutcomeUnknown):
            await somewhere.adapter.send(not_there)
        posted = somewhere.mastodon.posts()[-1]
        assert await somewhere.adapter.find_posted(there) == posted.id
        assert await looked_for(somewhere, not_there) is None
    assert [one.text for one in somewhere.mastodon.posts()] == ["@ada@elsewhere.example I arrived."] * 2


async def test_a_lost_answer_is_found_where_posts_do_not_say_whom_they_mention(somewhere: Desk) -> None:
    """Of people with one name on several servers, too."""
    somewhere.mastodon.quirks.missing.add("mentions")
    people = [somewhere.mastodon.person(f"ada{where}") for where in ("", "@elsewhere.example", "@far.example")]
    for ada in people:
        lost, never = (somewhere.direct(ada, "Thank you.") for _ in range(2))
        somewhere.mastodon.faults.cut(POST)
        with pytest.raises(OutcomeUnknown):
            await somewhere.adapter.send(never)
        assert await looked_for(somewhere, never) is None
        somewhere.mastodon.faults.lose_answer(POST)
        with pytest.raises(OutcomeUnknown):
            await somewhere.adapter.send(lost)
        assert await somewhere.adapter.find_posted(lost) == somewhere.mastodon.posts()[-1].id
    assert len(somewhere.mastodon.posts()) == len(people)


async def test_the_same_words_twice_are_two_messages(somewhere: Desk) -> None:
    """One of which was lost, to somebody who was told the same before; nor is what others were told taken for it."""
    ada, bob = somewhere.mastodon.person("ada@elsewhere.example"), somewhere.mastodon.person("bob")
    first = await somewhere.adapter.send(somewhere.direct(ada, "Thank you."))
    somewhere.mastodon.faults.cut(POST)
    lost = somewhere.direct(ada, "Thank you.")
    with pytest.raises(OutcomeUnknown):
        await somewhere.adapter.send(lost)
    await somewhere.adapter.send(somewhere.direct(bob, "Thank you."))
    async with desk_of(somewhere.mastodon, store=somewhere.store, ticks=hastened) as next_process:
        assert await looked_for(next_process, lost) is None
        second = await next_process.adapter.send(lost)
    assert [one.id for one in somewhere.mastodon.posts() if one.to == ("ada@elsewhere.example",)] == [first, second]


@pytest.mark.parametrize("lost_at", range(3))
@pytest.mark.parametrize("goes_on", ["this process", "the next one"])
async def test_of_a_long_answer_that_is_there_in_part_the_rest_is_added(
    somewhere: Desk, lost_at: int, goes_on: str
) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello", visibility="direct")
    await somewhere.store.keep(last_name(HOST, ada.id), asked.id)
    delivery = somewhere.direct(ada, LONG)
    somewhere.mastodon.faults.lose_every = lost_at + 1
    with pytest.raises(OutcomeUnknown):
        await somewhere.adapter.send(delivery)
    somewhere.mastodon.faults.clear()
    assert len(somewhere.mastodon.posts()) == lost_at + 1
    if goes_on == "this process":
        found = await looked_for(somewhere, delivery)
    else:
        async with desk_of(somewhere.mastodon, store=somewhere.store, ticks=hastened) as next_process:
            found = await looked_for(next_process, delivery)
    posts = somewhere.mastodon.posts()
    assert found == posts[0].id
    assert [one.reply_to for one in posts] == [asked.id, *(one.id for one in posts[:-1])]
    assert [one.text.rpartition("\n")[2] for one in posts] == [f"({n}/{len(posts)})" for n in range(1, len(posts) + 1)]
    assert await somewhere.adapter.find_posted(delivery) == found and len(somewhere.mastodon.posts()) == len(posts)


async def test_a_public_reply_in_parts_is_added_to_by_the_next_process(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello")
    delivery = somewhere.reply(asked, "ada@elsewhere.example", LONG)
    somewhere.mastodon.faults.lose_every = 2
    with pytest.raises(OutcomeUnknown):
        await somewhere.adapter.send(delivery)
    somewhere.mastodon.faults.clear()
    async with desk_of(somewhere.mastodon, ticks=hastened) as next_process:
        found = await looked_for(next_process, delivery)
    posts = somewhere.mastodon.posts()
    assert found == posts[0].id and len(posts) == len({one.text for one in posts})
    assert posts[-1].text.endswith(f"({len(posts)}/{len(posts)})")


async def test_what_was_refused_after_the_first_part_is_looked_for(desk: Desk) -> None:
    """Else the first part would be posted again."""
    ada = desk.mastodon.person("ada")
    delivery = desk.direct(ada, LONG)
    desk.mastodon.faults.limit_every, desk.mastodon.faults.limit_methods = 2, (POST,)
    desk.mastodon.faults.retry_after = 60
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(delivery)
    desk.mastodon.faults.clear()
    assert len(desk.mastodon.posts()) == 1


async def test_the_rest_of_a_long_answer_waits_for_a_server_that_takes_few_calls(desk: Desk) -> None:
    desk.mastodon.faults.limit_every, desk.mastodon.faults.limit_methods = 2, (POST,)
    first = await desk.adapter.send(desk.direct(desk.mastodon.person("ada"), LONG))
    posts = desk.mastodon.posts()
    assert [one.reply_to for one in posts] == [None, *(one.id for one in posts[:-1])]
    assert (posts[0].id, len(posts)) == (first, 3)


async def test_what_was_refused_is_not_looked_for_unless_another_process_has_tried_meanwhile(desk: Desk) -> None:
    looks = ("GET /api/v1/accounts/{id}/statuses", "GET /api/v1/statuses/{id}/context")
    for number, later in enumerate((1, 2)):
        delivery = replace(desk.direct(desk.mastodon.person(f"ada{number}"), LONG), attempt=1)
        desk.mastodon.faults.limit_every, desk.mastodon.faults.limit_methods = 2, (POST,)
        desk.mastodon.faults.retry_after = 60
        with pytest.raises(OutcomeUnknown):
            await desk.adapter.send(delivery)
        desk.mastodon.faults.clear()
        desk.adapter.server.api._pacing._held.clear()
        before = [len(desk.mastodon.called(look)) for look in looks]
        assert await looked_for(desk, replace(delivery, attempt=1 + later))
        looked = [len(desk.mastodon.called(look)) for look in looks] != before
        assert looked is (later > 1)
    texts = [(one.text, one.to) for one in desk.mastodon.posts()]
    assert len(texts) == len(set(texts)) > 2


@pytest.mark.parametrize("fault", ["lose", "cut", "limit and break"])
async def test_whatever_befalls_the_calls_each_part_stands_once(somewhere: Desk, fault: str) -> None:
    mastodon = somewhere.mastodon
    ada, bob = mastodon.person("ada@elsewhere.example"), mastodon.person("bob")
    asked = await ada.says("@guichet hello")
    deliveries = [
        somewhere.direct(bob, "Thank you."),
        somewhere.direct(ada, LONG),
        somewhere.reply(asked, "ada@elsewhere.example", LONG.replace("word", "public")),
        somewhere.direct(bob, "Thank you."),
        somewhere.direct(bob, "Good bye, and thank you."),
    ]
    faults = mastodon.faults
    if fault == "lose":
        faults.lose_every = 3
    elif fault == "limit and break":
        faults.limit_every, faults.limit_methods, faults.break_every = 3, (POST,), 11
    else:
        faults.cut(POST, times=3)
    ticks = Ticks()
    async with desk_of(mastodon, store=somewhere.store, ticks=ticks) as desk:
        for delivery in deliveries:
            ticks.now += 3_600
            await settled(desk, delivery)
    posts = [one.text for one in mastodon.posts()]
    assert sorted(one for one in posts if one == "@bob Thank you.") == ["@bob Thank you."] * 2
    assert len([one for one in posts if "Good bye" in one]) == 1
    for kind in ("word", "public"):
        parts = [one for one in posts if f"{kind}" in one and "@ada" in one]
        assert [one.rpartition("\n")[2] for one in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]


async def test_a_server_whose_clock_is_behind_is_no_obstacle(somewhere: Desk) -> None:
    somewhere.mastodon.faults.skew = -600
    ada = somewhere.mastodon.person("ada")
    delivery = somewhere.direct(ada, "I arrived.")
    somewhere.mastodon.faults.lose_answer(POST)
    with pytest.raises(OutcomeUnknown):
        await somewhere.adapter.send(delivery)
    assert await somewhere.adapter.find_posted(delivery) == somewhere.mastodon.posts()[0].id


async def test_while_nothing_can_be_read_nothing_is_said_to_be_missing(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    delivery = desk.direct(ada, "I arrived.")
    desk.mastodon.faults.lose_answer(POST)
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(delivery)
    desk.mastodon.faults.rate_limit("GET /api/v1/accounts/{id}/statuses", retry_after=60)
    with pytest.raises(RateLimited):
        await desk.adapter.find_posted(delivery)


async def test_an_edit_is_made_again(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    first = await desk.adapter.send(desk.direct(ada, "T1 is waiting."))
    assert await desk.adapter.find_posted(desk.direct(ada, "T1 is taken.", replaces=first)) is None


async def test_a_post_is_found_only_where_the_thread_shows_it(desk: Desk) -> None:
    """Some servers leave direct messages out of one's own list."""
    mastodon = desk.mastodon
    mastodon.quirks.without.add("GET /api/v1/accounts/{id}/statuses")
    ada = mastodon.person("ada")
    asked = await ada.says("@guichet hello", visibility="direct")
    await desk.store.keep(last_name(HOST, ada.id), asked.id)
    delivery = desk.direct(ada, "I arrived.")
    mastodon.faults.lose_answer(POST)
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(delivery)
    assert await desk.adapter.find_posted(delivery) == mastodon.posts()[0].id


@pytest.mark.parametrize("has_conversations", [True, False])
async def test_a_direct_message_that_begins_a_thread_is_found_among_conversations(has_conversations: bool) -> None:
    quirks = Quirks(lists_direct=False, idempotency=False, trailing_slash=False)
    if not has_conversations:  # once, where it can be read
        quirks.without.add("/api/v1/conversations")
    async with FakeMastodon(quirks=quirks).running() as server, desk_of(server, ticks=hastened) as desk:
        ada, bob = server.person("ada@elsewhere.example"), server.person("bob")
        await desk.adapter.send(desk.direct(bob, "I arrived."))
        for fails in (server.faults.cut, server.faults.lose_answer):
            delivery = desk.direct(ada, "I arrived.")
            fails(POST)
            with pytest.raises(OutcomeUnknown):
                await desk.adapter.send(delivery)
            posts = [one.id for one in server.posts() if one.to == ("ada@elsewhere.example",)]
            found = await looked_for(desk, delivery)
            assert found == (posts[0] if posts and has_conversations else None)


def test_words_are_the_same_however_a_server_writes_them() -> None:
    assert as_read("Hello,  ada\n\n@ada@x.example") == as_read("Hello, ada @ada") == as_read("\u200bHello,\nada@ada")
    assert as_read("It’s over.") != as_read("It’s not over.")


class Ticks:
    """A clock by which calls are paced, that need not pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 30.0
        return self.now


@pytest.mark.parametrize("handle", ["ada", "ada@elsewhere.example"])
async def test_it_is_found_where_a_mention_is_a_link_like_any_other(handle: str) -> None:
    async with (
        FakeMastodon(quirks=Quirks(html="bare", idempotency=False)).running() as server,
        desk_of(server, ticks=hastened) as desk,
    ):
        ada = server.person(handle)
        asked = await ada.says("@guichet hello")
        for delivery in (desk.reply(asked, handle, "See https://kb.example/1."), desk.direct(ada, "@bob is here.")):
            server.faults.lose_answer(POST)
            await settled(desk, delivery)
        assert len(server.posts()) == 2


async def test_what_a_server_shows_only_later_is_waited_for(desk: Desk) -> None:
    """Else it would be posted again, on one that does not know the key of what comes twice."""
    ada = desk.mastodon.person("ada@elsewhere.example")
    delivery = desk.direct(ada, "In a moment.")
    with pytest.raises(RateLimited) as told:
        await desk.adapter.find_posted(delivery)
    assert 0 < told.value.retry_after <= 5
    desk.mastodon.faults.lose_answer(POST)
    async with desk_of(desk.mastodon, ticks=hastened) as slow:
        with pytest.raises(OutcomeUnknown):
            await slow.adapter.send(delivery)
    assert await looked_for(desk, delivery) == desk.mastodon.posts()[0].id
