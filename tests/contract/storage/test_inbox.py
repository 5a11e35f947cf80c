"""The inbox: each message once, each conversation in order, each row in one pair of hands."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.errors import LeaseLost
from bot.model.ledger import InboxRow, Progress
from bot.model.messages import IncomingClick, IncomingDeletion, IncomingMessage, MessageKey
from bot.model.values import InboxState
from bot.ports.storage import Storage
from storage.store import SqlStorage, open_storage
from tests.contract.storage.makers import ADA, AT, Everything, delivery, room, said

LEASE = timedelta(minutes=1)
EXPIRED = timedelta(seconds=-1)


def texts(rows: list[InboxRow]) -> list[str]:
    return [getattr(row.event, "text", row.event.type) for row in rows]


async def finish(storage: Storage, row: InboxRow) -> None:
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        await work.commit()


async def test_events_come_back_as_they_were_received(storage: Storage) -> None:
    click = IncomingClick(MessageKey("slack", "T1", "click", "1"), room("a"), ADA, "worked", "network/vpn", AT)
    deletion = IncomingDeletion(MessageKey("slack", "T1", "deletion", "1"), room("b"), ADA, "17.6", AT)
    message = Everything().event_received
    assert await storage.inbox.receive(click, deletion, message) == 3
    rows = await storage.inbox.claim("me", LEASE, limit=5)
    assert [row.event for row in rows] == [click, deletion, message]
    for row in rows:
        assert (row.state, row.owner, row.attempt, row.failures) == (InboxState.PROCESSING, "me", 1, 0)
        assert row.received_at.tzinfo is UTC and abs(row.received_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_twins_are_one(storage: Storage) -> None:
    assert await storage.inbox.receive(said("hello", "1")) == 1
    assert await storage.inbox.receive(said("hello", "1"), said("again", "2"), said("again", "2")) == 1
    assert await storage.inbox.receive(said("hello, edited", "1", revision="2")) == 1
    assert await storage.inbox.receive() == 0
    assert (await storage.counts()).inbox == {"received": 3, "processing": 0, "done": 0, "dead": 0}


async def test_the_oldest_that_waits_is_told(storage: Storage) -> None:
    assert await storage.inbox.waiting_since() is None
    await storage.inbox.receive(said("hello", "1"))
    await storage.inbox.receive(said("again", "2", room("C2")))
    [first] = await storage.inbox.claim("me", LEASE, limit=1)
    assert await storage.inbox.waiting_since() == first.received_at
    await finish(storage, first)
    [second] = await storage.inbox.claim("me", LEASE, limit=1)
    assert await storage.inbox.waiting_since() == second.received_at
    await finish(storage, second)
    assert await storage.inbox.waiting_since() is None


async def test_twins_that_arrive_at_once_are_one(storage: Storage) -> None:
    new = await asyncio.gather(*(storage.inbox.receive(said("hello", "1"), said("bye", "2")) for _ in range(8)))
    assert sum(new) == 2


async def test_of_one_conversation_one_row_is_in_hand_the_earliest_first(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"), said("a2", "2"), said("b1", "3", room("C2")), said("a3", "4"))
    first = await storage.inbox.claim("me", LEASE, limit=10)
    assert texts(first) == ["a1", "b1"]
    assert await storage.inbox.claim("other", LEASE, limit=10) == []
    await finish(storage, first[0])
    [second] = await storage.inbox.claim("me", LEASE, limit=10)
    assert texts([second]) == ["a2"]
    await finish(storage, second)
    assert texts(await storage.inbox.claim("me", LEASE, limit=10)) == ["a3"]


async def test_what_was_dismissed_is_reconsidered_if_it_was_sent_later_and_comes_before_what_waits(
    storage: Storage,
) -> None:
    def later(text: str, number: int) -> IncomingMessage:
        return replace(said(text, str(number)), sent_at=AT + timedelta(seconds=number))

    elsewhere = replace(said("elsewhere", "9", room("C2")), sent_at=AT + timedelta(seconds=9))
    await storage.inbox.receive(later("before", 1), later("third", 3), later("fourth", 4), elsewhere)
    while rows := await storage.inbox.claim("me", LEASE, limit=10):
        for row in rows:
            async with storage.unit_of_work() as work:
                work.inbox.done(row, dismissed=row.sequence != 3)
                await work.commit()
    await storage.inbox.receive(later("second", 2), later("last", 5))
    [row] = await storage.inbox.claim("me", LEASE, limit=10)
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        work.inbox.reconsider(row.event.conversation, row.event.sent_at)
        await work.commit()
    heard = []
    while rows := await storage.inbox.claim("me", LEASE, limit=10):
        assert [(row.attempt, row.failures) for row in rows] == [(1, 0)]
        heard += texts(rows)
        await finish(storage, rows[0])
    assert heard == ["third", "last"]  # the fourth was handled


async def test_threads_of_a_room_are_conversations_of_their_own(storage: Storage) -> None:
    await storage.inbox.receive(said("a", "1", room(thread="t1")), said("b", "2", room(thread="t2")), said("c", "3"))
    assert texts(await storage.inbox.claim("me", LEASE, limit=10)) == ["a", "b", "c"]


async def test_a_row_whose_lease_ran_out_is_taken_up_by_another(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"), said("a2", "2"))
    [lost] = await storage.inbox.claim("me", EXPIRED)
    [taken] = await storage.inbox.claim("other", LEASE, limit=5)
    assert (taken.id, taken.owner, taken.attempt) == (lost.id, "other", 2)
    assert not await storage.inbox.renew(lost, LEASE)
    assert await storage.inbox.renew(taken, LEASE)


async def test_a_renewed_row_stays_in_hand(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"))
    [row] = await storage.inbox.claim("me", EXPIRED)
    assert await storage.inbox.renew(row, LEASE)
    assert await storage.inbox.claim("other", LEASE) == []
    await finish(storage, row)
    assert not await storage.inbox.renew(row, LEASE)


async def test_a_row_that_failed_waits_and_its_conversation_waits_with_it(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"), said("a2", "2"), said("b1", "3", room("C2")))
    [row] = await storage.inbox.claim("me", LEASE)
    await storage.inbox.retry(row, datetime.now(UTC) + timedelta(hours=1), "ModelError")
    assert texts(await storage.inbox.claim("me", LEASE, limit=5)) == ["b1"]

    await storage.inbox.receive(said("c1", "4", room("C3")))
    [other] = await storage.inbox.claim("me", LEASE)
    await storage.inbox.retry(other, datetime.now(UTC) - timedelta(seconds=5), "ModelError")
    [again] = await storage.inbox.claim("me", LEASE, limit=5)
    assert (again.id, again.attempt, again.failures) == (other.id, 2, 1)


async def test_a_late_retry_does_not_take_a_row_out_of_other_hands(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"))
    [lost] = await storage.inbox.claim("me", EXPIRED)
    [taken] = await storage.inbox.claim("other", LEASE)
    await storage.inbox.retry(lost, datetime.now(UTC), "late")
    assert await storage.inbox.claim("third", LEASE) == []
    await finish(storage, taken)


async def test_a_row_is_handed_out_however_often_it_was_taken_up(storage: Storage) -> None:
    await storage.inbox.receive(said("poison", "1"))
    for attempt in range(1, 15):
        [row] = await storage.inbox.claim("me", EXPIRED)
        assert (row.attempt, row.failures) == (attempt, 0)


async def test_rows_in_hand_are_given_back_when_their_owner_is_gone(storage: Storage) -> None:
    await storage.inbox.receive(*(said(f"m{n}", str(n), room(f"C{n}")) for n in range(3)))
    await storage.inbox.claim("gone", LEASE)
    [mine] = await storage.inbox.claim("me", LEASE)
    assert await storage.inbox.recover("gone") == 1
    assert await storage.inbox.recover("gone") == 0
    assert texts(await storage.inbox.claim("me", LEASE, limit=5)) == ["m0", "m2"]
    assert await storage.inbox.recover() == 3
    try:
        await finish(storage, mine)
    except LeaseLost:
        return
    raise AssertionError("a row that was given back could be finished")


async def test_a_dead_row_is_kept_with_its_reason_and_frees_its_conversation(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"), said("a2", "2"))
    [row] = await storage.inbox.claim("me", LEASE)
    async with storage.unit_of_work() as work:
        work.inbox.dead(row, "R-1234 ModelError")
        await work.commit()
    [dead] = await storage.inbox.dead()
    assert (dead.id, dead.state, dead.event) == (row.id, InboxState.DEAD, row.event)
    assert texts(await storage.inbox.claim("me", LEASE)) == ["a2"]


async def test_a_revived_row_is_received_anew_at_the_end_of_its_conversation(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"), said("a2", "2"))
    [row] = await storage.inbox.claim("me", LEASE)
    async with storage.unit_of_work() as work:
        work.inbox.dead(row, "R-1")
        await work.commit()
    [second] = await storage.inbox.claim("me", LEASE)
    assert await storage.inbox.revive(row.id)
    assert not await storage.inbox.revive(row.id)
    assert not await storage.inbox.revive(second.id)
    assert await storage.inbox.claim("other", LEASE, limit=5) == []  # still one at a time
    await finish(storage, second)
    [revived] = await storage.inbox.claim("me", LEASE)
    assert (revived.id, revived.attempt, revived.failures) == (row.id, 1, 0)
    assert await storage.inbox.receive(said("a1", "1")) == 0
    assert await storage.inbox.dead() == []


async def test_the_latest_dead_rows_come_first(storage: Storage) -> None:
    await storage.inbox.receive(*(said(f"m{n}", str(n), room(f"C{n}")) for n in range(3)))
    async with storage.unit_of_work() as work:
        for row in await storage.inbox.claim("me", LEASE, limit=3):
            work.inbox.dead(row, "R")
        await work.commit()
    assert texts(await storage.inbox.dead(limit=2)) == ["m2", "m1"]


async def drain(storage: Storage, owner: str, taken: list[InboxRow], busy: set[str]) -> None:
    while rows := await storage.inbox.claim(owner, LEASE, limit=2):
        for row in rows:
            assert row.event.conversation.key not in busy, "two messages of one conversation in hand"
            busy.add(row.event.conversation.key)
        await asyncio.sleep(0)
        for row in rows:
            taken.append(row)
            busy.discard(row.event.conversation.key)
            await finish(storage, row)


async def test_two_processes_share_one_inbox_without_taking_a_row_twice(storage: Storage, database_url: str) -> None:
    await storage.inbox.receive(*(said(f"{n}", f"{n}", room(f"C{n % 7}")) for n in range(84)))
    other = await open_storage(database_url)
    taken: list[InboxRow] = []
    busy: set[str] = set()
    try:
        await asyncio.gather(
            *(drain(one, f"owner{n}", taken, busy) for n, one in enumerate((storage, other) * 2)),
        )
        # A claimer may find nothing while others hold the rest; what was left is taken by one that asks again.
        await drain(storage, "last", taken, busy)
    finally:
        await other.close()
    assert len({row.id for row in taken}) == len(taken) == 84
    for number in range(7):
        ours = [row.sequence for row in taken if row.event.conversation == room(f"C{number}")]
        assert ours == sorted(ours)


async def test_messages_received_at_once_are_seen_in_the_order_of_their_numbers(
    storage: Storage, database_url: str
) -> None:
    """Whoever sees a row of a conversation has seen all rows of it with lower numbers."""
    other = await open_storage(database_url)
    seen: list[int] = []

    async def receive(which: SqlStorage | Storage, name: str) -> None:
        for number in range(15):
            await which.inbox.receive(said("x", f"{name}{number}"))

    async def watch() -> None:
        while len(seen) < 30:
            for row in await storage.inbox.claim("me", LEASE):
                seen.append(row.sequence)
                await finish(storage, row)

    try:
        async with asyncio.timeout(30):
            await asyncio.gather(receive(storage, "a"), receive(other, "b"), watch())
    finally:
        await other.close()
    assert seen == sorted(seen)


async def test_a_row_is_not_handed_out_before_its_time_by_a_copy_of_it(storage: Storage) -> None:
    await storage.inbox.receive(said("a1", "1"))
    [row] = await storage.inbox.claim("me", LEASE)
    stranger = replace(row, owner="stranger")
    assert not await storage.inbox.renew(stranger, LEASE)
    await storage.inbox.retry(stranger, datetime.now(UTC), "no")
    assert (await storage.counts()).inbox["processing"] == 1


async def test_rows_whose_lease_ran_out_are_given_back(storage: Storage) -> None:
    await storage.inbox.receive(said("a", "1"), said("b", "2", room("C2")))
    await storage.inbox.claim("me", LEASE)
    await storage.inbox.claim("gone", EXPIRED)
    assert await storage.inbox.expire() == 1
    assert await storage.inbox.expire() == 0
    assert (await storage.counts()).inbox == {"received": 1, "processing": 1, "done": 0, "dead": 0}


async def test_progress_counts_what_is_still_to_be_sent_for_an_event(storage: Storage) -> None:
    event = said("a", "1")
    assert await storage.inbox.progress(event.key) is None
    await storage.inbox.receive(event, said("b", "2", room("C2")))
    [row] = await storage.inbox.claim("me", LEASE)
    assert await storage.inbox.progress(event.key) == Progress(row.id, InboxState.PROCESSING, 0)
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        for key in ("1", "card", "é/2"):
            work.outbox.add(delivery(f"{row.id}:{key}", room(key)))
        work.outbox.add(delivery(f"{row.id}", room("x")))
        work.outbox.add(delivery(f"{row.id};1", room("y")))
        await work.commit()
    assert await storage.inbox.progress(event.key) == Progress(row.id, InboxState.DONE, 3)
    for one in await storage.outbox.claim("me", LEASE, [("slack", "T1")]):
        await storage.outbox.sent(one, f"x{one.number}", datetime.now(UTC))
    found = await storage.inbox.progress(event.key)
    assert found is not None and found.is_over
