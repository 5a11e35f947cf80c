"""A crowd of technicians who all want the same tickets, in a process of its own: `python -m tests.ledger.claims`."""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from bot.categories import Categories
from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable
from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.services import Policy, Services
from bot.errors import IndexUnavailable
from bot.model.conversations import Conversation
from bot.model.ids import new_id
from bot.model.knowledge import Retrieval
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.model.people import Person
from bot.model.tickets import Ticket
from bot.model.values import Audience, Language, Urgency
from bot.ports.knowledge import Query
from bot.ports.storage import Storage
from bot.technicians import appoint
from bot.texts import Texts
from bot.tickets import lifecycle
from bot.understanding import Understander
from storage.store import open_storage
from tests.engine.desk import OneDeskRoom

LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Crowd:
    """The technicians `first` to `last` are in this process; each wants one ticket in `every`."""

    database: str
    first: int
    last: int
    tickets: int
    every: int


class Nothing:
    """No knowledge base: commands look nothing up."""

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        raise IndexUnavailable("there is none")


def services_on(storage: Storage) -> Services:
    categories = Categories.load(None)
    return Services(
        storage=storage,
        understander=Understander(categories),
        categories=categories,
        retriever=Nothing(),
        texts=Texts.load(),
        commands=CommandTable(COMMANDS),
        clock=lambda: datetime.now(UTC),
        policy=Policy(round_robin=False),
        desk=OneDeskRoom(),
    )


def technician(number: int) -> Identity:
    return Identity("test", "T", f"tech{number}", name=f"Tech {number}")


def wanted(crowd: Crowd, number: int) -> list[int]:
    """From either end, so that they meet in the middle of each other's lists."""
    tickets = [ticket for ticket in range(1, crowd.tickets + 1) if (ticket + number) % crowd.every == 0]
    return tickets if number % 2 else tickets[::-1]


async def fill(storage: Storage, technicians: int, tickets: int) -> None:
    async with storage.unit_of_work() as uow:
        for number in range(technicians):
            await appoint(uow, technician(number))
            await uow.commit()
        asker = Person("Ada")
        place = Conversation(ConversationRef("test", "T", "dm"), person_id=asker.id, language=Language.EN)
        uow.people.add(asker)
        uow.conversations.add(place)
        for _ in range(tickets):
            number = await uow.tickets.next_number()
            ticket = Ticket(
                number=number,
                title=f"Trouble {number}",
                summary="",
                category="uncategorised",
                priority=Urgency.MEDIUM,
                asker_id=asker.id,
                conversation_id=place.id,
                opened_because="asked",
                created_at=datetime.now(UTC),
                language=Language.EN,
            )
            uow.tickets.add(ticket)
            uow.tickets.add_event(lifecycle.opened(ticket, asker.id).event)
        await uow.commit()


async def fight(crowd: Crowd) -> None:
    storage = await open_storage(crowd.database)
    receiver = Receiver(storage.inbox)
    for number in range(crowd.first, crowd.last):
        events = [
            IncomingMessage(
                key=MessageKey("test", "T", "message", f"{number}-{ticket}"),
                # A room each, as slash commands are each answered by themselves.
                conversation=ConversationRef("test", "T", f"desk-{number}-{ticket}"),
                author=technician(number),
                text=f"/ticket claim T{ticket}",
                sent_at=datetime.now(UTC),
                private=True,
                audience=Audience.INTERNAL,
            )
            for ticket in wanted(crowd, number)
        ]
        await receiver.receive(*events)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # all at once
    dispatcher = Dispatcher(services_on(storage), f"crowd-{new_id()}", workers=8, lease=LEASE)
    while await storage.inbox.waiting_since() is not None:
        if not await dispatcher.drain():
            await asyncio.sleep(0.05)
    await storage.close()


def arguments(crowd: Crowd) -> list[str]:
    return [sys.executable, "-m", "tests.ledger.claims", json.dumps(asdict(crowd))]


if __name__ == "__main__":
    asyncio.run(fight(Crowd(**json.loads(sys.argv[1]))))
