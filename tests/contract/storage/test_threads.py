"""What is looked up for platforms with threads: those that are alive, what somebody asked, and what they opened."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import LeaseLost
from bot.model.conversations import Conversation, Message
from bot.model.messages import IncomingForm, IncomingReaction, MessageKey, Quoted, Said
from bot.model.tickets import TicketEvent, TicketPlace
from bot.model.values import Audience, InboxState, TicketStatus
from bot.ports.storage import Storage
from tests.contract.storage.makers import ADA, AT, MINUTE, Everything, room, said, ticket

LEASE = timedelta(minutes=1)


async def test_reactions_and_forms_come_back_as_they_were_received(storage: Storage) -> None:
    around = (Said("Bob", "try again", AT),)
    quoted = Quoted(
        "C1:1", room(thread="C1:1"), ADA, "it jams", AT, "https://x.example/1", Audience.INTERNAL, (), around
    )
    reaction = IncomingReaction(
        MessageKey("slack", "T1", "reaction", "1"), room(thread="C1:1"), ADA, "ticket", quoted, AT, introduced=False
    )
    form = IncomingForm(
        MessageKey("slack", "T1", "form", "V1"), room("U1"), ADA, "ticket_note", {"text": "x"}, AT, "T1", quoted,
        Audience.INTERNAL, ("password",),
    )  # fmt: skip
    quiet = replace(said("hi", "9", room("U1", "ask:C1:1")), quiet=True, asked_in=room(), caught_up=True)
    await storage.inbox.receive(reaction, form, quiet)
    rows = await storage.inbox.claim("me", LEASE, limit=5)
    assert [row.event for row in rows] == [reaction, form, quiet]


async def test_a_row_that_is_postponed_is_as_it_was_and_keeps_its_place(storage: Storage) -> None:
    await storage.inbox.receive(said("one", "1"), said("two", "2"))
    (row,) = await storage.inbox.claim("me", LEASE)
    await storage.inbox.postpone(row, row.received_at + timedelta(hours=1), "busy")
    assert await storage.inbox.claim("me", LEASE) == []  # nothing overtakes it
    await storage.inbox.postpone(row, row.received_at, "not in hand")  # in nobody's hands by now: no effect
    assert await storage.inbox.claim("me", LEASE) == []
    await storage.inbox.receive(said("three", "3", room("C2")))
    (other,) = await storage.inbox.claim("me", LEASE)
    await storage.inbox.postpone(other, other.received_at, "busy")
    (again,) = await storage.inbox.claim("you", LEASE)
    assert (again.event, again.attempt, again.failures) == (other.event, 1, 0)
    assert (await storage.counts()).inbox[InboxState.DEAD] == 0
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        with pytest.raises(LeaseLost):
            await work.commit()


async def test_threads_are_alive_by_words_by_tickets_and_under_cards(storage: Storage, everything: Everything) -> None:
    person = everything.person
    spoken = Conversation(room("C2", "C2:1"), person.id, last_message_at=AT)
    quiet = Conversation(room("C2", "C2:2"), person.id, last_message_at=AT - timedelta(days=2))
    open_one = Conversation(room("C2", "C2:3"), person.id, last_message_at=AT - timedelta(days=2))
    closed_one = Conversation(room("C2", "C2:4"), person.id, last_message_at=AT - timedelta(days=2))
    whole_room = Conversation(room("C9"), last_message_at=AT)
    elsewhere = Conversation(room("C2", "C2:1", account="T2"), person.id, last_message_at=AT)
    opened = ticket(person, open_one, 31)
    closed = ticket(person, closed_one, 32, status=TicketStatus.CLOSED)
    cards = [Message(whole_room.id, "bot", "card", AT, native_id=id) for id in ("C9:31", "C9:32")]
    async with storage.unit_of_work() as work:
        for one in (spoken, quiet, open_one, closed_one, whole_room, elsewhere):
            work.conversations.add(one)
        for message in cards:
            work.conversations.add(message)
        for each, place, card in ((opened, open_one, cards[0]), (closed, closed_one, cards[1])):
            work.tickets.add(each)
            work.tickets.add(TicketPlace(each.id, place.id, "asker"))
            work.tickets.add(TicketPlace(each.id, whole_room.id, "desk", card.id))
        await work.commit()
    async with storage.unit_of_work() as work:
        live = set(await work.conversations.live_threads("slack", "T1", AT - timedelta(hours=1)))
    assert live - {everything.conversation.ref} == {spoken.ref, open_one.ref, room("C9", "C9:31")}


async def test_what_somebody_asked_last(storage: Storage, everything: Everything) -> None:
    own = Conversation(room("U1"), everything.person.id)
    asked = [
        Message(own.id, "person", text, AT + number * MINUTE, person_id=everything.person.id, outcome=outcome)
        for number, (text, outcome) in enumerate((("a", everything.outcome), ("b", None), ("c", everything.outcome)))
    ]
    async with storage.unit_of_work() as work:
        work.conversations.add(own)
        for one in asked:
            work.conversations.add(one)
        work.conversations.add(Message(own.id, "bot", "d", AT, person_id=everything.person.id))
        await work.commit()
    async with storage.unit_of_work() as work:
        found = await work.conversations.last_asked(everything.person.id)
        assert [one.text for one in found if one.conversation_id == own.id] == ["c", "a"]
        assert len(await work.conversations.last_asked(everything.person.id, limit=1)) == 1


async def test_how_many_tickets_somebody_opened(storage: Storage, everything: Everything) -> None:
    person = everything.person
    made = [ticket(person, everything.conversation, number, created_at=AT + number * MINUTE) for number in (41, 42, 43)]
    async with storage.unit_of_work() as work:
        for number, one in enumerate(made):
            work.tickets.add(one)
            actor = person.id if number else None
            work.tickets.add_event(TicketEvent(one.id, "opened", one.created_at, actor, one.status))
            work.tickets.add_event(TicketEvent(one.id, "noted", one.created_at, person.id, one.status))
        await work.commit()
    async with storage.unit_of_work() as work:
        assert await work.tickets.count_opened(person.id, AT + 40 * MINUTE) == 2
        assert await work.tickets.count_opened(person.id, AT + 43 * MINUTE) == 1
