"""The outbox: in order, by one process at a time, and honest about what is not known."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.conversations import Conversation, Message
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import OutboxState
from bot.ports.storage import Storage
from storage.store import open_storage
from tests.contract.storage.makers import AT, Everything, delivery, document, room, said

LEASE = timedelta(minutes=1)
EXPIRED = timedelta(seconds=-1)
HERE = [("slack", "T1")]


def now() -> datetime:
    return datetime.now(UTC)


async def add(storage: Storage, *deliveries: Delivery) -> None:
    async with storage.unit_of_work() as work:
        for one in deliveries:
            work.outbox.add(one)
        await work.commit()


async def claim(storage: Storage, owner: str = "me", lease: timedelta = LEASE, limit: int = 10) -> list[Delivery]:
    return await storage.outbox.claim(owner, lease, HERE, limit)


def keys(deliveries: list[Delivery]) -> list[str]:
    return [one.key for one in deliveries]


async def state_of(storage: Storage, one: Delivery) -> OutboxState:
    found = await storage.outbox.state(one.id)
    assert found is not None
    return found.state


async def test_a_delivery_comes_back_as_it_was_marked_as_being_sent(storage: Storage) -> None:
    one = replace(Everything().delivery, message_id=None)
    await add(storage, one)
    [taken] = await claim(storage)
    assert taken == replace(one, state=OutboxState.SENDING, attempt=1, number=taken.number)
    assert taken.number > 0
    assert await storage.outbox.state(one.id) == taken
    assert await storage.outbox.state(Everything().delivery.id) is None


async def test_a_key_that_exists_is_left_as_it_is(storage: Storage) -> None:
    first = delivery("k", text="first")
    await add(storage, first)
    await add(storage, delivery("k", text="second"), delivery("k2"))
    [taken] = await claim(storage)
    assert taken.document == document("first")
    await storage.outbox.sent(taken, "x1", now())
    await add(storage, delivery("k", text="third"))
    assert keys(await claim(storage)) == ["k2"]


async def test_order_is_kept_in_each_conversation(storage: Storage) -> None:
    await add(storage, delivery("a1"), delivery("b1", room("C2")), delivery("a2"), delivery("a3"))
    first = await claim(storage)
    assert keys(first) == ["a1", "b1"]
    assert await claim(storage, "other") == []
    await storage.outbox.sent(first[0], "x", now())
    [second] = await claim(storage)
    assert second.key == "a2"
    await storage.outbox.failed(second, "DeliveryRefused")
    assert keys(await claim(storage)) == ["a3"]


async def test_what_waits_for_its_time_holds_up_what_comes_after(storage: Storage) -> None:
    await add(storage, delivery("later", available_at=now() + timedelta(hours=1)), delivery("after"))
    await add(storage, delivery("due", room("C2"), available_at=now() - timedelta(seconds=5)))
    assert keys(await claim(storage)) == ["due"]


async def test_only_the_given_accounts_are_served(storage: Storage) -> None:
    discord = ConversationRef("discord", "G1", "R1")
    await add(storage, delivery("s1"), delivery("s2", room(account="T2")), delivery("d1", discord))
    assert await storage.outbox.claim("me", LEASE, []) == []
    assert keys(await storage.outbox.claim("me", LEASE, [("discord", "G1"), ("slack", "T2")])) == ["s2", "d1"]
    assert keys(await storage.outbox.claim("me", LEASE, [("slack", "T1"), ("slack", "G1")])) == ["s1"]


async def test_what_was_sent_is_noted_on_the_message_and_not_heard_as_news(storage: Storage) -> None:
    conversation = Conversation(room())
    message = Message(conversation.id, "bot", "Hello", AT)
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        work.conversations.add(message)
        work.outbox.add(delivery("k", message_id=message.id))
        await work.commit()
        [taken] = await claim(storage)
        await storage.outbox.sent(taken, "17.9", now())
        assert await work.conversations.message(message.id) == replace(message, native_id="17.9", version=1)
    assert await storage.inbox.receive(said("Hello", "17.9")) == 0
    assert await storage.inbox.claim("me", LEASE, limit=5) == []
    assert await storage.inbox.dead() == []
    assert await state_of(storage, taken) is OutboxState.SENT


async def test_what_is_perhaps_posted_is_known(storage: Storage) -> None:
    conversation = Conversation(room())
    said = [Message(conversation.id, "bot", f"Hello {number}", AT + timedelta(seconds=number)) for number in range(2)]
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        for number, message in enumerate(said):
            work.conversations.add(message)
            work.outbox.add(delivery(f"k{number}", message_id=message.id))
        await work.commit()

        async def perhaps() -> list[str]:
            return [one.text for one in await work.conversations.perhaps_posted(conversation.id)]

        assert await perhaps() == []
        [taken] = await claim(storage)
        assert await perhaps() == ["Hello 0"]
        await storage.outbox.unknown(taken, now() - timedelta(seconds=5), "OutcomeUnknown")
        assert await perhaps() == ["Hello 0"]
        [again] = await claim(storage)
        await storage.outbox.sent(again, "17.9", now())
        assert await perhaps() == []
        [second] = await claim(storage)
        await storage.outbox.failed(second, "DeliveryRefused")
        assert await perhaps() == []


async def test_sent_is_believed_once_and_the_first_id_stays(storage: Storage) -> None:
    await add(storage, delivery("k"))
    [taken] = await claim(storage)
    await storage.outbox.sent(taken, "x1", now())
    await storage.outbox.sent(taken, "x2", now())
    assert await storage.inbox.receive(said("a", "x1"), said("b", "x2")) == 1


async def test_what_was_not_posted_is_tried_again_in_its_place(storage: Storage) -> None:
    await add(storage, delivery("a1"), delivery("a2"))
    [taken] = await claim(storage)
    await storage.outbox.postpone(taken, now() + timedelta(hours=1), "RateLimited")
    assert await claim(storage) == []
    await add(storage, delivery("b1", room("C2")))
    [other] = await claim(storage)
    await storage.outbox.postpone(other, now() - timedelta(seconds=5), "PlatformUnavailable")
    [again] = await claim(storage)
    assert again == replace(other, attempt=2, available_at=again.available_at)


async def test_an_unknown_outcome_is_looked_into_by_one_and_holds_up_the_rest(storage: Storage) -> None:
    await add(storage, delivery("a1"), delivery("a2"))
    [taken] = await claim(storage)
    await storage.outbox.unknown(taken, now() + timedelta(hours=1), "OutcomeUnknown")
    assert await claim(storage) == []
    assert await state_of(storage, taken) is OutboxState.UNKNOWN

    await add(storage, delivery("b1", room("C2")), delivery("b2", room("C2")))
    [other] = await claim(storage)
    await storage.outbox.unknown(other, now() - timedelta(seconds=5), "OutcomeUnknown")
    [looked] = await claim(storage)
    assert (looked.key, looked.state, looked.repeated, looked.attempt) == ("b1", OutboxState.UNKNOWN, True, 2)
    assert await claim(storage, "other") == []
    await storage.outbox.sent(looked, "x", now())
    assert keys(await claim(storage)) == ["b2"]


async def test_who_looked_into_it_and_died_is_relieved(storage: Storage) -> None:
    await add(storage, delivery("a1"))
    [taken] = await claim(storage)
    await storage.outbox.unknown(taken, now() - timedelta(seconds=5), "OutcomeUnknown")
    [gone] = await claim(storage, lease=EXPIRED)
    [looked] = await claim(storage, "other")
    assert looked.attempt == gone.attempt + 1
    await storage.outbox.postpone(gone, now(), "late")
    assert await state_of(storage, looked) is OutboxState.UNKNOWN
    await storage.outbox.postpone(replace(looked, repeated=False), now() - timedelta(seconds=5), "surely not")
    [again] = await claim(storage)
    assert (again.state, again.repeated) == (OutboxState.SENDING, False)


async def test_deliveries_whose_sender_died_become_unknown(storage: Storage) -> None:
    await add(storage, delivery("a1"), delivery("b1", room("C2")))
    [gone] = await claim(storage, lease=EXPIRED, limit=1)
    [held] = await claim(storage, limit=1)
    assert await storage.outbox.expire() == 1
    assert await storage.outbox.expire() == 0
    [looked] = await claim(storage)
    assert (looked.id, looked.state, looked.repeated) == (gone.id, OutboxState.UNKNOWN, True)
    assert await storage.outbox.expire([("discord", "G1"), ("slack", "T2")]) == 0
    assert await storage.outbox.expire(HERE) == 1
    assert [one.state for one in await claim(storage)] == [OutboxState.UNKNOWN] * 2
    assert held.id != gone.id


@pytest.mark.parametrize("late", ["postpone", "unknown", "failed"])
async def test_a_late_word_of_a_former_holder_changes_nothing(storage: Storage, late: str) -> None:
    await add(storage, delivery("a1"))
    [gone] = await claim(storage, lease=EXPIRED)
    await storage.outbox.expire()
    [looked] = await claim(storage, "other")
    if late == "failed":
        await storage.outbox.failed(gone, "late")
    else:
        await getattr(storage.outbox, late)(gone, now(), "late")
    assert await storage.outbox.state(looked.id) == looked
    assert await claim(storage) == []


async def test_a_late_word_that_it_was_posted_is_believed(storage: Storage) -> None:
    await add(storage, delivery("a1"))
    [gone] = await claim(storage, lease=EXPIRED)
    await storage.outbox.expire()
    await storage.outbox.sent(gone, "x1", now())
    assert await state_of(storage, gone) is OutboxState.SENT
    assert await claim(storage) == []


async def test_edits_of_one_card_become_one_in_the_place_of_the_first(storage: Storage) -> None:
    await add(storage, delivery("c1", text="1", coalesce="card"), delivery("other"))
    await add(storage, delivery("c2", text="2", coalesce="card"))
    await add(storage, delivery("c3", text="3", coalesce="card"), delivery("c3", text="again", coalesce="card"))
    await add(storage, delivery("d1", room("C2"), text="d", coalesce="card"))
    first, elsewhere = await claim(storage)
    assert (first.key, first.document, elsewhere.key) == ("c1", document("3"), "d1")
    await storage.outbox.sent(first, "x", now())
    await add(storage, delivery("c2", text="handled twice", coalesce="card"))
    [other] = await claim(storage)
    assert other.key == "other"
    await storage.outbox.sent(other, "y", now())
    assert await claim(storage) == []
    await add(storage, delivery("c4", text="4", coalesce="card"))
    [after] = await claim(storage)
    assert after.document == document("4")


async def test_an_edit_does_not_change_what_is_being_sent(storage: Storage) -> None:
    await add(storage, delivery("c1", text="1", coalesce="card"))
    [taken] = await claim(storage)
    await add(storage, delivery("c2", text="2", coalesce="card"))
    found = await storage.outbox.state(taken.id)
    assert found is not None and found.document == document("1")
    await storage.outbox.sent(taken, "x", now())
    [edit] = await claim(storage)
    assert edit.document == document("2")


async def test_withdrawing_takes_back_what_is_pending(storage: Storage) -> None:
    message, other = Everything().message.id, Everything().message.id
    await add(storage, delivery("a1", message_id=message), delivery("a2", message_id=message))
    await add(storage, delivery("a3", message_id=other))
    [taken] = await claim(storage)
    async with storage.unit_of_work() as work:
        work.outbox.withdraw(message)
        await work.commit()
    counts = (await storage.counts()).outbox
    assert (counts["sending"], counts["withdrawn"], counts["pending"]) == (1, 1, 1)
    await storage.outbox.sent(taken, "x", now())
    assert keys(await claim(storage)) == ["a3"]


async def test_a_unit_applies_its_deliveries_in_order(storage: Storage) -> None:
    message = Everything().message.id
    async with storage.unit_of_work() as work:
        work.outbox.add(delivery("a1", message_id=message))
        work.outbox.withdraw(message)
        work.outbox.add(delivery("a2", message_id=message))
        await work.commit()
    assert keys(await claim(storage)) == ["a2"]


async def test_a_conversation_can_be_read_on_from_a_number(storage: Storage) -> None:
    await add(storage, delivery("a1"), delivery("b1", room("C2")), delivery("a2"), delivery("a3"))
    everything = await storage.outbox.of_conversation(room())
    assert keys(everything) == ["a1", "a2", "a3"]
    assert keys(await storage.outbox.of_conversation(room(), after=everything[1].number)) == ["a3"]
    assert await storage.outbox.of_conversation(room(thread="t")) == []


async def test_two_processes_share_one_outbox_without_sending_twice(storage: Storage, database_url: str) -> None:
    await add(storage, *(delivery(f"{n}", room(f"C{n % 5}")) for n in range(60)))
    other = await open_storage(database_url)
    sent: list[Delivery] = []

    async def deliver(which: Storage, owner: str) -> None:
        idle = 0
        while idle < 20:
            taken = await claim(which, owner, limit=3)
            idle = 0 if taken else idle + 1
            for one in taken:
                sent.append(one)
                await which.outbox.sent(one, f"x{one.key}", now())

    try:
        await asyncio.gather(*(deliver(one, f"o{n}") for n, one in enumerate((storage, other) * 2)))
    finally:
        await other.close()
    assert len({one.id for one in sent}) == len(sent) == 60
    for number in range(5):
        ours = [one.number for one in sent if one.conversation == room(f"C{number}")]
        assert ours == sorted(ours)


async def test_a_reader_who_follows_the_numbers_misses_nothing(storage: Storage, database_url: str) -> None:
    """Rows of one conversation become visible in the order of their numbers, whoever adds them."""
    other = await open_storage(database_url)
    seen: list[Delivery] = []

    async def write(which: Storage, name: str) -> None:
        for number in range(15):
            await add(which, delivery(f"{name}{number}"), delivery(f"{name}-{number}", room(f"C-{name}")))

    async def follow() -> None:
        while len(seen) < 30:
            seen.extend(await storage.outbox.of_conversation(room(), after=seen[-1].number if seen else 0))

    try:
        async with asyncio.timeout(30):
            await asyncio.gather(write(storage, "a"), write(other, "b"), follow())
    finally:
        await other.close()
    assert len({one.key for one in seen}) == len(seen) == 30
