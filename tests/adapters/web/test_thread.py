"""What was said about a ticket, as its page shows it: from every place, once, with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.web.thread import thread_of
from bot.errors import DeliveryError
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import Language, Urgency
from storage.store import SqlStorage

NINE = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)


@dataclass
class Told:
    """A ticket of Ada's, which Bob's was merged into; technicians' words go to both."""

    storage: SqlStorage
    ada: Person = field(default_factory=lambda: Person("Ada"))
    bob: Person = field(default_factory=lambda: Person("Bob"))
    places: list[Conversation] = field(default_factory=list)
    ticket: Ticket = field(init=False)
    minutes: int = 0

    async def opened(self) -> "Told":
        for person, room in ((self.ada, "r1"), (self.bob, "r2")):
            self.places.append(Conversation(ConversationRef("test", "T", room), person_id=person.id))
        self.ticket = Ticket(
            1, "a screen", "", "uncategorised", Urgency.LOW, self.ada.id, self.places[0].id, "human", NINE, Language.EN
        )
        async with self.storage.unit_of_work() as uow:
            for record in (self.ada, self.bob):
                uow.people.add(record)
            for place in self.places:
                uow.conversations.add(place)
            uow.tickets.add(self.ticket)
            for place in self.places:
                uow.tickets.add(TicketPlace(self.ticket.id, place.id, "asker"))
            await uow.commit()
        return self

    async def says(self, text: str, place: int) -> None:
        self.minutes += 1
        at, id = NINE + timedelta(minutes=self.minutes), self.places[place].id
        async with self.storage.unit_of_work() as uow:
            uow.conversations.add(Message(id, "person", text, at, f"m{self.minutes}"))
            await uow.commit()

    async def replies(self, text: str, outcomes: Sequence[str]) -> UUID:
        """To every place; of each: sent, failed or pending."""
        self.minutes += 1
        relay, document = new_id(), Document((Paragraph(text),))
        source = Message(self.places[0].id, "technician", text, NINE, f"s{self.minutes}", deleted=True, id=relay)
        async with self.storage.unit_of_work() as uow:
            uow.conversations.add(source)
            for place, _ in zip(self.places, outcomes, strict=True):
                at = NINE + timedelta(minutes=self.minutes)
                copy = Message(place.id, "technician", text, at, document=document, relay_of=relay)
                uow.conversations.add(copy)
                uow.outbox.add(Delivery(place.ref, document, f"{copy.id}", message_id=copy.id))
            await uow.commit()
        rows = await self.storage.outbox.claim("me", LEASE, [("test", "T")])
        wanted = {place.ref: outcome for place, outcome in zip(self.places, outcomes, strict=True)}
        for row in rows:
            match wanted[row.conversation]:
                case "sent":
                    await self.storage.outbox.sent(row, f"p{row.number}", NINE)
                case "failed":
                    await self.storage.outbox.failed(row, DeliveryError.__name__)
        return relay

    async def thread(self) -> list[tuple[str, str, str | None]]:
        async with self.storage.unit_of_work() as uow:
            items = await thread_of(uow, self.storage.outbox, self.ticket)
        assert len({item.id for item in items}) == len(items)
        return [(item.by, item.document.text, item.mark) for item in items]


@pytest.fixture
async def told(sqlite_storage: SqlStorage) -> Told:
    return await Told(sqlite_storage).opened()


async def test_it_is_in_order_of_time_and_says_whose_words_are_not_the_askers(told: Told) -> None:
    await told.says("my screen is dark", 0)
    await told.says("mine, too", 1)
    await told.says("still dark", 0)
    assert await told.thread() == [
        ("", "my screen is dark", None), ("Bob", "mine, too", None), ("", "still dark", None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "mark"),
    [
        (("sent", "sent"), "delivered"),
        (("sent", "failed"), "undelivered"),
        (("failed", "sent"), "undelivered"),
        (("sent", "pending"), "waiting"),
        (("pending", "sent"), "waiting"),
        (("pending", "failed"), "undelivered"),
    ],
)
async def test_what_went_to_several_is_there_once_with_the_worst_of_it(
    told: Told, outcomes: tuple[str, str], mark: str
) -> None:
    await told.replies("Is it on?", outcomes)
    assert await told.thread() == [("", "Is it on?", mark)]


async def test_what_was_never_put_into_the_outbox_has_not_arrived(told: Told) -> None:
    async with told.storage.unit_of_work() as uow:
        document = Document((Paragraph("Hello"),))
        uow.conversations.add(Message(told.places[0].id, "technician", "Hello", NINE, document=document))
        await uow.commit()
    assert await told.thread() == [("", "Hello", "undelivered")]


async def test_what_was_withdrawn_before_it_was_posted_is_not_there(told: Told) -> None:
    async with told.storage.unit_of_work() as uow:
        document = Document((Paragraph("Hello"),))
        message = Message(told.places[0].id, "technician", "Hello", NINE, document=document)
        uow.conversations.add(message)
        uow.outbox.add(Delivery(told.places[0].ref, document, "k", message_id=message.id))
        await uow.commit()
        uow.outbox.withdraw(message.id)
        await uow.commit()
    assert await told.thread() == []
