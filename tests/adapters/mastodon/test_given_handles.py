"""Direct messages to somebody of whom the desk has nothing but a handle, which nobody vouches for."""

from dataclasses import replace

import pytest

from bot.errors import DeliveryRefused, OutcomeUnknown
from tests.adapters.mastodon.writing import PRESETS, Desk, desk_of, hastened, looked_for
from tests.fakes.mastodon import FakeMastodon

POST = "POST /api/v1/statuses"
LOOKUP, SEARCH = "/api/v1/accounts/lookup", "/api/v1/accounts/search"
BOB = "@bob@elsewhere.example"


async def test_it_is_read_by_whose_handle_it_is_and_nobody_else(somewhere: Desk) -> None:
    mastodon = somewhere.mastodon
    bob, ada = mastodon.person("bob@elsewhere.example"), mastodon.person("ada")
    for said in ("An answer waits, @ada: https://desk.example.org/d/x", "Another one waits."):
        await somewhere.adapter.send(somewhere.to_handle("@Bob@elsewhere.example", said))
    posts = mastodon.posts()
    assert {(one.visibility, one.to, one.reply_to) for one in posts} == {("direct", ("bob@elsewhere.example",), None)}
    assert posts[0].text.replace("\u200b", "").endswith("An answer waits, @ada: https://desk.example.org/d/x")
    assert bob.sees(posts[0]) and not ada.sees(posts[0]) and ada.told() == []
    assert "elsewhere" not in str(somewhere.store.names), "an address that anybody may have given is kept nowhere"


async def test_somebody_of_the_same_server_is_called_by_their_name(somewhere: Desk) -> None:
    bob = somewhere.mastodon.person("bob")
    await somewhere.adapter.send(somewhere.to_handle(somewhere.full("@bob"), "An answer waits."))
    (post,) = somewhere.mastodon.posts()
    assert (post.text, post.to) == ("@bob An answer waits.", ("bob",)) and bob.sees(post)


@pytest.mark.parametrize("handle", ["@nobody@elsewhere.example", "@bob@far.example"])
async def test_where_nobody_has_the_handle_nothing_stands(somewhere: Desk, handle: str) -> None:
    somewhere.mastodon.person("bob")
    somewhere.mastodon.person("bob@elsewhere.example")
    with pytest.raises(DeliveryRefused, match="nobody has the handle") as refused:
        await somewhere.adapter.send(somewhere.to_handle(handle, "An answer waits."))
    assert somewhere.mastodon.posts() == [] and handle.strip("@") not in str(refused.value)


@pytest.mark.parametrize("handle", ["@nobody", "@a b@elsewhere.example", "@", "@@x", "@bob@elsewhere.example @ada"])
async def test_what_is_no_handle_is_not_written_to(desk: Desk, handle: str) -> None:
    delivery = desk.to_handle(BOB, "An answer waits.")
    with pytest.raises(DeliveryRefused):
        await desk.adapter.send(replace(delivery, conversation=replace(delivery.conversation, room=handle)))
    assert desk.mastodon.posts() == []


@pytest.mark.parametrize("lacks", [(), (LOOKUP,), (LOOKUP, SEARCH)])
async def test_the_account_does_not_write_to_itself(somewhere: Desk, lacks: tuple[str, ...]) -> None:
    somewhere.mastodon.quirks.without |= set(lacks)
    for handle in (somewhere.full("@guichet"), somewhere.full("@Guichet").upper()):
        with pytest.raises(DeliveryRefused, match="itself"):
            await somewhere.adapter.send(somewhere.to_handle(handle, "An answer waits."))
    assert somewhere.mastodon.posts() == [] and not somewhere.mastodon.called(POST)


@pytest.mark.parametrize("kind", PRESETS)
@pytest.mark.parametrize("lacks", [(), (LOOKUP,)])
async def test_who_said_stop_is_known_by_their_id_under_whatever_handle(kind: str, lacks: tuple[str, ...]) -> None:
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        bob, ada = mastodon.person("bob@elsewhere.example"), mastodon.person("ada@elsewhere.example")
        bob.becomes(username="robert")
        mastodon.quirks.without |= set(lacks)

        async def left_alone(id: str) -> bool:
            return id == bob.id

        async with desk_of(mastodon, left_alone=left_alone) as desk:
            delivery = desk.to_handle("@Robert@elsewhere.example", "An answer waits.")
            with pytest.raises(DeliveryRefused, match="wants no word"):
                await desk.adapter.send(delivery)
            assert not mastodon.called(POST)
            await desk.adapter.send(desk.to_handle("@ada@elsewhere.example", "An answer waits."))
            assert [one.to for one in mastodon.posts()] == [(ada.acct,)]


async def test_whom_the_server_has_not_met_is_written_to_all_the_same(somewhere: Desk) -> None:
    """It finds them when it posts."""
    somewhere.mastodon.quirks.without |= {LOOKUP, SEARCH}
    bob = somewhere.mastodon.person("bob@elsewhere.example")
    await somewhere.adapter.send(somewhere.to_handle(BOB, "An answer waits."))
    assert [one.to for one in somewhere.mastodon.posts()] == [(bob.acct,)]


@pytest.mark.parametrize("kind", PRESETS)
@pytest.mark.parametrize("tells", [True, False])
async def test_a_lost_answer_is_told_from_a_lost_call(kind: str, tells: bool) -> None:
    """By this process and by the next one, also where posts do not say whom they mention."""
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        mastodon.quirks.missing |= set() if tells else {"mentions"}
        mastodon.person("bob"), mastodon.person("bob@elsewhere.example")
        async with desk_of(mastodon, ticks=hastened) as desk, desk_of(mastodon, ticks=hastened) as next_process:
            first = await desk.adapter.send(desk.to_handle(BOB, "One waits: https://desk.example.org/d/0"))
            for number, process in enumerate((desk, next_process), start=1):
                there = desk.to_handle(BOB, f"One waits: https://desk.example.org/d/{number}")
                not_there = desk.to_handle(BOB, f"One waits: https://desk.example.org/d/{number + 10}")
                mastodon.faults.lose_answer(POST)
                with pytest.raises(OutcomeUnknown):
                    await desk.adapter.send(there)
                mastodon.faults.cut(POST)
                with pytest.raises(OutcomeUnknown):
                    await desk.adapter.send(not_there)
                posted = mastodon.posts()[-1]
                assert await looked_for(process, there) == posted.id != first
                assert await looked_for(process, not_there) is None
            assert len(mastodon.posts()) == 3
