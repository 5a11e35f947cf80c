"""What technicians and leads do by command, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.documents import Actions, Fields, plain
from bot.model.values import ClosedReason, Role, TicketStatus, Urgency
from bot.ports.storage import TicketFilter
from tests.engine.at_work import do, technician, ticket
from tests.engine.desk import TestDesk


@pytest.fixture
async def opened(staffed: TestDesk) -> TestDesk:
    await staffed.says("/ticket new my chair is broken")
    return staffed


# --- by name and by turn ---------------------------------------------------------------------------------------------


async def test_a_ticket_is_given_to_somebody_who_is_told(opened: TestDesk) -> None:
    said = await do(opened, "/ticket assign T1 tom")
    assert "given to Tom" in said
    one = await ticket(opened)
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, (await technician(opened, "tom")).id)
    assert "Tess gave you T1" in opened.posts("desk-tom")[-1]


@pytest.mark.parametrize(
    ("name", "says"), [("nobody", "No technician is called nobody"), ("TECH-002", "Tom"), ("@Lea", "Lea")]
)
async def test_a_technician_is_found_by_name_or_number(opened: TestDesk, name: str, says: str) -> None:
    assert says in await do(opened, f"/ticket assign T1 {name}")


async def test_several_of_one_name_are_asked_about(opened: TestDesk) -> None:
    async with opened.storage.unit_of_work() as uow:
        for who in ("tess", "tom"):
            one = await technician(opened, who)
            person = await uow.people.person(one.person_id)
            assert person
            uow.people.save(replace(person, name=f"Sam {who.title()}"))
        await uow.commit()
    said = await do(opened, "/ticket assign T1 Sam", who="lea")
    assert "TECH-001" in said
    assert "TECH-002" in said
    assert (await ticket(opened)).assignee_id is None


async def test_new_tickets_go_round_those_on_duty(staffed: TestDesk) -> None:
    for who in ("tess", "tom"):
        assert "on duty" in await do(staffed, "/desk on", who)
    for number in range(4):
        staffed.clock.forward(minutes=1)
        await staffed.says(f"/ticket new chair number {number} is broken", f"room{number}", who=f"ada{number}")
    tickets = await staffed.tickets()
    tess, tom = await technician(staffed, "tess"), await technician(staffed, "tom")
    assert [one.assignee_id for one in tickets] == [tess.id, tom.id, tess.id, tom.id]
    assert all(one.status is TicketStatus.OPEN for one in tickets)  # assigned is not claimed
    assert any("T2 is yours by turn" in post for post in staffed.posts("desk-tom"))


async def test_skills_say_who_takes_what(staffed: TestDesk) -> None:
    async with staffed.storage.unit_of_work() as uow:
        uow.people.save(replace(await technician(staffed, "tess"), skills=("network",)))
        uow.people.save(replace(await technician(staffed, "tom"), skills=("hardware",)))
        await uow.commit()
    for who in ("tess", "tom"):
        await do(staffed, "/desk on", who)
    await staffed.says("/ticket new my printer LX-420 is jammed", "r1", who="ada")
    await staffed.says("/ticket new the wifi is down", "r2", who="bob")
    await staffed.says("/ticket new another printer jam on the LX-420", "r3", who="cleo")
    owners = [one.assignee_id for one in await staffed.tickets()]
    tess, tom = await technician(staffed, "tess"), await technician(staffed, "tom")
    assert owners == [tom.id, tess.id, tom.id]


async def test_going_off_duty_hands_over_with_two_lines(staffed: TestDesk) -> None:
    for who in ("tess", "tom"):
        await do(staffed, "/desk on", who)
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket claim T1")
    await do(staffed, "/ticket reply T1 Which one?")
    await staffed.says("the blue one by the window")
    said = await do(staffed, "/desk off")
    assert "T1" in said
    assert "the blue one by the window" in said
    one = await ticket(staffed)
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, (await technician(staffed, "tom")).id)
    told = staffed.posts("desk-tom")[-1]
    assert "T1 is yours now" in told
    assert "the blue one by the window" in told
    assert "passed on to a colleague" in staffed.posts()[-1]
    assert not (await technician(staffed, "tess")).on_duty


async def test_who_was_never_told_who_has_their_ticket_is_not_told_who_has_not(staffed: TestDesk) -> None:
    await do(staffed, "/desk on")
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket assign T1 tess", "tom")
    await do(staffed, "/desk off")
    assert "a technician claims it" in staffed.posts()[-1]


async def test_off_duty_may_keep_what_one_holds(opened: TestDesk) -> None:
    await do(opened, "/desk on")
    await do(opened, "/ticket claim T1")
    assert "keep your tickets" in await do(opened, "/desk off keep")
    assert (await ticket(opened)).status is TicketStatus.IN_PROGRESS


async def test_with_nobody_left_what_one_held_waits_for_the_desk(opened: TestDesk) -> None:
    await do(opened, "/desk on")
    await do(opened, "/ticket claim T1")
    await do(opened, "/desk off")
    one = await ticket(opened)
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, None)


async def test_the_lead_hears_of_a_ticket_that_nobody_is_there_for(staffed: TestDesk) -> None:
    await staffed.says("/ticket new the lamp is broken", "r1", who="bob")
    assert staffed.posts("desk-lea") == []  # nobody has ever used duty: everybody reads the room
    await do(staffed, "/desk on")
    await do(staffed, "/desk off")
    await staffed.says("/ticket new my chair is broken")
    assert "Nobody is on duty, and T2 waits" in staffed.posts("desk-lea")[-1]


async def test_who_is_there(staffed: TestDesk) -> None:
    assert "Nobody is on duty" in await do(staffed, "/desk who")
    await do(staffed, "/desk present")
    said = await do(staffed, "/desk qui", who="lea")
    assert "On duty: 1" in said or "De service" in said
    assert "TECH-001 Tess: 🟢" in said


# --- waiting and sleeping --------------------------------------------------------------------------------------------


async def test_waiting_asks_the_person_and_their_answer_ends_it(opened: TestDesk) -> None:
    await do(opened, "/ticket claim T1")
    assert "waits for the person" in await do(opened, "/ticket wait T1 Which one is it?")
    assert "Which one is it?" in opened.posts()[-1]
    assert (await ticket(opened)).status is TicketStatus.WAITING
    await opened.says("the blue one")
    assert (await ticket(opened)).status is TicketStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("2h", datetime(2026, 11, 16, 11, 0, tzinfo=UTC)),
        ("tomorrow 9:00", datetime(2026, 11, 17, 8, 0, tzinfo=UTC)),
        ("demain 9h", datetime(2026, 11, 17, 8, 0, tzinfo=UTC)),
        ("vendredi", datetime(2026, 11, 20, 8, 0, tzinfo=UTC)),
    ],
)
async def test_snoozing_in_words(opened: TestDesk, words: str, until: datetime) -> None:
    await do(opened, "/ticket claim T1")
    await do(opened, f"/ticket snooze T1 {words}")
    assert (await ticket(opened)).snoozed_until == until


async def test_the_persons_words_wake_a_ticket(opened: TestDesk) -> None:
    await do(opened, "/ticket claim T1")
    await do(opened, "/ticket reporter T1 2h")
    await opened.says("it fell apart now")
    assert (await ticket(opened)).snoozed_until is None


@pytest.mark.parametrize("words", ["yesterday", "bananas", "99/99/2026", "10000000h", "🎉"])
async def test_what_is_no_moment_to_come_is_said(opened: TestDesk, words: str) -> None:
    assert "tomorrow 9:00" in await do(opened, f"/ticket snooze T1 {words}")
    assert (await ticket(opened)).snoozed_until is None


# --- taking back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        ("claim T1", TicketStatus.OPEN, "waiting for a technician again"),
        ("resolve T1 glued it", TicketStatus.OPEN, "not done yet"),
        ("close T1", TicketStatus.OPEN, "not closed"),
        ("not-a-request T1", TicketStatus.OPEN, "not closed"),
    ],
)
async def test_a_step_is_taken_back(opened: TestDesk, command: str, status: TicketStatus, told: str) -> None:
    before = await ticket(opened)
    await do(opened, f"/ticket {command}")
    opened.clock.forward(seconds=20)
    assert "Undone" in await do(opened, "/ticket undo T1")
    after = await ticket(opened)
    assert after.status is status
    assert replace(after, version=0, resolution=None) == replace(before, version=0)
    assert told in opened.posts()[-1]


async def test_after_half_a_minute_nothing_is_taken_back(opened: TestDesk) -> None:
    await do(opened, "/ticket close T1")
    opened.clock.forward(seconds=31)
    assert "nothing to undo" in await do(opened, "/ticket undo T1")
    assert (await ticket(opened)).status is TicketStatus.CLOSED


async def test_nobody_takes_back_what_another_did(opened: TestDesk) -> None:
    await do(opened, "/ticket claim T1")
    assert "nothing to undo" in await do(opened, "/ticket undo T1", who="tom")
    assert (await ticket(opened)).status is TicketStatus.IN_PROGRESS


async def test_a_merge_is_taken_back(opened: TestDesk) -> None:
    await opened.says("/ticket new my chair is broken too", "other", who="bob")
    await do(opened, "/ticket merge T2 T1")
    assert (await ticket(opened, 2)).closed_reason is ClosedReason.MERGED
    assert "T1" in opened.posts("other")[-1]
    await do(opened, "/ticket annuler T2")
    assert (await ticket(opened, 2)).status is TicketStatus.OPEN
    assert await opened.storage.unit_of_work().tickets.links((await ticket(opened, 2)).id) == []
    places = await opened.storage.unit_of_work().tickets.places((await ticket(opened)).id)
    assert len([place for place in places if place.side == "asker"]) == 1


async def test_what_came_after_an_undone_resolve_goes_to_the_human_again(opened: TestDesk) -> None:
    await do(opened, "/ticket reply T1 I am on it")
    await do(opened, "/ticket resolve T1 glued it")
    await do(opened, "/ticket undo T1")
    await opened.says("yes")  # no confirmation is waited for any more
    assert (await ticket(opened)).status is TicketStatus.IN_PROGRESS


async def test_a_ticket_does_not_go_into_itself_or_one_that_is_over(opened: TestDesk) -> None:
    assert "with itself" in await do(opened, "/ticket merge T1 T1")
    await opened.says("/ticket new the lamp is broken", "other", who="bob")
    await do(opened, "/ticket close T2")
    assert "closed" in await do(opened, "/ticket merge T1 T2")
    assert (await ticket(opened)).is_active


# --- what a ticket is about ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["network", "03", "NET", "net", "Réseau et Internet", "Network and internet"])
async def test_a_category_by_whatever_it_is_called(opened: TestDesk, word: str) -> None:
    await do(opened, f"/ticket category T1 {word}")
    assert (await ticket(opened)).category == "network"
    assert "do not know" in await do(opened, "/ticket category T1 gardening")


async def test_a_priority_in_both_languages(opened: TestDesk) -> None:
    await do(opened, "/ticket priorite T1 urgente")
    assert (await ticket(opened)).priority is Urgency.URGENT
    assert "/ticket priority" in await do(opened, "/ticket priority T1 whatever")


async def test_links_go_both_ways_and_off_again(opened: TestDesk) -> None:
    await opened.says("/ticket new the lamp is broken", "other", who="bob")
    assert "belong together" in await do(opened, "/ticket link T1 T2")
    assert "no longer linked" in await do(opened, "/ticket lier T2 T1")
    assert await opened.storage.unit_of_work().tickets.links((await ticket(opened)).id) == []


async def test_an_escalation_reaches_the_lead(opened: TestDesk) -> None:
    await do(opened, "/ticket escalate T1 the vendor does not answer")
    assert "Tess asks for a decision on T1" in opened.posts("desk-lea")[-1]
    one = await ticket(opened)
    assert one.priority is Urgency.HIGH
    (note,) = await opened.storage.unit_of_work().tickets.notes(one.id)
    assert note.text == "the vendor does not answer"


async def test_anger_about_an_open_ticket_raises_its_priority(opened: TestDesk) -> None:
    assert "raised its priority" in await opened.says("this is unacceptable, I want to speak to a human right now!!!")
    assert (await ticket(opened)).priority is Urgency.HIGH
    assert any("priority is high now" in post for post in opened.posts("desk"))


# --- who may what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "assign T1 tom", "release T1", "wait T1", "snooze T1 2h", "priority T1 low", "category T1 network",
        "link T1 T1",
        "merge T1 T1", "unmerge T1", "resolve T1 x", "close T1", "not-a-request T1", "escalate T1", "note T1 x",
        "reply T1 x", "undo T1", "claim T1",
    ],
)  # fmt: skip
async def test_employees_do_none_of_it(opened: TestDesk, command: str) -> None:
    before = await ticket(opened)
    assert "for technicians" in await opened.says(f"/ticket {command}")
    assert await ticket(opened) == before


@pytest.mark.parametrize("command", ["release T1", "resolve T1 x", "close T1", "snooze T1 2h", "assign T1 tom"])
async def test_a_ticket_in_other_hands_is_left_to_them_and_to_leads(opened: TestDesk, command: str) -> None:
    await do(opened, "/ticket claim T1")
    assert "Tess" in await do(opened, f"/ticket {command}", who="tom")
    assert (await ticket(opened)).status is TicketStatus.IN_PROGRESS
    await do(opened, f"/ticket {command}", who="lea")
    after = await ticket(opened)
    assert after.status is not TicketStatus.IN_PROGRESS or after.snoozed_until is not None


async def test_the_reference_of_somebody_elses_ticket_shows_nothing(opened: TestDesk) -> None:
    await do(opened, "/ticket note T1 she is difficult")
    for command in ("show", "reopen"):
        assert "no ticket T1" in await opened.says(f"/ticket {command} T1", "other", who="mallory")
    assert "difficult" not in await opened.says("/ticket show T1")


async def test_a_name_that_is_markup_stays_a_name(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken", who="**<@u1>** [x](http://e)")
    card = next(one for one in staffed.wire.posted if one.conversation.room == "desk").document
    fields = next(block for block in card.blocks if isinstance(block, Fields))
    assert ("Asker", plain("**<@U1>** [X](Http://E)")) in fields.items


# --- what there is ---------------------------------------------------------------------------------------------------


async def test_help_names_what_one_may_do(staffed: TestDesk) -> None:
    employees = await staffed.says("/ticket help")
    technicians = await do(staffed, "/ticket aide")
    assert "/ticket assign" not in employees
    for command in staffed.services.commands.allowed(Role.TECHNICIAN):
        assert staffed.services.texts(f"{command.key}.usage", "en").split()[1] in technicians  # type: ignore[arg-type]
    assert "/desk on" in await do(staffed, "/desk help")


async def test_every_command_has_a_french_alias_or_a_word_both_languages_have(staffed: TestDesk) -> None:
    same = {"note", "stats", "search", "new", "export", "sync", "show"}
    for command in staffed.services.commands.commands:
        assert command.aliases or command.name in same, command.key


async def test_every_button_of_the_card_is_a_command_and_has_words(opened: TestDesk) -> None:
    card = next(d for d in opened.wire.posted if d.conversation.room == "desk")
    buttons = [button for block in card.document.blocks if isinstance(block, Actions) for button in block.buttons]
    names = {command.name for command in opened.services.commands.commands}
    assert {button.action.removeprefix("ticket_") for button in buttons} <= names
    assert {"ticket_claim", "ticket_resolve", "ticket_snooze", "ticket_not-a-request"} <= {b.action for b in buttons}


async def test_the_count_of_tickets_is_never_wrong_after_all_that(opened: TestDesk) -> None:
    await do(opened, "/ticket claim T1")
    tickets = opened.storage.unit_of_work().tickets
    assert await tickets.count(TicketFilter()) == len(await opened.tickets()) == 1
