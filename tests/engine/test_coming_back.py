"""Tickets that come back: words in their thread long after, words after they closed, and to whom they go then."""

from dataclasses import replace

import pytest

from bot.engine.working import working
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus
from bot.technicians import disable
from tests.engine.at_work import do, technician
from tests.engine.desk import TestDesk

HALL = {"private": False, "thread": "t1"}


async def leaves(desk: TestDesk, who: str) -> list[Ticket]:
    """An administrator disables them."""
    async with working(desk.services, f"disable:{who}") as work:
        given_back = await disable(work, await technician(desk, who))
    await desk.settle()
    return given_back


async def newest(desk: TestDesk) -> Ticket:
    return (await desk.tickets())[-1]


# --- words ---------------------------------------------------------------------------------------------------------


async def test_words_in_a_tickets_thread_reach_the_technician_days_later_without_a_mention(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken", "hall", mentioned=True, **HALL)
    staffed.clock.forward(hours=20)
    await do(staffed, "/ticket reply T1 Which one is it?")
    staffed.clock.forward(hours=20)
    await staffed.says("the blue one", "hall", **HALL)
    assert any("the blue one" in post for post in staffed.posts("desk"))


async def test_what_others_say_there_meanwhile_is_left_alone(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken", "hall", mentioned=True, **HALL)
    staffed.clock.forward(hours=20)
    before = len(staffed.wire.posted)
    await staffed.says("so, lunch?", "hall", who="bob", **HALL)
    await staffed.says("so, lunch?", "hall", who="bob", private=False, thread="t2")
    assert staffed.wire.posted[before:] == []


async def test_a_resolved_ticket_is_reopened_in_its_thread_days_later(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken", "hall", mentioned=True, **HALL)
    await do(staffed, "/ticket resolve T1 glued it")
    staffed.clock.forward(days=2)
    await staffed.says("it broke once more", "hall", **HALL)
    assert ((await newest(staffed)).status, (await newest(staffed)).reopened) == (TicketStatus.OPEN, 1)


@pytest.mark.parametrize(
    "text", ["it broke once more", "the left leg came off", "la chaise est de nouveau cassée", "?"]
)
async def test_whatever_the_asker_writes_about_a_resolved_ticket_reopens_it(staffed: TestDesk, text: str) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket resolve T1 glued it")
    await staffed.says(text)
    one = await newest(staffed)
    assert (one.number, one.status, one.reopened) == (1, TicketStatus.OPEN, 1)


async def test_another_question_while_it_is_to_be_confirmed_is_answered(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket resolve T1 glued it")
    assert "VPN" in await staffed.says("the vpn wont connect from home")
    assert (await newest(staffed)).status is TicketStatus.RESOLVED


@pytest.mark.parametrize(
    "text",
    ["it still does not work", "my chair is broken again", "ça ne marche toujours pas", "the chair problem is back",
     "ça recommence, la chaise est cassée"],
)  # fmt: skip
async def test_what_is_back_after_its_ticket_closed_is_gone_on_with_in_a_new_one(staffed: TestDesk, text: str) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket resolve T1 glued it")
    await do(staffed, "/ticket close T1")
    staffed.clock.forward(hours=3)
    assert "T2" in await staffed.says(text)
    first, second = await staffed.tickets()
    assert (first.status, second.status, second.previous_id) == (TicketStatus.CLOSED, TicketStatus.OPEN, first.id)
    (link,) = await staffed.storage.unit_of_work().tickets.links(first.id)
    assert (link.ticket_id, link.other_id, link.kind) == (second.id, first.id, "follows")


@pytest.mark.parametrize("text", ["thanks!", "merci beaucoup", "ok", "bye", "👍", "hello", "where is my ticket?"])
async def test_what_says_nothing_of_the_kind_opens_nothing(staffed: TestDesk, text: str) -> None:
    await staffed.says("/ticket new my chair is broken", "hall", mentioned=True, **HALL)
    await do(staffed, "/ticket close T1")
    staffed.clock.forward(minutes=3)
    await staffed.says(text, "hall", **HALL)
    (only,) = await staffed.tickets()
    assert (only.status, only.reopened) == (TicketStatus.CLOSED, 0)


async def test_in_the_thread_of_a_closed_ticket_any_words_of_its_asker_go_on_with_it(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken", "hall", mentioned=True, **HALL)
    await do(staffed, "/ticket close T1")
    staffed.clock.forward(days=1)
    await staffed.says("the left leg came off", "hall", **HALL)
    first, second = await staffed.tickets()
    assert (second.previous_id, second.title) == (first.id, "the left leg came off")


async def test_another_matter_or_one_of_long_ago_is_a_question_of_its_own(staffed: TestDesk) -> None:
    await staffed.says("/ticket new the wifi of my laptop drops")
    await do(staffed, "/ticket close T1")
    staffed.clock.forward(hours=1)
    assert "T2" not in await staffed.says("my printer says paper jam again, there is no paper in it")
    staffed.clock.forward(days=15)
    assert "T2" not in await staffed.says("the wifi is down again")
    assert len(await staffed.tickets()) == 1


# --- hands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["the asker", "the desk"])
async def test_what_a_disabled_technician_had_resolved_comes_back_to_the_others(staffed: TestDesk, way: str) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket claim T1")
    await do(staffed, "/ticket resolve T1 glued it")
    assert await leaves(staffed, "tess") == []
    await do(staffed, "/desk on", "tom")
    if way == "the asker":
        await staffed.says("no, it still does not work")
    else:
        await do(staffed, "/ticket reopen T1", "lea")
    one = await newest(staffed)
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, (await technician(staffed, "tom")).id)
    assert any("T1 is yours by turn" in post for post in staffed.posts("desk-tom"))


async def test_with_nobody_there_it_waits_for_the_desk_and_the_lead_hears(staffed: TestDesk) -> None:
    await do(staffed, "/desk on")
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket resolve T1 glued it")
    await leaves(staffed, "tess")
    await staffed.says("no, it still does not work")
    assert (await newest(staffed)).assignee_id is None
    assert "Nobody is on duty, and T1 waits" in staffed.posts("desk-lea")[-1]


async def test_one_that_is_parted_again_comes_back_to_the_others(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken")
    await staffed.says("/ticket new the lamp flickers", "other", who="bob")
    await do(staffed, "/ticket claim T2")
    await do(staffed, "/ticket merge T2 T1")
    await leaves(staffed, "tess")
    await do(staffed, "/ticket unmerge T2", "tom")
    one = await newest(staffed)
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, None)


async def test_whoever_has_not_left_keeps_what_comes_back(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket resolve T1 glued it")
    await do(staffed, "/desk on", "tom")
    await staffed.says("no, it still does not work")
    assert (await newest(staffed)).assignee_id == (await technician(staffed, "tess")).id


async def test_when_the_last_one_goes_the_lead_hears_of_all_they_held_at_once(staffed: TestDesk) -> None:
    await do(staffed, "/desk on")
    for thing in ("chair", "lamp"):
        await staffed.says(f"/ticket new my {thing} is broken", thing, who=thing)
    before = len(staffed.posts("desk-lea"))
    await do(staffed, "/desk off")
    (told,) = staffed.posts("desk-lea")[before:]
    assert "Tess has gone off duty" in told and "T1, T2" in told


# --- what is next --------------------------------------------------------------------------------------------------


async def test_who_comes_second_is_told_what_is_theirs_by_turn(staffed: TestDesk) -> None:
    for who in ("tess", "tom"):
        await do(staffed, "/desk on", who)
    for thing in ("chair", "lamp"):
        await staffed.says(f"/ticket new my {thing} is broken", thing, who=thing)
    await do(staffed, "/ticket claim T1")
    said = await do(staffed, "/ticket claim T1", "tom")
    assert "Tess was first" in said and "Next in line: T2 · my lamp is broken" in said


async def test_who_comes_second_is_told_that_nothing_else_waits(staffed: TestDesk) -> None:
    await staffed.says("/ticket new my chair is broken")
    await do(staffed, "/ticket claim T1")
    assert "Nothing else waits" in await do(staffed, "/ticket claim T1", "tom")


async def test_what_is_somebody_elses_by_turn_or_sleeps_is_not_next(staffed: TestDesk) -> None:
    await do(staffed, "/desk on")
    for thing in ("chair", "lamp", "desk"):
        await staffed.says(f"/ticket new my {thing} is broken", thing, who=thing)
    async with staffed.storage.unit_of_work() as uow:
        third = await uow.tickets.by_number(3)
        assert third
        uow.tickets.save(replace(third, assignee_id=None, snoozed_until=staffed.clock.at.replace(hour=23)))
        await uow.commit()
    await do(staffed, "/ticket claim T1")
    assert "Nothing else waits" in await do(staffed, "/ticket claim T1", "tom")
