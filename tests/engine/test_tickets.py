"""What happens to a ticket: between its asker and the technicians, in conversation."""

from dataclasses import replace

import pytest

from bot.model.values import AnswerKind, ClosedReason, TicketStatus
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"


@pytest.fixture
async def opened(desk: TestDesk) -> TestDesk:
    """A desk with two technicians, tess and tom, and Ada's ticket T1 about a printer."""
    await desk.appoint("tess")
    await desk.appoint("tom")
    for text in (JAM, "no", "no", "no"):
        await desk.says(text)
    return desk


async def test_a_new_ticket_is_announced_in_the_desk_with_a_claim_button(opened: TestDesk) -> None:
    (card,) = opened.posts("desk")
    assert "T1" in card and "Ada" in card
    assert opened.button("ticket_claim", "desk").value == "T1"


async def test_a_ticket_is_claimed_answered_and_resolved(opened: TestDesk) -> None:
    assert "T1 is yours" in await opened.says("/ticket claim T1", "desk", who="tess")
    assert "Tess is taking care of T1" in opened.posts("dm")[-1]
    await opened.says("/ticket reply T1 I am on my way to your printer", "desk", who="tess")
    assert "I am on my way to your printer" in opened.posts("dm")[-1]
    assert "Tess" in opened.posts("dm")[-1]
    await opened.says("/ticket resolve T1 The rear cover was not shut.", "desk", who="tess")
    assert "The rear cover was not shut." in opened.posts("dm")[-1]
    assert "closed" in await opened.says("yes, thank you")
    (ticket,) = await opened.tickets()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, ClosedReason.CONFIRMED)
    async with opened.storage.unit_of_work() as uow:
        kinds = [event.kind for event in await uow.tickets.events(ticket.id)]
    assert kinds == ["opened", "claimed", "replied", "resolved", "closed"]


async def test_french_commands_do_the_same(opened: TestDesk) -> None:
    await opened.says("/ticket prendre t1", "desk", who="tess")
    await opened.says("!répondre T1 J'arrive", "desk", who="tess")
    await opened.says("/ticket résoudre T1 Capot refermé", "desk", who="tess")
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.RESOLVED


async def test_the_second_to_claim_is_told_who_was_first(opened: TestDesk) -> None:
    await opened.says("/ticket claim T1", "desk", who="tess")
    assert "Tess was first" in await opened.says("/ticket claim T1", "desk", who="tom")
    (ticket,) = await opened.tickets()
    assert ticket.assignee_id is not None


async def test_a_reply_claims_and_one_to_somebody_elses_ticket_is_not_sent(opened: TestDesk) -> None:
    await opened.says("/ticket reply T1 Hello", "desk", who="tess")
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.IN_PROGRESS
    before = len(opened.posts("dm"))
    assert "Not sent" in await opened.says("/ticket reply T1 Me too", "desk", who="tom")
    assert len(opened.posts("dm")) == before


async def test_an_employee_cannot_work_tickets(opened: TestDesk) -> None:
    for command in ("claim T1", "resolve T1 done", "note T1 x", "close T1", "reply T1 hi"):
        assert "for technicians" in await opened.says(f"/ticket {command}", who="ada")
    assert "for technicians" in await opened.clicks("ticket_claim", "T1", "desk", who="mallory")
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.OPEN


async def test_an_employee_sees_only_their_own_tickets_and_no_notes(opened: TestDesk) -> None:
    await opened.says("/ticket note T1 the asker is the CEO's cousin", "desk", who="tess")
    shown = await opened.says("/ticket show T1", who="ada")
    assert JAM in shown and "cousin" not in shown
    assert "cousin" in await opened.says("/ticket show T1", "desk", who="tess")
    assert "know no ticket T1" in await opened.says("/ticket show T1", "elsewhere", who="mallory")
    assert JAM not in await opened.says("/ticket list", "elsewhere", who="mallory")


async def test_a_note_reaches_nobody_outside(opened: TestDesk) -> None:
    before = len(opened.posts("dm"))
    await opened.says("/ticket note T1 secret thing", "desk", who="tess")
    assert len(opened.posts("dm")) == before


async def test_once_a_human_has_answered_the_bot_holds_its_tongue(opened: TestDesk) -> None:
    await opened.says("/ticket reply T1 Which floor are you on?", "desk", who="tess")
    answer = await opened.says("how do i set my out of office reply, third floor")
    assert "Sent to Tess" in answer
    assert any("third floor" in post for post in opened.posts("desk"))
    assert "Outlook" not in answer


async def test_where_there_are_threads_the_bot_says_nothing_at_all(desk: TestDesk) -> None:
    await desk.appoint("tess")
    for text in (JAM, "no", "no", "no"):
        await desk.says(text, thread="t1", private=False, mentioned=True)
    await desk.says("/ticket reply T1 Which floor?", "desk", who="tess")
    assert await desk.says("the third", thread="t1", private=False) == ""
    assert any("the third" in post for post in desk.posts("desk"))


async def test_in_a_private_thread_a_mark_says_that_words_have_arrived(desk: TestDesk) -> None:
    await desk.appoint("tess")
    for text in (JAM, "no", "no", "no"):
        await desk.says(text, thread="t1")
    await desk.says("/ticket reply T1 Which floor?", "desk", who="tess")
    await desk.receive(replace(desk.message("the third", thread="t1", native_id="m99"), markable=True))
    (told,) = [one.document.text for one in await desk.settle() if one.conversation.thread == "t1"]
    mark = desk.wire.posted[-1]
    assert told == mark.document.text == "✉️ Your message reached the desk."  # where messages cannot be marked
    assert (mark.conversation.thread, mark.reaction, mark.replaces) == ("t1", "delivered", None)
    assert len([post for post in desk.posts("desk") if "the third" in post]) == 1
    assert "Sent to Tess" in await desk.says("on the left", thread="t1")  # where nothing can be marked, on a page


async def test_not_settled_after_all_reopens_and_keeps_the_technician(opened: TestDesk) -> None:
    await opened.says("/ticket resolve T1 Done.", "desk", who="tess")
    assert "reopened" in await opened.says("no, it still does not work")
    (ticket,) = await opened.tickets()
    assert (ticket.status, ticket.reopened) == (TicketStatus.OPEN, 1)
    assert ticket.assignee_id is not None


async def test_thanks_does_not_reopen(opened: TestDesk) -> None:
    await opened.says("/ticket resolve T1 Done.", "desk", who="tess")
    await opened.says("thank you!")
    (ticket,) = await opened.tickets()
    assert ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    assert ticket.reopened == 0


async def test_never_mind_closes_the_ticket_and_tells_the_desk(opened: TestDesk) -> None:
    await opened.says("/ticket claim T1", "desk", who="tess")
    await opened.says("never mind, it's fixed")
    (ticket,) = await opened.tickets()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, ClosedReason.CANCELLED)
    assert any("settled" in post for post in opened.posts("desk"))
    await opened.clicks("reopen")
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.IN_PROGRESS  # as it was


async def test_a_closed_ticket_is_gone_on_with_in_a_new_one(opened: TestDesk) -> None:
    await opened.says("never mind, it's fixed")
    opened.clock.forward(minutes=5)
    await opened.clicks("reopen")
    first, second = await opened.tickets()
    assert (first.status, second.status) == (TicketStatus.CLOSED, TicketStatus.OPEN)
    assert (second.previous_id, second.title) == (first.id, first.title)
    (link,) = await opened.storage.unit_of_work().tickets.links(first.id)
    assert (link.ticket_id, link.kind) == (second.id, "follows")


async def test_where_is_my_ticket(opened: TestDesk) -> None:
    assert "T1" in await opened.says("where is my ticket?")
    await opened.says("/ticket claim T1", "desk", who="tess")
    assert "Tess" in await opened.says("des nouvelles de mon ticket ?")
    assert "no open ticket" in await opened.says("where is my ticket?", "elsewhere", who="bob")


async def test_more_about_it_is_added_to_the_ticket(opened: TestDesk) -> None:
    message = await opened.asked("it is the LX-420 on the third floor and it shows E-13")
    assert message.outcome and message.outcome.kind is AnswerKind.TICKET
    assert message.outcome.ticket == "T1"
    (ticket,) = await opened.tickets()
    assert "LX-420" in ticket.entities.devices
    assert any("third floor" in post for post in opened.posts("desk"))


async def test_another_question_is_answered_while_the_ticket_is_open(opened: TestDesk) -> None:
    message = await opened.asked("how do i set my out of office reply in outlook")
    assert message.outcome and message.outcome.kind is AnswerKind.ANSWER


async def test_with_two_open_tickets_the_desk_asks_which(opened: TestDesk) -> None:
    await opened.says("/ticket new the coffee machine on floor two leaks")
    assert len(await opened.tickets()) == 2
    asked = await opened.says("never mind, it's fixed")
    assert "Which" in asked
    await opened.clicks("which_ticket", "T2")
    first, second = await opened.tickets()
    assert (first.status, second.status) == (TicketStatus.OPEN, TicketStatus.CLOSED)


async def test_a_person_who_comes_back_is_reminded_once_a_day(opened: TestDesk) -> None:
    assert "T1" in await opened.says("how do i set my out of office reply in outlook", "other")
    assert "T1" not in await opened.says("the wifi has no internet", "third")
    opened.clock.forward(hours=25)
    assert "T1" in await opened.says("i forgot my password", "fourth")


async def test_about_the_same_thing_the_reminder_comes_first(opened: TestDesk) -> None:
    answer = await opened.says("the printer says paper jam again, there is no paper in it", "other")
    assert answer.startswith("You have a ticket open on this: T1")


async def test_an_unknown_command_names_the_nearest(opened: TestDesk) -> None:
    assert "/ticket claim" in await opened.says("/ticket clam T1", "desk", who="tess")
    assert "/ticket claim" in await opened.says("/ticket claim", "desk", who="tess")


async def test_two_technicians_at_once_and_one_wins(opened: TestDesk) -> None:
    claims = [opened.message("/ticket claim T1", f"desk-{who}", who=who) for who in ("tess", "tom")]
    await opened.receive(*claims)
    await opened.settle()
    said = [post for who in ("tess", "tom") for post in opened.posts(f"desk-{who}")]
    assert sum("is yours" in post for post in said) == 1
    assert sum("was first" in post for post in said) == 1


async def test_a_disabled_technician_has_no_rights(opened: TestDesk) -> None:
    from dataclasses import replace

    async with opened.storage.unit_of_work() as uow:
        tess = (await uow.people.technicians())[0]
        uow.people.save(replace(tess, disabled=True))
        await uow.commit()
    assert "for technicians" in await opened.says("/ticket claim T1", "desk", who="tess")


async def test_a_name_that_is_markup_stays_text(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new **bold** [link](http://x) is broken", who="*eve*")
    card = desk.wire.posted[-2] if desk.wire.posted[-1].conversation.room == "dm" else desk.wire.posted[-1]
    fields = next(block for block in card.document.blocks if block.type == "fields")
    assert any("\\*" in value for _, value in fields.items) or "\\*" in fields.title
