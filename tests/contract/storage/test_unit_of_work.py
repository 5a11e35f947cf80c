"""Writing together or not at all, and noticing that somebody else was first."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import LeaseLost, StaleWrite
from bot.model.conversations import Conversation
from bot.model.ledger import Cursor
from bot.model.people import Person
from bot.model.values import Language
from bot.ports.storage import Storage
from tests.contract.storage.makers import article, delivery, room, said, ticket

LEASE = timedelta(minutes=1)


async def test_what_is_not_committed_is_forgotten(storage: Storage) -> None:
    person = Person("Ada")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        assert await work.people.person(person.id) is None
    await work.commit()
    assert await work.people.person(person.id) is None


async def test_one_unit_commits_as_often_as_it_likes(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        for name in ("Ada", "Bo"):
            person = Person(name)
            work.people.add(person)
            await work.commit()
            assert await work.people.person(person.id) == person
        await work.commit()


async def test_saving_counts_the_version(storage: Storage) -> None:
    person = Person("Ada")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        await work.commit()
        work.people.save(replace(person, name="Ada L."))
        await work.commit()
        found = await work.people.person(person.id)
        assert found == replace(person, name="Ada L.", version=1)
        work.people.save(replace(found, name="Ada K."))
        await work.commit()
        assert await work.people.person(person.id) == replace(person, name="Ada K.", version=2)


async def test_of_one_record_the_latest_state_counts(storage: Storage) -> None:
    person = Person("Ada")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.people.save(replace(person, name="B"))
        work.people.save(replace(person, name="C"))
        await work.commit()
        assert await work.people.person(person.id) == replace(person, name="C")
        work.people.save(replace(person, name="D"))
        work.people.save(replace(person, name="E"))
        await work.commit()
        assert await work.people.person(person.id) == replace(person, name="E", version=1)


async def test_a_stale_write_undoes_the_whole_unit(storage: Storage) -> None:
    person, other = Person("Ada"), Person("Bo")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.people.add(other)
        await work.commit()
    await storage.inbox.receive(said("hello", "1"))
    [row] = await storage.inbox.claim("me", LEASE)
    async with storage.unit_of_work() as first, storage.unit_of_work() as second:
        first.people.save(replace(person, name="first"))
        await first.commit()
        second.inbox.done(row)
        second.people.save(replace(other, name="second"))
        second.people.save(replace(person, name="second"))
        second.outbox.add(delivery("k"))
        second.knowledge.put(article())
        with pytest.raises(StaleWrite):
            await second.commit()
    work = storage.unit_of_work()
    assert await work.people.person(other.id) == other
    assert await work.knowledge.article("network/vpn") is None
    counts = await storage.counts()
    assert (counts.inbox["processing"], counts.outbox["pending"]) == (1, 0)


async def test_saving_what_is_not_there_is_stale(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.people.save(Person("Nobody"))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_a_failed_commit_is_not_mistaken_for_a_finished_one(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.people.save(Person("Nobody"))
        for _ in range(2):
            with pytest.raises(StaleWrite):
                await work.commit()


async def test_of_many_who_claim_a_ticket_at_once_one_wins(storage: Storage) -> None:
    asker, conversation = Person("Ada"), Conversation(room())
    wanted = ticket(asker, conversation)
    async with storage.unit_of_work() as work:
        work.people.add(asker)
        work.conversations.add(conversation)
        work.tickets.add(wanted)
        await work.commit()

    async def claim(number: int) -> bool:
        async with storage.unit_of_work() as work:
            found = await work.tickets.get(wanted.id)
            assert found is not None
            work.tickets.save(replace(found, resolution=str(number)))
            work.outbox.add(delivery(f"told-{number}"))
            try:
                await work.commit()
            except StaleWrite:
                return False
            return True

    won = await asyncio.gather(*(claim(number) for number in range(12)))
    found = await storage.unit_of_work().tickets.get(wanted.id)
    assert found is not None and found.version == sum(won) >= 1
    assert (await storage.counts()).outbox["pending"] == sum(won)


async def test_a_row_in_other_hands_undoes_the_whole_unit(storage: Storage) -> None:
    await storage.inbox.receive(said("hello", "1"))
    [mine] = await storage.inbox.claim("me", timedelta(seconds=-1))
    [theirs] = await storage.inbox.claim("they", LEASE)
    person = Person("Ada")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.inbox.done(mine)
        with pytest.raises(LeaseLost):
            await work.commit()
    assert await storage.unit_of_work().people.person(person.id) is None
    async with storage.unit_of_work() as work:
        work.inbox.done(theirs)
        await work.commit()
    assert (await storage.counts()).inbox["done"] == 1


async def test_the_same_owner_in_a_later_attempt_fences_the_earlier(storage: Storage) -> None:
    await storage.inbox.receive(said("hello", "1"))
    [before] = await storage.inbox.claim("me", timedelta(seconds=-1))
    [after] = await storage.inbox.claim("me", LEASE)
    assert (before.attempt, after.attempt) == (1, 2)
    async with storage.unit_of_work() as work:
        work.inbox.done(before)
        with pytest.raises(LeaseLost):
            await work.commit()


async def test_a_cursor_moves_from_the_version_that_was_read(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.cursors.save(Cursor("c", "1"))
        work.cursors.save(Cursor("c", "2"))
        await work.commit()
        found = await work.cursors.get("c")
        assert found == Cursor("c", "2", 1)
        work.cursors.save(replace(found, value="3"))
        await work.commit()
        assert await work.cursors.get("c") == Cursor("c", "3", 2)
        work.cursors.save(replace(found, value="4"))
        with pytest.raises(StaleWrite):
            await work.commit()
    async with storage.unit_of_work() as work:
        work.cursors.save(Cursor("c", "1"))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_leaving_in_mid_commit_writes_all_or_nothing(storage: Storage) -> None:
    """A cancelled handler must not leave half of its work behind."""
    await storage.inbox.receive(said("hello", "1"))
    [row] = await storage.inbox.claim("me", LEASE)
    people = [Person(f"P{number}") for number in range(300)]

    async def handle() -> None:
        async with storage.unit_of_work() as work:
            work.inbox.done(row)
            for person in people:
                work.people.add(person)
            work.outbox.add(delivery("k"))
            await work.commit()

    task = asyncio.create_task(handle())
    await asyncio.sleep(0.002)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    seen = (-1, -1, -1)
    async with asyncio.timeout(10):
        # What was begun may still be committed while one looks, between one look and the next.
        while seen not in ((300, 1, 1), (0, 0, 0)):
            counts = await storage.counts()
            found = await storage.unit_of_work().people.persons([person.id for person in people])
            seen = (len(found), counts.inbox["done"], counts.outbox["pending"])


async def test_conversations_with_the_same_people_are_written_at_once_without_deadlock(storage: Storage) -> None:
    people = [Person(f"P{number}") for number in range(6)]
    async with storage.unit_of_work() as work:
        for person in people:
            work.people.add(person)
        await work.commit()

    async def touch(order: list[Person], language: Language) -> int:
        kept = 0
        for _ in range(8):
            async with storage.unit_of_work() as work:
                found = await work.people.persons([person.id for person in order])
                for person in order:
                    work.people.save(replace(found[person.id], locale=language))
                try:
                    await work.commit()
                    kept += 1
                except StaleWrite:
                    continue
        return kept

    kept = await asyncio.gather(touch(people, Language.FR), touch(people[::-1], Language.EN))
    found = await storage.unit_of_work().people.persons([person.id for person in people])
    assert {person.version for person in found.values()} == {sum(kept)}
