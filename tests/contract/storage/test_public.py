"""Posts that were heard in public, who wants no word, and how far a platform was read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.errors import StorageError
from bot.model.ids import new_id
from bot.model.messages import MessageKey
from bot.model.people import Person, PersonIdentity
from bot.model.public import OptOut, PublicPost, narrowest
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE, Everything, said

HERE = ("mastodon", "acme.example")


def another(post: PublicPost, native_id: str, **more: object) -> PublicPost:
    fresh = {"id": new_id(), "native_id": native_id, "token": f"t-{native_id}", "number": None, "reply_id": None}
    return replace(post, **(fresh | more))  # type: ignore[arg-type]


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(StorageError):
        yield


async def test_a_post_comes_back_as_it_was_however_it_is_found(storage: Storage, everything: Everything) -> None:
    post, public = everything.post, storage.unit_of_work().public
    assert await public.get(post.id) == post
    assert await public.by_native_id(*HERE, "110") == post
    assert await public.by_number(4) == post
    assert await public.by_token("t0ken") == post
    assert await public.by_reply(everything.message.id) == post
    assert await public.of_thread(*HERE, "109") == [post]
    assert await public.of_ticket(everything.ticket.id) == [post]
    assert await public.held() == [post]
    assert post.reference == "P4"
    assert (post.target.post, post.target.handle, post.target.reach) == ("110", "ada@acme.example", "unlisted")


async def test_what_is_not_there_is_none(storage: Storage, everything: Everything) -> None:
    public = storage.unit_of_work().public
    assert await public.get(new_id()) is None
    assert await public.by_native_id("mastodon", "elsewhere.example", "110") is None
    assert await public.by_number(0) is None
    assert await public.by_number(2**40) is None
    assert await public.by_token("") is None
    assert await public.of_thread(*HERE, "110") == []
    assert await public.opt_out(*HERE, "U8") is None


async def test_posts_of_a_person_and_a_thread_come_in_the_order_in_which_they_were_written(
    storage: Storage, everything: Everything
) -> None:
    late = another(everything.post, "99", sent_at=AT + MINUTE)
    early = another(everything.post, "111", sent_at=AT - MINUTE)
    async with storage.unit_of_work() as work:
        work.public.add(late)
        work.public.add(early)
        await work.commit()
    public = storage.unit_of_work().public
    assert await public.of_thread(*HERE, "109") == [early, everything.post, late], "not in the order of their ids"
    assert await public.of_person(everything.person.id, AT) == [everything.post, late]


async def test_replies_nobody_asked_for_are_counted_from_a_moment_on(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        work.public.add(another(everything.post, "1", found_by="mention"))
        work.public.add(another(everything.post, "2", replied_at=None))
        work.public.add(another(everything.post, "3", account="elsewhere.example"))
        work.public.add(another(everything.post, "4", replied_at=AT))
        await work.commit()
    public = storage.unit_of_work().public
    assert await public.replied_since(*HERE, AT + MINUTE) == 1
    assert await public.replied_since(*HERE, AT) == 2


async def test_only_what_waits_is_held_the_longest_waiting_first(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        work.public.add(another(everything.post, "1", number=2))
        work.public.add(another(everything.post, "2", number=1, state="left"))
        await work.commit()
    assert [one.number for one in await storage.unit_of_work().public.held()] == [2, 4]


async def test_of_what_waits_nobody_was_reminded_of_the_longest_waiting_comes_first(
    storage: Storage, everything: Everything
) -> None:
    fresh = {"reminded_at": None, "held_at": AT}
    async with storage.unit_of_work() as work:
        work.public.add(another(everything.post, "1", number=7, **fresh | {"held_at": AT - MINUTE}))
        work.public.add(another(everything.post, "2", number=6, **fresh))
        work.public.add(another(everything.post, "3", number=5, **fresh | {"state": "left"}))
        work.public.add(another(everything.post, "5", number=8, **fresh | {"held_at": AT + MINUTE}))
        await work.commit()
    public = storage.unit_of_work().public
    assert [one.number for one in await public.unreminded(AT)] == [7, 6]
    assert [one.number for one in await public.unreminded(AT, 1)] == [7]


async def test_what_became_of_a_reply_is_found_until_it_is_noted(storage: Storage, everything: Everything) -> None:
    ways = {"1": "approved", "2": "approved", "3": "answered", "4": "answered", "5": "approved"}
    replies = {name: new_id() for name in ways}
    async with storage.unit_of_work() as work:
        for name, state in ways.items():
            work.public.add(another(everything.post, name, state=state, reply_id=replies[name]))
            where = replace(everything.conversation.ref, thread=name)
            work.outbox.add(replace(everything.delivery, id=new_id(), conversation=where, key=name, coalesce=None,
                                    edits=None, reaction=None, confirms=None, public=None, available_at=None,
                                    message_id=replies[name]))  # fmt: skip
        await work.commit()
    account = (everything.conversation.ref.platform, everything.conversation.ref.account)
    for one in await storage.outbox.claim("me", MINUTE, [account]):
        if one.key in ("1", "3"):
            await storage.outbox.sent(one, f"x{one.key}", AT)
        elif one.key in ("2", "4"):
            await storage.outbox.failed(one, "DeliveryRefused")
    found = await storage.unit_of_work().public.delivered()
    # What goes out by itself is noted as answered from the beginning.
    assert sorted((post.native_id, id) for post, id in found) == [("1", "x1"), ("2", None), ("4", None)]
    assert len(await storage.unit_of_work().public.delivered(1)) >= 1


async def test_a_post_is_kept_once(storage: Storage, everything: Everything) -> None:
    with refused():
        async with storage.unit_of_work() as work:
            work.public.add(another(everything.post, "110"))
            await work.commit()


async def test_numbers_of_posts_are_given_once(storage: Storage) -> None:
    public = storage.unit_of_work().public
    assert [await public.next_number() for _ in range(3)] == [1, 2, 3]


async def test_who_wants_no_word_is_known_until_they_want_one(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        assert await work.public.opt_out(*HERE, "U7") == everything.opt_out
        work.public.remove(everything.opt_out)
        await work.commit()
    assert await storage.unit_of_work().public.opt_out(*HERE, "U7") is None
    with refused():
        async with storage.unit_of_work() as work:
            for _ in range(2):
                work.public.add(OptOut(*HERE, "U9", AT))
            await work.commit()


@pytest.mark.parametrize(
    ("handle", "changes", "is_left_alone"),
    [
        ("ada@elsewhere.example", {}, True),
        ("ADA@Elsewhere.example", {}, True),
        ("ada@elsewhere.example", {"handle": "Ada@elsewhere.example"}, True),
        ("grace@elsewhere.example", {}, False),
        ("ada@elsewhere.example", {"account": "other.example"}, False),
        ("ada@elsewhere.example", {"person": "another"}, False),
    ],
)
async def test_who_said_stop_is_known_by_the_handle_of_their_posts(
    storage: Storage, everything: Everything, handle: str, changes: dict[str, str], is_left_alone: bool
) -> None:
    author = Person("Lovelace")
    other = Person("Grace")
    post = another(everything.post, "7", handle="ada@elsewhere.example", person_id=author.id)
    post = replace(post, **{name: value for name, value in changes.items() if name != "person"})  # type: ignore[arg-type]
    async with storage.unit_of_work() as work:
        for person in (author, other):
            work.people.add(person)
        stopped = other if "person" in changes else author
        work.people.add(PersonIdentity(stopped.id, *HERE, "U77"))
        work.public.add(OptOut(*HERE, "U77", AT))
        work.public.add(post)
        await work.commit()
    assert await storage.unit_of_work().public.left_alone(*HERE, handle) is is_left_alone
    assert not await storage.unit_of_work().public.left_alone("mastodon", "other.example", handle)


async def test_how_far_was_read_is_written_down_with_what_was_read(storage: Storage) -> None:
    assert await storage.inbox.receive(said("one", "1"), reached={"read/home": "1"}) == 1
    assert await storage.inbox.receive(said("one", "1"), reached={"read/home": "2", "read/tag": "7"}) == 0
    assert await storage.inbox.receive(reached={"read/home": "3"}) == 0
    cursors = await storage.unit_of_work().cursors.starting_with("read/")
    assert [(one.name, one.value) for one in cursors] == [("read/home", "3"), ("read/tag", "7")]
    async with storage.unit_of_work() as work:
        home = await work.cursors.get("read/home")
        assert home
        work.cursors.save(replace(home, value="4"))
        await work.commit()
    assert await storage.inbox.progress(MessageKey("slack", "T1", "message", "1")) is not None


def test_of_several_reaches_the_narrowest_is_one_of_them() -> None:
    assert narrowest("unlisted", "public") == "unlisted"
    assert narrowest("private", "unlisted", "direct") == "direct"
