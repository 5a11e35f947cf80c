"""Events that come late, twice, or before what they are about; and many who change one ticket at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from bot.engine.receiving import Receiver
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingDeletion, IncomingMessage, MessageKey
from bot.model.values import InboxState, OutboxState
from bot.ports.storage import Storage
from storage.store import open_storage
from tests.engine.desk import FakeClock, TestDesk, make_desk
from tests.ledger.office import Ignorant, Office, office_on


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    clock = FakeClock()
    storage = await open_storage(sqlite_url, clock=clock)
    yield office_on(storage, clock)
    await storage.close()


def edited(event: IncomingMessage, text: str, seconds: int) -> IncomingMessage:
    at = event.sent_at + timedelta(seconds=seconds)
    return replace(event, key=replace(event.key, revision=str(seconds)), text=text, sent_at=at)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_latest_version_of_a_message_stands_in_whatever_order_versions_come(
    office: Office, order: tuple[int, ...]
) -> None:
    first = IncomingMessage(
        key=MessageKey("test", office.account, "message", "m"),
        conversation=office.room("red"),
        author=Identity("test", office.account, "red"),
        text="zebras have no stripes at all",
        sent_at=office.clock(),
        private=True,
    )
    versions = [first, edited(first, "zebras have few stripes", 5), edited(first, "zebras have many stripes", 9)]
    for number in order:
        await office.hear(versions[number])
        await office.drain()
    told = [message for message in await office.history("red") if message.native_id == "m"]
    assert [message.text for message in told if not message.deleted] == ["zebras have many stripes"]
    # Nothing was sent yet, so that the answers to older versions were taken back.
    assert [one.state for one in await office.deliveries("red")].count(OutboxState.PENDING) == 1


async def test_a_deletion_that_comes_again_or_for_an_unknown_message_harms_nothing(office: Office) -> None:
    event = await office.say("red")
    deletion = IncomingDeletion(
        MessageKey("test", office.account, "deletion", event.key.native_id),
        event.conversation,
        event.author,
        event.key.native_id,
        office.clock(),
    )
    unknown = replace(deletion, key=replace(deletion.key, native_id="never"), message="never")
    await office.hear(deletion, deletion, unknown)
    await office.say("red")
    await office.drain()
    states = [one.state for one in await office.deliveries("red")]
    assert states == [OutboxState.WITHDRAWN, OutboxState.PENDING]


async def test_messages_whose_clocks_disagree_are_answered_in_the_order_in_which_they_came(office: Office) -> None:
    for seconds in (0, -30, 60, -5):
        office.clock.forward(seconds=1)
        said = office.said.setdefault("red", [])
        event = IncomingMessage(
            key=MessageKey("test", office.account, "message", f"red-{len(said)}"),
            conversation=office.room("red"),
            author=Identity("test", office.account, "red"),
            text=f"zebra number {len(said)} has no stripes",
            sent_at=office.clock() + timedelta(seconds=seconds),
            private=True,
        )
        said.append(event)
        await office.hear(event)
    await office.drain()
    answered = [one.key.partition(":")[0] for one in await office.deliveries("red")]
    assert answered == [str((await office.progress(event)).id) for event in office.said["red"]]


CROWD = [f"tech{number}" for number in range(8)]


async def test_of_many_technicians_at_two_desks_one_gets_the_ticket(storage: Storage, database_url: str) -> None:
    """Each claim changes the same ticket: all but the first find it changed and run again."""
    other = await open_storage(database_url)
    desks = [make_desk(storage, Ignorant()), make_desk(other, Ignorant())]
    one = desks[0]
    for who in CROWD:
        await one.appoint(who)
    await one.says("/ticket new the coffee machine leaks")
    claims = [one.message("/ticket claim T1", f"desk-{who}", who=who) for who in CROWD]
    await Receiver(storage.inbox).receive(*claims)
    async with asyncio.timeout(30):
        while not all([await is_done(one, claim) for claim in claims]):
            await asyncio.gather(*(desk.dispatcher.drain() for desk in desks))

    async with storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
        assert ticket is not None and ticket.assignee_id is not None
        trail = [event.kind for event in await uow.tickets.events(ticket.id)]
        technician = await uow.people.technician(ticket.assignee_id)
        assert technician is not None
        winner = await uow.people.person(technician.person_id)
    assert winner is not None
    assert trail.count("claimed") == 1
    answers = {who: await said_to(one, who) for who in CROWD}
    assert [who for who, said in answers.items() if "is yours" in said] == [winner.name.lower()]
    for who, said in answers.items():
        assert winner.name in said if who != winner.name.lower() else "is yours" in said, answers
    await other.close()


async def is_done(desk: TestDesk, event: IncomingMessage) -> bool:
    progress = await desk.storage.inbox.progress(event.key)
    return progress is not None and progress.state is InboxState.DONE


async def said_to(desk: TestDesk, who: str) -> str:
    [answer] = await desk.storage.outbox.of_conversation(ConversationRef("test", "T", f"desk-{who}"))
    return answer.document.text


async def test_an_event_is_over_whoever_else_is_told_of_it_and_cannot_be_reached(office: Office) -> None:
    """A ticket is announced at a terminal that was closed: who asked does not wait for that."""
    event = await office.say("red")
    [row] = await office.storage.inbox.claim("me", timedelta(seconds=30))
    document = Document((Paragraph("T1"),))
    async with office.storage.unit_of_work() as uow:
        uow.inbox.done(row)
        uow.outbox.add(Delivery(office.room("red"), document, f"{row.id}:1"))
        uow.outbox.add(Delivery(ConversationRef("test", "closed", "desk"), document, f"{row.id}:2"))
        await uow.commit()
    assert not (await office.progress(event)).is_over
    [mine] = await office.storage.outbox.claim("me", timedelta(seconds=30), [("test", office.account)])
    await office.storage.outbox.sent(mine, "p", office.clock())
    assert (await office.progress(event)).is_over
