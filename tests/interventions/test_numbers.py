"""References have neither gaps nor doubles, whoever writes at once and whatever goes wrong in between."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.engine.reruns import rerun_when_stale
from bot.interventions.numbers import next_reference, note_reference, reference_in
from bot.model.conversations import Conversation
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Intervention, Ticket
from bot.model.values import Language, Urgency
from bot.ports.storage import Storage

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
WRITERS = 20


@pytest.fixture
async def ticket(storage: Storage) -> Ticket:
    ada, place = Person("Ada"), Conversation(ConversationRef("test", "T", "dm"))
    made = Ticket(1, "t", "", "network", Urgency.LOW, ada.id, place.id, "asked", AT, Language.EN)
    async with storage.unit_of_work() as uow:
        uow.people.add(ada)
        uow.conversations.add(place)
        uow.tickets.add(made)
        await uow.commit()
    return made


async def write(storage: Storage, ticket: Ticket, code: str = "NET", at: datetime = AT) -> str:
    async with storage.unit_of_work() as uow:
        reference = await next_reference(uow, at, PARIS, code)
        uow.tickets.add(Intervention(reference, ticket.id, "network", "x", (), new_id(), at))
        await asyncio.sleep(0.001)
        await uow.commit()
        return reference


async def test_twenty_who_write_at_once_get_twenty_numbers_in_a_row(storage: Storage, ticket: Ticket) -> None:
    given = await asyncio.gather(
        *(rerun_when_stale(lambda: write(storage, ticket), "the count") for _ in range(WRITERS)),
        *(rerun_when_stale(lambda: write(storage, ticket, "HAR"), "the count") for _ in range(3)),
    )
    assert sorted(given) == [
        *(f"INT-2026-11-HAR-{number:03d}" for number in range(1, 4)),
        *(f"INT-2026-11-NET-{number:03d}" for number in range(1, WRITERS + 1)),
    ]
    kept = await storage.unit_of_work().tickets.written_up()
    assert sorted(one.reference for one in kept) == sorted(given)


async def test_what_fails_before_its_commit_takes_no_number(storage: Storage, ticket: Ticket) -> None:
    assert await write(storage, ticket) == "INT-2026-11-NET-001"
    async with storage.unit_of_work() as uow:
        assert await next_reference(uow, AT, PARIS, "NET") == "INT-2026-11-NET-002"
        # no commit: the process dies here, or what came after failed
    with pytest.raises(RuntimeError):
        async with storage.unit_of_work() as uow:
            await next_reference(uow, AT, PARIS, "NET")
            raise RuntimeError
    async with storage.unit_of_work() as uow:
        reference = await next_reference(uow, AT, PARIS, "NET")
        double = Intervention("INT-2026-11-NET-001", ticket.id, "network", "x", (), new_id(), AT)
        uow.tickets.add(replace(double, id=new_id()))  # the transaction is refused as a whole
        with pytest.raises(Exception, match=r".*"):
            await uow.commit()
        assert reference == "INT-2026-11-NET-002"
    assert await write(storage, ticket) == "INT-2026-11-NET-002"


async def test_each_month_counts_anew_where_the_desk_is(storage: Storage, ticket: Ticket) -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # December in Paris
    assert await write(storage, ticket, at=late) == "INT-2026-12-NET-001"
    assert await write(storage, ticket, at=datetime(2026, 11, 30, 22, 30, tzinfo=UTC)) == "INT-2026-11-NET-001"
    assert await write(storage, ticket, at=datetime(2027, 11, 30, tzinfo=UTC)) == "INT-2027-11-NET-001"


async def test_the_count_goes_on_after_what_was_brought_in(storage: Storage, ticket: Ticket) -> None:
    async with storage.unit_of_work() as uow:
        await note_reference(uow, "INT-2026-11-NET-041")
        await uow.commit()
    async with storage.unit_of_work() as uow:
        await note_reference(uow, "INT-2026-11-NET-007")
        await note_reference(uow, "nonsense")
        await uow.commit()
    assert await write(storage, ticket) == "INT-2026-11-NET-042"


async def test_more_than_999_in_a_month_are_numbered_on(storage: Storage, ticket: Ticket) -> None:
    async with storage.unit_of_work() as uow:
        await note_reference(uow, "INT-2026-11-NET-999")
        await uow.commit()
    assert await write(storage, ticket) == "INT-2026-11-NET-1000"
    assert reference_in("int-2026-11-net-1000 because") == "INT-2026-11-NET-1000"
    assert reference_in("3f9a1c") is None
