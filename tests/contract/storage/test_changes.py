"""Waking who waits for something to be committed."""

import asyncio
from datetime import timedelta

from bot.ports.storage import Storage, Topic
from storage.store import SqlStorage, open_storage
from tests.contract.storage.makers import article, delivery, said

LONG = 20.0
SHORT = 0.05


async def waits(storage: Storage, topic: Topic, timeout: float = SHORT) -> bool:
    """Whether the call took its time."""
    start = asyncio.get_running_loop().time()
    await storage.changed(topic, timeout)
    return asyncio.get_running_loop().time() - start >= timeout * 0.9


async def add(storage: Storage, key: str) -> None:
    async with storage.unit_of_work() as work:
        work.outbox.add(delivery(key))
        await work.commit()


async def quiet(storage: Storage, topic: Topic) -> None:
    """Until nothing is left to be told, the start of listening included, however long the connection takes."""
    if isinstance(storage, SqlStorage):
        await storage.listening(10)
    while not await waits(storage, topic, 0.1):
        pass


async def test_each_kind_of_commit_wakes_its_topic(storage: Storage) -> None:
    topics: tuple[Topic, ...] = ("inbox", "outbox", "knowledge")
    for topic in topics:
        await quiet(storage, topic)
    await storage.inbox.receive(said("hello", "1"))
    assert not await waits(storage, "inbox")
    await add(storage, "k")
    assert not await waits(storage, "outbox")
    async with storage.unit_of_work() as work:
        work.knowledge.put(article())
        await work.commit()
    assert not await waits(storage, "knowledge")
    for topic in topics:
        assert await waits(storage, topic)


async def test_a_waiter_is_woken(storage: Storage) -> None:
    await quiet(storage, "inbox")
    waiter = asyncio.create_task(storage.changed("inbox", LONG))
    await asyncio.sleep(0.02)
    assert not waiter.done()
    await storage.inbox.receive(said("hello", "1"))
    async with asyncio.timeout(5):
        await waiter


async def test_what_was_committed_since_the_last_return_is_told_at_once_to_each_waiter(storage: Storage) -> None:
    await quiet(storage, "outbox")
    told: list[str] = []
    ready = [asyncio.Event(), asyncio.Event()]
    go = asyncio.Event()

    async def consumer(name: str, event: asyncio.Event) -> None:
        await waits(storage, "outbox")
        event.set()
        await go.wait()
        if not await waits(storage, "outbox", 5):
            told.append(name)
        assert await waits(storage, "outbox")

    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        for name, event in zip("ab", ready, strict=True):
            group.create_task(consumer(name, event))
        for event in ready:
            await event.wait()
        await add(storage, "k")
        go.set()
    assert sorted(told) == ["a", "b"]


async def test_a_sole_consumer_may_wait_in_a_fresh_task_each_time(storage: Storage) -> None:
    await quiet(storage, "inbox")
    for number in range(3):
        await storage.inbox.receive(said("hello", str(number)))
        assert not await asyncio.create_task(waits(storage, "inbox"))
        assert await asyncio.create_task(waits(storage, "inbox"))


async def test_nothing_new_wakes_nobody(storage: Storage) -> None:
    await storage.inbox.receive(said("hello", "1"))
    await quiet(storage, "inbox")
    await storage.inbox.receive(said("hello", "1"))
    await storage.inbox.recover("nobody")
    assert await waits(storage, "inbox")


async def test_a_finished_row_wakes_who_waits_for_the_next(storage: Storage) -> None:
    await storage.inbox.receive(said("a", "1"), said("b", "2"))
    [row] = await storage.inbox.claim("me", timedelta(minutes=1))
    await quiet(storage, "inbox")
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        await work.commit()
    assert not await waits(storage, "inbox")


async def test_another_process_is_heard_where_the_database_can_tell(storage: SqlStorage, database_url: str) -> None:
    other = await open_storage(database_url)
    try:
        await quiet(storage, "inbox")
        if storage.dialect == "postgresql":
            await storage.listening(LONG)
            await quiet(storage, "inbox")
        timeout = LONG if storage.dialect == "postgresql" else SHORT
        waiter = asyncio.create_task(waits(storage, "inbox", timeout))
        await asyncio.sleep(0.02)
        await other.inbox.receive(said("hello", "1"))
        assert await waiter is (storage.dialect == "sqlite")
    finally:
        await other.close()
