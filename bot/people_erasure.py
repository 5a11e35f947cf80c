"""Forgetting a person: what must be settled before, the database, their files, and the cards at the desk."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.engine.working import working
from bot.errors import InvalidInput
from bot.model.people import Person
from bot.model.values import ACTIVE
from bot.ports.personal import Erased
from bot.ports.storage import TicketFilter

PATIENCE = timedelta(seconds=20)
LOOK = 0.25  # seconds between two looks


async def erase_person(services: Services, person: Person, *, patience: timedelta = PATIENCE) -> Erased:
    """Erase everything of a person, once what is in hand for them is done with.

    Raises InvalidInput, and changes nothing, where something has to be settled before.
    """
    await refuse_while_needed(services, person)
    await hands_free(services, person.id, patience)
    erased = await rerun_when_stale(
        lambda: services.storage.personal.erase(person.id, services.clock()), f"person {person.id}"
    )
    if erased is None:
        raise InvalidInput("the person is not there any more")
    for key in erased.files:
        await services.files.store.delete(key)
    await show_anew(services, erased)
    return erased


async def rehearsed(services: Services, person: Person) -> Erased:
    """What would be erased. Raises InvalidInput like `erase_person`."""
    await refuse_while_needed(services, person)
    await hands_free(services, person.id, timedelta(0))
    erased = await services.storage.personal.erase(person.id, services.clock(), rehearse=True)
    if erased is None:
        raise InvalidInput("the person is not there any more")
    return erased


async def refuse_while_needed(services: Services, person: Person) -> None:
    async with services.storage.unit_of_work() as uow:
        technician = await uow.people.technician_of(person.id)
        if technician and not technician.disabled:
            badge = technician.badge
            raise InvalidInput(f"{badge} works the desk: guichet technician disable {badge}, then erase them")
        active = await uow.tickets.find(TicketFilter(statuses=ACTIVE, asker_id=person.id), "oldest", limit=100)
        if active:
            named = ", ".join(ticket.reference for ticket in active)
            raise InvalidInput(f"tickets of theirs are being worked on: resolve or close {named} before")


async def hands_free(services: Services, person_id: UUID, patience: timedelta) -> None:
    """Wait until nothing of theirs is waiting or being handled or sent. Raises InvalidInput if that takes too long."""
    until = time.monotonic() + patience.total_seconds()
    while count := await services.storage.personal.in_hand(person_id):
        if time.monotonic() >= until:
            raise InvalidInput(f"{count} of their messages are being handled or sent: try again in a moment")
        await asyncio.sleep(LOOK)


async def show_anew(services: Services, erased: Erased) -> None:
    """The cards of their tickets, where the desk's rooms still show what was on them."""
    for ticket_id in erased.tickets:

        async def once(ticket_id: UUID = ticket_id) -> None:
            async with working(services, f"erased:{ticket_id}:{erased.person_id}") as work:
                if ticket := await work.uow.tickets.get(ticket_id):
                    work.touched[ticket.id] = ticket
                    work.stale_cards.add(ticket.id)

        await rerun_when_stale(once, f"ticket {ticket_id}")
