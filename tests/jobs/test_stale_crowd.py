"""Many promises broken at one moment, several processes that notice: on both databases."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from bot.errors import StaleWrite
from bot.model.conversations import Conversation
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import Language, Role, Urgency
from bot.sla.policies import SlaPolicies
from jobs.escalate_stale_tickets import escalate_stale_tickets
from storage.store import SqlStorage
from tests.engine.desk import DESK_ROOM, OneDeskRoom, TestDesk, make_desk
from tests.jobs.making import NoArticles

TICKETS, PROCESSES = 40, 4


async def desk_with_tickets(storage: SqlStorage) -> TestDesk:
    sla = SlaPolicies.load(None, "Europe/Paris")
    desk = make_desk(storage, NoArticles(), sla=sla, desk=OneDeskRoom(cards=True))
    await desk.appoint("lena", Role.LEAD)
    async with storage.unit_of_work() as uow:
        room = Conversation(DESK_ROOM)
        uow.conversations.add(room)
        for number in range(1, TICKETS + 1):
            person = Person(f"person {number}")
            place = Conversation(ConversationRef("test", "T", f"dm{number}"), person.id)
            ticket = Ticket(
                number, "Paper jam", "", "hardware", Urgency.MEDIUM, person.id, place.id, "asked", desk.clock(),
                Language.EN,
            )  # fmt: skip
            uow.people.add(person)
            uow.conversations.add(place)
            uow.tickets.add(sla.applied(None, ticket, desk.clock()))
            uow.tickets.add(TicketPlace(ticket.id, room.id, "desk", new_id()))
        await uow.commit()
    return desk


async def test_each_process_says_what_no_other_says(storage: SqlStorage) -> None:
    desk = await desk_with_tickets(storage)
    desk.clock.forward(minutes=15)
    done = await asyncio.gather(*(escalate_stale_tickets(desk.services) for _ in range(PROCESSES)))
    assert sum(done) == TICKETS
    told = await storage.outbox.of_conversation(ConversationRef("test", "T", "desk-lena"))
    references = [one.document.text.split()[1] for one in told]
    assert sorted(references) == sorted(f"T{number}" for number in range(1, TICKETS + 1))
    async with storage.unit_of_work() as uow:
        for ticket in await uow.tickets.find(limit=TICKETS):
            assert ticket.priority is Urgency.HIGH
            assert [one.stage for one in await uow.tickets.notices(ticket.id)] == [1, 2]
            kinds = [event.kind for event in await uow.tickets.events(ticket.id)]
            assert kinds == ["escalated"]
        assert (await uow.tickets.lateness()).total == 2 * TICKETS
        assert await uow.tickets.sla_due(desk.clock()) == []


async def test_one_that_cannot_be_told_holds_up_no_other(storage: SqlStorage) -> None:
    """Even if its row is changed again and again, the others are escalated and it is looked at the next time."""
    desk = await desk_with_tickets(storage)
    desk.clock.forward(minutes=15)
    async with storage.unit_of_work() as uow:
        first = await uow.tickets.by_number(1)
        assert first is not None

    async def meddle() -> None:
        for turn in range(20):
            async with storage.unit_of_work() as uow:
                if found := await uow.tickets.get(first.id):
                    uow.tickets.save(replace(found, summary=f"{turn}"))
                    with suppress(StaleWrite):
                        await uow.commit()

    await asyncio.gather(escalate_stale_tickets(desk.services), meddle())
    await escalate_stale_tickets(desk.services)
    async with storage.unit_of_work() as uow:
        assert [one.stage for one in await uow.tickets.notices(first.id)] == [1, 2]
        assert await uow.tickets.sla_due(desk.clock()) == []
