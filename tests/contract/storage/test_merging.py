"""Two persons who become one: whatever pointed to the second points to the first, whoever writes at the same time."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid, func, select

from bot.errors import StaleWrite
from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.model.messages import Identity
from bot.model.people import Person, PersonIdentity, Technician
from bot.model.tickets import ProblemSubscription
from bot.ports.storage import Storage
from storage.models import metadata
from storage.models.people import people
from storage.pointing import UNKEYED, pointing_to
from storage.store import SqlStorage
from tests.contract.storage.makers import AT, Everything, room

# Ids that point to something else than a person, and so stay as they are.
OTHERS = {
    "message_id", "in_reply_to", "relay_of", "edits", "confirms", "question_id", "group_id", "card_id",
    "conversation_id", "ticket_id", "outbox_id", "reply_id", "visit_id",
}  # fmt: skip


def test_every_id_without_a_foreign_key_is_known_to_point_to_a_person_or_not() -> None:
    """A new column that names a person has its line in `storage.pointing`; any other its name here."""
    free = {
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Uuid) and not column.foreign_keys and column.name != "id"
    }
    assert {str(column) for column in free - set(UNKEYED) if column.name not in OTHERS} == set()
    assert set(UNKEYED) <= free


async def merge(storage: Storage, keep: UUID, gone: UUID) -> None:
    async with storage.unit_of_work() as work:
        work.people.merge(keep, gone)
        await work.commit()


async def pointed(storage: SqlStorage, id: UUID) -> dict[str, int]:
    """How many rows point to a person, by column."""

    def block(connection: Any) -> dict[str, int]:
        return {
            str(column): count
            for column in pointing_to([people])
            if (count := connection.execute(select(func.count()).where(column == id)).scalar_one())
        }

    return await storage._context.database.read(block)


async def test_everything_of_the_second_becomes_the_firsts(storage: SqlStorage, everything: Everything) -> None:
    ada, kept = everything.person, Person("Ada L.", locale="en")
    async with storage.unit_of_work() as work:
        work.people.add(kept)
        await work.commit()
    before = await pointed(storage, ada.id)
    assert len(before) == len(pointing_to([people])), "the records of these tests point to a person in every way"

    await merge(storage, kept.id, ada.id)

    assert await pointed(storage, ada.id) == {}
    assert await pointed(storage, kept.id) == before
    people_now = storage.unit_of_work().people
    assert await people_now.person(ada.id) is None
    merged = await people_now.person(kept.id)
    assert merged is not None
    assert (merged.name, merged.locale) == ("Ada L.", "en"), "what the first says of themselves stays"
    assert (merged.email, merged.company_id, merged.timezone) == (ada.email, ada.company_id, ada.timezone)
    technician = await people_now.technician_of(kept.id)
    assert technician and technician.id == everything.technician.id
    known = await people_now.known(Identity("slack", "T1", "U1"))
    assert known and known.person == merged and known.technician == technician


async def test_who_read_a_row_before_must_read_it_again(storage: Storage, everything: Everything) -> None:
    kept = Person("Ada L.")
    async with storage.unit_of_work() as late, storage.unit_of_work() as work:
        conversation = await late.conversations.get(everything.conversation.id)
        assert conversation is not None
        work.people.add(kept)
        await work.commit()
        await merge(storage, kept.id, everything.person.id)
        late.conversations.save(replace(conversation, silenced=False))
        with pytest.raises(StaleWrite):
            await late.commit()


async def test_what_is_said_of_somebody_who_is_gone_by_now_is_said_anew(
    storage: Storage, everything: Everything
) -> None:
    kept = Person("Ada L.")
    async with storage.unit_of_work() as late, storage.unit_of_work() as work:
        work.people.add(kept)
        await work.commit()
        new = Conversation(room("C7"), everything.person.id)
        late.conversations.add(new)
        late.conversations.add(Message(new.id, "person", "hello", AT, person_id=everything.person.id))
        await merge(storage, kept.id, everything.person.id)
        with pytest.raises(StaleWrite):
            await late.commit()


async def test_what_the_same_work_says_of_the_second_is_the_firsts(storage: Storage, everything: Everything) -> None:
    kept, ada = Person("Ada L."), everything.person
    new = Conversation(room("C8"), ada.id)
    async with storage.unit_of_work() as work:
        work.people.add(kept)
        work.people.merge(kept.id, ada.id)
        work.people.save(replace(ada, locale="de"))
        work.conversations.add(new)
        work.conversations.add(Message(new.id, "person", "hello", AT, person_id=ada.id))
        await work.commit()
        found = await work.conversations.get(new.id)
        assert found and found.person_id == kept.id
        merged = await work.people.person(kept.id)
        assert merged and merged.locale == "de"


async def test_two_technicians_never_become_one(storage: Storage, everything: Everything) -> None:
    kept = Person("Grace")
    async with storage.unit_of_work() as work:
        work.people.add(kept)
        work.people.add(Technician(kept.id, 7))
        await work.commit()
    with pytest.raises(StaleWrite):
        await merge(storage, kept.id, everything.person.id)
    assert await storage.unit_of_work().people.person(everything.person.id) == everything.person


async def test_nobody_is_merged_with_somebody_who_is_not_there_or_was_erased(
    storage: Storage, everything: Everything
) -> None:
    erased = Person("(erased)", erased_at=AT)
    async with storage.unit_of_work() as work:
        work.people.add(erased)
        await work.commit()
    for keep, gone in ((erased.id, everything.person.id), (everything.person.id, new_id()), (new_id(), erased.id)):
        with pytest.raises(StaleWrite):
            await merge(storage, keep, gone)


async def test_of_two_who_were_told_of_one_problem_in_one_place_one_is_left(
    storage: Storage, everything: Everything
) -> None:
    other = Person("Ada L.")
    again = ProblemSubscription(everything.problem.id, everything.conversation.id, other.id, AT)
    async with storage.unit_of_work() as work:
        work.people.add(other)
        work.problems.add(again)
        await work.commit()
    await merge(storage, other.id, everything.person.id)
    assert [one.id for one in await storage.unit_of_work().problems.subscriptions(everything.problem.id)] == [again.id]


async def test_of_many_merges_at_once_each_person_ends_in_one(storage: SqlStorage) -> None:
    """Ten identities, each linked with each other by whoever comes first: one person is left, with all of them."""
    ones = [Person(f"P{n}") for n in range(8)]
    async with storage.unit_of_work() as work:
        for number, person in enumerate(ones):
            work.people.add(person)
            work.people.add(PersonIdentity(person.id, "test", "T", str(number)))
        await work.commit()

    async def link(first: int, second: int) -> None:
        for _ in range(50):
            async with storage.unit_of_work() as work:
                one = await work.people.known(Identity("test", "T", str(first)))
                other = await work.people.known(Identity("test", "T", str(second)))
                assert one and other
                if one.person.id == other.person.id:
                    return None
                work.people.merge(one.person.id, other.person.id)
                try:
                    return await work.commit()
                except StaleWrite:
                    await asyncio.sleep(0.001)
        raise AssertionError("always overtaken")

    await asyncio.gather(*(link(n, m) for n in range(8) for m in range(8) if n != m))
    left = {(await storage.unit_of_work().people.known(Identity("test", "T", str(n)))).person.id for n in range(8)}  # type: ignore[union-attr]
    assert len(left) == 1
