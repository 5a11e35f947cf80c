"""Forms: opened by buttons, filled in beforehand, checked, and carried out as the typed commands are."""

from dataclasses import replace

import pytest

from bot.commands.catalogue import COMMANDS
from bot.engine.turn import Turn
from bot.errors import StaleWrite
from bot.forms.specs import FORMS
from bot.model.documents import Document, Fields
from bot.model.messages import ConversationRef, Identity, IncomingFile, Quoted, Said
from bot.model.tickets import Ticket
from bot.model.values import Audience, ClosedReason, TicketStatus, Urgency, Visibility
from bot.reception import DeskReception
from tests.engine.desk import START, TestDesk
from tests.forms.filling import CARD, buttons_of, opened, person, pressed, send, to, values_in

LONGEST_TITLE = 24  # characters, what Slack shows


@pytest.fixture
async def ticket(desk: TestDesk) -> Ticket:
    await desk.says("/ticket new the chair in room 12 is broken")
    (made,) = await desk.tickets()
    return made


async def now(desk: TestDesk) -> Ticket:
    return (await desk.tickets())[-1]


async def disable(desk: TestDesk, who: str) -> None:
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(Identity("test", "T", who))
        assert known
        assert known.technician
        uow.people.save(replace(known.technician, disabled=True))
        await uow.commit()


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("name", ["ticket_reply", "ticket_note", "ticket_priority", "ticket_snooze", "ticket_resolve"])
async def test_a_button_opens_its_form_in_the_language_of_who_pressed(
    desk: TestDesk, ticket: Ticket, reception: DeskReception, name: str, locale: str
) -> None:
    click = replace(pressed(name, "T1"), author=person("tess", locale))
    form = await reception.form_of(click)
    assert form
    assert (form.name, form.subject, form.language) == (name, "T1", locale)
    assert len(form.title) <= LONGEST_TITLE
    assert len(form.submit) <= LONGEST_TITLE
    assert all(field.label for field in form.fields)


def test_every_form_is_carried_out_by_a_command() -> None:
    names = {command.name for command in COMMANDS if command.group == "ticket"}
    assert {spec.command for spec in FORMS.values() if spec.command} <= names
    assert {name for name, spec in FORMS.items() if spec.command is None} == {"post_edit"}, "it is about no ticket"


async def test_who_may_not_is_told_as_after_any_press(desk: TestDesk, ticket: Ticket, reception: DeskReception) -> None:
    assert await reception.form_of(pressed("ticket_resolve", "T1", "ada")) is None
    await disable(desk, "tom")
    assert await reception.form_of(pressed("ticket_resolve", "T1", "tom")) is None
    await desk.clicks("ticket_claim", "T1", "desk", who="tess")
    assert (
        await reception.form_of(replace(pressed("ticket_resolve", "T1"), author=Identity("test", "T", "nobody")))
        is None
    )
    await disable(desk, "tess")
    assert "for technicians" in await desk.clicks("ticket_resolve", "T1", "desk", who="tess")


async def test_somebody_elses_ticket_is_not_resolved_by_a_form(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    await desk.clicks("ticket_claim", "T1", "desk", who="tess")
    assert await reception.form_of(pressed("ticket_resolve", "T1", "tom")) is None
    assert "Tess" in await desk.clicks("ticket_resolve", "T1", "desk", who="tom")
    posted = await send(desk, "ticket_resolve", "tom", text="Done.")
    assert "Tess" in to(posted, "tom").document.text
    assert (await now(desk)).status is TicketStatus.IN_PROGRESS
    assert await reception.form_of(pressed("ticket_resolve", "T1", "lea")) is not None  # a lead may


async def test_resolving_tells_the_person_and_writes_up_apart_from_it(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    await desk.says("/ticket reply T1 I have tightened the screws of the seat.", "desk", who="tess")
    form = await opened(reception, "ticket_resolve")
    assert "tightened the screws" in values_in(form)["steps"]
    posted = await send(
        desk, form, text="Your chair is as good as new.\nSit down.", cause="The screws had come loose.",
        keywords="chair, screws",
    )  # fmt: skip
    assert (await now(desk)).status is TicketStatus.RESOLVED
    assert "as good as new" in desk.posts()[-1]
    assert "come loose" not in desk.posts()[-1]
    async with desk.storage.unit_of_work() as uow:
        (one,) = await uow.tickets.interventions(ticket.id)
    assert one.root_cause == "The screws had come loose."
    assert any("tightened the screws" in step for step in one.steps)
    assert {"chair", "screws"} <= set(one.keywords)
    said = to(posted, "tess")
    assert one.reference in said.document.text
    assert "ticket_write-up" not in buttons_of(said)
    assert said.visibility is Visibility.ONLY_ASKER


async def test_nothing_stands_beforehand_in_what_is_sent_to_the_person(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    for said in ("/ticket reply T1 I look at it today.", "/ticket note T1 he breaks one a month"):
        await desk.says(said, "desk", who="tess")
    resolve, reply = await opened(reception, "ticket_resolve"), await opened(reception, "ticket_reply")
    assert "one a month" in values_in(resolve)["steps"]
    assert values_in(resolve)["text"] == values_in(reply)["text"] == ""


@pytest.mark.parametrize(("locale", "sent", "kept"), [("en", "is sent", "not sent"), ("fr", "est envoyé", "n’en est")])
async def test_each_field_says_who_reads_it(
    ticket: Ticket, reception: DeskReception, locale: str, sent: str, kept: str
) -> None:
    form = await reception.form_of(replace(pressed("ticket_resolve", "T1"), author=person("tess", locale)))
    assert form
    hints = {field.name: field.hint for field in form.fields}
    assert sent in hints.pop("text")
    assert hints and all(kept in hint for hint in hints.values())


async def test_a_reason_stands_for_no_write_up(desk: TestDesk, ticket: Ticket, reception: DeskReception) -> None:
    form = await opened(reception, "ticket_resolve")
    await send(desk, form, text="Somebody else asked, too.", cause="whatever", reason="duplicate")
    assert (await now(desk)).resolution_reason == "duplicate"
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.interventions(ticket.id) == []


async def test_without_either_the_write_up_is_still_offered(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    posted = await send(desk, await opened(reception, "ticket_resolve"), text="Done.", steps="", cause="")
    assert "ticket_write-up" in buttons_of(to(posted, "tess"))
    form = await opened(reception, "ticket_write-up")
    assert values_in(form)["title"]
    posted = await send(desk, form, cause="A loose screw.", steps="1. Look\n2. Tighten")
    async with desk.storage.unit_of_work() as uow:
        (one,) = await uow.tickets.interventions(ticket.id)
    assert (one.root_cause, one.steps) == ("A loose screw.", ("Look", "Tighten"))


async def test_a_note_stays_inside_and_a_reply_arrives(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    before = len(desk.posts())
    await send(desk, await opened(reception, "ticket_note"), text="She sits too hard.")
    assert desk.posts()[before:] == []
    await send(desk, await opened(reception, "ticket_reply"), text="Which chair is it?\nThe blue one?")
    assert "Which chair is it?\nThe blue one?" in desk.posts()[-1]
    assert (await now(desk)).status is TicketStatus.IN_PROGRESS


async def test_priority_and_snooze(desk: TestDesk, ticket: Ticket, reception: DeskReception) -> None:
    form = await opened(reception, "ticket_priority")
    assert values_in(form)["priority"] == ticket.priority
    await send(desk, form, priority="urgent")
    await send(desk, await opened(reception, "ticket_snooze"), when="2h")
    snoozed = await now(desk)
    assert snoozed.priority is Urgency.URGENT
    assert snoozed.snoozed_until
    assert (snoozed.snoozed_until - desk.clock()).total_seconds() == 2 * 3600


async def test_a_ticket_by_form_is_as_it_was_picked(desk: TestDesk, reception: DeskReception) -> None:
    form = await reception.new_ticket_form(person("ada"), text="the coffee machine")
    assert values_in(form)["text"] == "the coffee machine"
    assert [field.name for field in form.fields] == ["text", "category", "priority"]
    await send(
        desk, form, "ada", where=ConversationRef("test", "T", "dm"), text="it is urgent: no coffee",
        category="hardware", priority="low",
    )  # fmt: skip
    made = await now(desk)
    assert (made.category, made.priority, made.title) == ("hardware", Urgency.LOW, "it is urgent: no coffee")


async def test_a_message_that_was_pointed_at_fills_the_form_and_its_author_is_asked_for(
    desk: TestDesk, reception: DeskReception
) -> None:
    thread = ConversationRef("test", "T", "office", "q9")
    link = "https://acme.example/archives/C1/p9"
    quoted = Quoted("q9", thread, person("bob"), "the lamp flickers", START, link, Audience.INTERNAL)
    form = await reception.new_ticket_form(person("ada"), quoted)
    assert values_in(form) == {"text": "the lamp flickers", "category": "", "priority": "", "asker": "author"}
    posted = await send(desk, form, "ada", where=thread, quoted=quoted, text="the lamp in 12 flickers", priority="high")
    made = await now(desk)
    async with desk.storage.unit_of_work() as uow:
        asker = await uow.people.person(made.asker_id)
    assert asker
    assert (asker.name, made.title, made.priority, made.link) == (
        "Bob", "the lamp in 12 flickers", Urgency.HIGH, link,
    )  # fmt: skip
    (said,) = [one for one in posted if one.conversation == thread]
    assert "Ada" in said.document.text
    assert "decline_ticket" in buttons_of(said)
    await send(desk, form, "ada", where=thread, quoted=quoted, asker="me", text="mine flickers, too")
    assert (await now(desk)).title == "mine flickers, too"
    assert (await now(desk)).asker_id != made.asker_id


async def test_what_was_said_around_the_message_and_its_files_are_in_ones_own_ticket_too(desk: TestDesk) -> None:
    thread = ConversationRef("test", "T", "office", "q9")
    said, file = (
        (Said("Bob", "mine too", START),),
        IncomingFile("f1", "lamp.png", "image/png", 9, "https://x.example/1"),
    )
    quoted = Quoted("q9", thread, person("bob"), "the lamp flickers", START, None, Audience.INTERNAL, (file,), said)
    where = ConversationRef("test", "T", "dm")
    await send(desk, "ticket_new", "ada", where=where, quoted=quoted, subject="", asker="me", text="my lamp flickers")
    made = await now(desk)
    assert "Bob: mine too" in made.summary
    async with desk.storage.unit_of_work() as uow:
        history = await uow.conversations.messages(made.conversation_id)
        assert "Bob: mine too" in [one.text for one in history]
        assert len(await uow.attachments.of([one.id for one in history])) == 1


async def test_what_is_wrong_is_said_field_by_field(desk: TestDesk, ticket: Ticket, reception: DeskReception) -> None:
    tess = person("tess", "fr")
    problems = await reception.problems_in("ticket_resolve", {"text": " \n", "reason": "because"}, tess)
    assert set(problems) == {"text", "reason"}
    assert "remplir" in problems["text"]
    long = await reception.problems_in("ticket_note", {"text": "x" * 3001}, tess)
    assert "3000" in long["text"]
    for when, is_wrong in (
        ("2h", False),
        ("tomorrow 9:00", False),
        ("off", False),
        ("yesterday", True),
        ("soon", True),
    ):
        assert bool(await reception.problems_in("ticket_snooze", {"when": when}, tess)) is is_wrong
    assert await reception.problems_in("ticket_priority", {"priority": "high"}, tess) == {}
    assert set(await reception.problems_in("ticket_priority", {"priority": "highest"}, tess)) == {"priority"}


async def test_rights_are_looked_at_when_a_form_is_sent(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    form = await opened(reception, "ticket_reply")
    await disable(desk, "tess")
    problems = await reception.problems_in(form.name, {"text": "You are welcome."}, person("tess"))
    assert "for technicians" in problems["text"]
    before = len(desk.posts())
    posted = await send(desk, form, text="You are welcome.")  # it was on its way already
    assert desk.posts()[before:] == []
    assert "for technicians" in to(posted, "tess").document.text
    assert "You are welcome." in to(posted, "tess").document.text
    posted = await send(desk, "ticket_resolve", "ada", text="I do this myself.")
    assert "for technicians" in to(posted, "ada").document.text
    assert (await now(desk)).status is TicketStatus.OPEN


async def test_what_cannot_be_done_any_more_gives_every_word_back(
    desk: TestDesk, ticket: Ticket, reception: DeskReception
) -> None:
    form = await opened(reception, "ticket_resolve")
    await desk.says("/ticket close T1", "desk", who="lea")
    assert (await now(desk)).closed_reason is ClosedReason.CANCELLED
    words = {"text": "Line one.\n*Line* two.", "cause": "A `loose` screw.", "steps": "1. Look\n2. Tighten"}
    said = to(await send(desk, form, words=words), "tess")
    (given_back,) = [block for block in said.document.blocks if isinstance(block, Fields) and "wrote" in block.title]
    assert len(given_back.items) >= 3
    again = await reception.form_of(pressed("form_again", buttons_of(said)["form_again"].value))
    assert again
    assert (again.name, again.subject) == ("ticket_resolve", "T1")
    assert {name: values_in(again)[name] for name in words} == words
    assert await reception.form_of(pressed("form_again", buttons_of(said)["form_again"].value, "tom")) is None
    assert await reception.form_of(pressed("form_again", "no id")) is None


async def test_a_conflict_that_does_not_end_gives_every_word_back_too(
    desk: TestDesk, ticket: Ticket, reception: DeskReception, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await opened(reception, "ticket_note")
    command = desk.services.commands.named("ticket", "note")

    async def overtaken(turn: Turn, argument: str) -> Document:
        raise StaleWrite("somebody else was faster")

    table = desk.services.commands
    monkeypatch.setattr(table, "_by_word", table._by_word | {("ticket", "note"): replace(command, run=overtaken)})
    monkeypatch.setattr("bot.engine.reruns.RERUNS", 1)
    said = to(await send(desk, form, text="She sits too hard."), "tess")
    assert "E-" in said.document.text
    assert "She sits too hard." in said.document.text
    again = await reception.form_of(pressed("form_again", buttons_of(said)["form_again"].value))
    assert again
    assert values_in(again)["text"] == "She sits too hard."


async def test_a_password_in_a_form_is_masked(desk: TestDesk, ticket: Ticket, reception: DeskReception) -> None:
    await send(desk, await opened(reception, "ticket_note"), text="her password is Tr0ub4dor&3")
    async with desk.storage.unit_of_work() as uow:
        (note,) = await uow.tickets.notes(ticket.id)
    assert "Tr0ub4dor" not in note.text


async def test_the_card_has_the_desks_habits(desk: TestDesk, ticket: Ticket) -> None:
    card = next(one for one in desk.wire.posted if one.conversation.room == "desk")
    assert [name.removeprefix("ticket_") for name in buttons_of(card)] == [
        "claim", "resolve", "reply", "note", "priority", "snooze", "not-a-request",
    ]  # fmt: skip
    assert CARD.thread == "p2"


async def test_where_nothing_opens_forms_no_button_asks_for_one(desk: TestDesk) -> None:
    desk.services = replace(desk.services, desk=replace(desk.services.desk, forms=False))  # type: ignore[type-var]
    desk.__post_init__()
    await desk.says("/ticket new the lamp flickers")
    card = next(one for one in desk.wire.posted if one.conversation.room == "desk")
    assert {"ticket_reply", "ticket_note", "ticket_priority"}.isdisjoint(buttons_of(card))
