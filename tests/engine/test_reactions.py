"""Emoji on messages: a ticket for who wrote it; on a ticket's card, what the buttons do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.documents import Actions
from bot.model.ledger import Delivery
from bot.model.messages import (
    ConversationRef,
    Identity,
    IncomingFile,
    IncomingReaction,
    MessageKey,
    Quoted,
    ReactionCue,
    Said,
)
from bot.model.values import Audience, ClosedReason, TicketStatus, Urgency, Visibility
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import START, OneDeskRoom, TestDesk, make_desk

LINK = "https://acme.example/archives/C1/p1_2"
THREAD = ConversationRef("test", "T", "office", "q1")


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> AsyncIterator[TestDesk]:
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True))
    for who in ("tess", "tom"):
        await made.appoint(who)
    yield made


def identity(who: str) -> Identity:
    return Identity("test", "T", who, who.title(), locale="en")


def quoted(text: str = "the printer on the second floor is jammed", **changes: object) -> Quoted:
    said = (Said("Bob", "did you try the other tray?", START), Said("Ada", "yes, twice", START))
    whole = Quoted("q1", THREAD, identity("ada"), text, START, LINK, Audience.INTERNAL, thread=said)
    return replace(whole, **changes)  # type: ignore[arg-type]


async def reacts(
    desk: TestDesk,
    cue: ReactionCue = "ticket",
    who: str = "bob",
    message: Quoted | None = None,
    where: ConversationRef = THREAD,
    revision: str = "1",
) -> list[Delivery]:
    message = message or quoted()
    event = IncomingReaction(
        MessageKey("test", "T", "reaction", f"{message.native_id}:{who}:{cue}", revision),
        where,
        identity(who),
        cue,
        message,
        desk.clock(),
        Audience.INTERNAL,
    )
    await desk.receive(event)
    return await desk.settle()


def told(posted: list[Delivery], room: str = "office") -> list[Delivery]:
    return [one for one in posted if one.conversation.room == room]


async def test_a_ticket_for_the_author_who_is_told_by_whom_in_the_messages_thread(desk: TestDesk) -> None:
    posted = await reacts(desk)
    (ticket,) = await desk.tickets()
    (said,) = told(posted)
    assert said.conversation == THREAD
    assert said.visibility is Visibility.ROOM
    assert "Bob" in said.document.text
    assert "T1" in said.document.text
    async with desk.storage.unit_of_work() as uow:
        asker = await uow.people.person(ticket.asker_id)
        (event, *_) = await uow.tickets.events(ticket.id)
        opener = await uow.people.person(event.actor_id) if event.actor_id else None
    assert asker
    assert opener
    assert (asker.name, opener.name) == ("Ada", "Bob")
    assert ticket.opened_because == "reaction"


async def test_the_ticket_holds_the_message_its_thread_and_the_way_back(desk: TestDesk) -> None:
    posted = await reacts(desk)
    (card,) = told(posted, "desk")
    assert "jammed" in card.document.text
    assert "Bob: did you try" in card.document.text
    assert any(LINK in getattr(block, "text", "") for block in card.document.blocks)
    (ticket,) = await desk.tickets()
    assert ticket.link == LINK
    async with desk.storage.unit_of_work() as uow:
        said = [one.text for one in await uow.conversations.messages(ticket.conversation_id) if one.author == "person"]
    assert sorted(said) == [
        "Ada: yes, twice", "Bob: did you try the other tray?", "the printer on the second floor is jammed",
    ]  # fmt: skip


async def test_its_files_are_the_tickets(desk: TestDesk) -> None:
    file = IncomingFile("f1", "jam.png", "image/png", 1000, "https://files.example/f1")
    await reacts(desk, message=quoted(files=(file,)))
    (ticket,) = await desk.tickets()
    async with desk.storage.unit_of_work() as uow:
        (message,) = [m for m in await uow.conversations.messages(ticket.conversation_id) if m.native_id == "q1"]
        assert len(await uow.attachments.of([message.id])) == 1
    assert ticket.question_id == message.id


async def test_once_per_message_and_only_who_comes_later_is_told(desk: TestDesk) -> None:
    await reacts(desk)
    (said,) = told(await reacts(desk, who="tom"))
    assert (said.visibility, said.recipient) == (Visibility.ONLY_ASKER, "tom")
    assert "T1" in said.document.text
    assert len(await desk.tickets()) == 1


async def test_the_author_may_decline_and_nobody_else(desk: TestDesk) -> None:
    await reacts(desk)
    assert desk.button("decline_ticket", "office").value == "T1"
    await press(desk, "bob")
    assert (await desk.tickets())[0].is_active
    posted = await press(desk, "ada")
    (ticket,) = await desk.tickets()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, ClosedReason.NOT_A_REQUEST)
    assert any("wants no ticket" in one.document.text for one in told(posted, "desk"))
    (said,) = told(await reacts(desk, who="tom", revision="2"))
    assert "T1" in said.document.text  # declined is declined


async def press(desk: TestDesk, who: str) -> list[Delivery]:
    from bot.model.ids import new_id
    from bot.model.messages import IncomingClick

    key = MessageKey("test", "T", "click", str(new_id()))
    click = IncomingClick(key, THREAD, identity(who), "decline_ticket", "T1", desk.clock(), Audience.INTERNAL)
    await desk.receive(click)
    return await desk.settle()


async def test_ones_own_message_needs_nobody_to_decline(desk: TestDesk) -> None:
    (said,) = told(await reacts(desk, who="ada"))
    buttons = [b.action for block in said.document.blocks if isinstance(block, Actions) for b in block.buttons]
    assert buttons == ["settled"]
    assert (await desk.tickets())[0].opened_because == "asked"


async def test_where_the_desk_cannot_write_the_author_is_told_alone(desk: TestDesk) -> None:
    alone = ConversationRef("test", "T", "ada")
    posted = await reacts(desk, message=quoted(conversation=alone))
    (to_ada,) = told(posted, "ada")
    assert "Bob" in to_ada.document.text
    (to_bob,) = told(posted)
    assert (to_bob.visibility, to_bob.recipient) == (Visibility.DIRECT, "bob")
    assert "Ada" in to_bob.document.text


async def test_a_question_that_was_asked_becomes_the_ticket_with_what_was_tried(desk: TestDesk) -> None:
    jam = "my printer says the paper is jammed but there is none"
    await desk.receive(desk.message(jam, "office", thread="q1", native_id="q1", private=False, mentioned=True))
    await desk.settle()
    await reacts(desk, who="bob")
    (ticket,) = await desk.tickets()
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.proposals_on(ticket.id)
        assert len([m for m in await uow.conversations.messages(ticket.conversation_id) if m.native_id == "q1"]) == 1


async def test_one_person_opens_so_many_for_others_and_no_more(desk: TestDesk) -> None:
    for number in range(11):
        place = ConversationRef("test", "T", "office", f"n{number}")
        await reacts(desk, message=quoted(native_id=f"n{number}", conversation=place), where=place)
    assert len(await desk.tickets()) == 10
    assert "ten minutes" in desk.posts("office")[-1]
    desk.clock.forward(minutes=11)
    place = ConversationRef("test", "T", "office", "late")
    await reacts(desk, message=quoted(native_id="late", conversation=place), where=place)
    assert len(await desk.tickets()) == 11


async def test_a_pasted_password_is_masked(desk: TestDesk) -> None:
    said = (Said("Bob", "my password is hunter2!x", START),)
    await reacts(desk, message=quoted("the VPN refuses, my password is Tr0ub4dor&3", thread=said))
    (ticket,) = await desk.tickets()
    async with desk.storage.unit_of_work() as uow:
        texts = " ".join(one.text for one in await uow.conversations.messages(ticket.conversation_id))
    assert "Tr0ub4dor" not in texts + ticket.summary
    assert "hunter2" not in texts + ticket.summary


async def test_what_cannot_be_read_is_said_to_who_reacted_alone(desk: TestDesk) -> None:
    (said,) = told(await reacts(desk, message=Quoted("q1", THREAD)))
    assert (said.visibility, said.recipient) == (Visibility.ONLY_ASKER, "bob")
    assert await desk.tickets() == []


async def card_of(desk: TestDesk) -> ConversationRef:
    await desk.says("/ticket new the lamp flickers")
    number = next(n for n, one in enumerate(desk.wire.posted, 1) if one.conversation.room == "desk")
    return ConversationRef("test", "T", "desk", f"p{number}")


async def on_card(desk: TestDesk, cue: ReactionCue, who: str, card: ConversationRef) -> list[Delivery]:
    return await reacts(desk, cue, who, Quoted(card.thread or "", card), card)


async def test_on_a_card_they_do_what_the_buttons_do(desk: TestDesk) -> None:
    card = await card_of(desk)
    await on_card(desk, "urgent", "tess", card)
    posted = await on_card(desk, "claim", "tess", card)
    (ticket,) = await desk.tickets()
    assert (ticket.status, ticket.priority) == (TicketStatus.IN_PROGRESS, Urgency.URGENT)
    assert all(one.recipient == "tess" for one in told(posted, "desk") if not one.replaces)
    late = [one for one in told(await on_card(desk, "claim", "tom", card), "desk") if not one.replaces]
    assert "Tess" in late[0].document.text
    assert late[0].recipient == "tom"


async def test_done_needs_no_words_and_the_write_up_follows_for_the_technician_alone(desk: TestDesk) -> None:
    card = await card_of(desk)
    posted = await on_card(desk, "resolve", "tess", card)
    (ticket,) = await desk.tickets()
    assert ticket.status is TicketStatus.RESOLVED
    assert "This is done" in desk.posts()[-1]
    (said,) = [one for one in told(posted, "desk") if not one.replaces]
    buttons = [b.action for block in said.document.blocks if isinstance(block, Actions) for b in block.buttons]
    assert "ticket_write-up" in buttons
    assert (said.visibility, said.recipient) == (Visibility.ONLY_ASKER, "tess")


@pytest.mark.parametrize("who", ["ada", "mallory"])
async def test_of_others_an_emoji_is_only_an_emoji(desk: TestDesk, who: str) -> None:
    card = await card_of(desk)
    cues: tuple[ReactionCue, ...] = ("claim", "resolve", "urgent")
    for cue in cues:
        assert await on_card(desk, cue, who, card) == []
    (ticket,) = await desk.tickets()
    assert (ticket.status, ticket.priority is Urgency.URGENT) == (TicketStatus.OPEN, False)
    assert await reacts(desk, "claim", "tess") == []  # nor elsewhere


async def test_the_tickets_author_goes_on_in_the_thread_without_a_mention(desk: TestDesk) -> None:
    await reacts(desk)
    desk.clock.at += timedelta(days=1)
    await desk.receive(desk.message("it smells of smoke, too", "office", thread="q1", private=False))
    posted = await desk.settle()
    assert any("smoke" in one.document.text for one in told(posted, "desk"))


async def test_words_that_were_added_to_a_ticket_are_part_of_it(desk: TestDesk) -> None:
    await reacts(desk)
    desk.clock.forward(minutes=1)
    later = desk.message("it smells of smoke, too", "office", thread="q1", native_id="q2", private=False)
    await desk.receive(later)
    await desk.settle()
    (said,) = told(await reacts(desk, message=quoted("it smells of smoke, too", native_id="q2")))
    assert "T1" in said.document.text
    assert len(await desk.tickets()) == 1


async def test_an_emoji_that_is_met_again_in_the_history_says_nothing(desk: TestDesk) -> None:
    desk.clock.forward(minutes=1)
    await reacts(desk)
    assert await reacts(desk, revision="of the message") == []  # as old as the message itself
    assert len(await desk.tickets()) == 1
    assert "already" in (await reacts(desk, who="tom"))[-1].document.text
