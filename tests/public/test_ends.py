"""The end of an announced problem is told where it was asked about: in public once, in words for everybody."""

from dataclasses import replace

import pytest

from bot.model.people import Person
from bot.model.public import OptOut
from jobs.tell_problems import tell_problems
from tests.public.stage import ANNOUNCED, Stage

OVER = """/ticket problem end P1
en: SC-7 was replaced.
public en: The sorting in Lyon works again."""
ASKED = "Why are all parcels from Lyon late again? This is awful"
ROOM = "desk-tess"


@pytest.fixture
async def announced(stage: Stage) -> Stage:
    """A problem was announced, and Ada was told of it in public."""
    await stage.desk.says(ANNOUNCED, ROOM, who="tess")
    await stage.desk.clicks("ticket_problem", room=ROOM, who="tess")
    stage.desk.clock.forward(seconds=60)
    await told(stage)
    return stage


async def told(stage: Stage) -> str:
    """What is then said in public."""
    before = len(stage.said())
    await tell_problems(stage.desk.services)
    await stage.desk.settle()
    return "\n".join(one.document.text for one in stage.said()[before:])


async def ended(stage: Stage) -> str:
    await stage.desk.says(OVER, ROOM, who="tess")
    await stage.desk.clicks("ticket_problem", room=ROOM, who="tess")
    stage.desk.clock.forward(seconds=60)
    return await told(stage)


async def test_who_was_answered_in_public_is_told_there_once_that_it_is_over(announced: Stage) -> None:
    assert "known problem" in await announced.posts(ASKED, reach="unlisted", warning="parcels")
    said = await ended(announced)
    assert "is over" in said and "The sorting in Lyon works again." in said
    assert "SC-7" not in said
    out = announced.said()[-1]
    assert out.public is not None
    assert (out.public.post, out.public.handle) == ("s1", "ada@example.social")
    assert (out.public.reach, out.public.warning) == ("unlisted", "parcels"), "at their visibility"
    assert await told(announced) == ""


async def test_who_ends_it_sees_before_what_is_said_in_public(announced: Stage) -> None:
    await announced.posts(ASKED)
    shown = await announced.desk.says(OVER, ROOM, who="tess")
    await announced.desk.clicks("ticket_problem", room=ROOM, who="tess")
    announced.desk.clock.forward(seconds=60)
    said = await told(announced)
    assert "The sorting in Lyon works again." in said
    assert said in shown


async def test_news_meanwhile_are_not_told_in_public(announced: Stage) -> None:
    await announced.posts(ASKED)
    await announced.desk.says("/ticket problem update P1\npublic en: Still late.", ROOM, who="tess")
    await announced.desk.clicks("ticket_problem", room=ROOM, who="tess")
    announced.desk.clock.forward(seconds=60)
    assert await told(announced) == ""


async def test_where_nothing_was_said_nothing_is_told(announced: Stage) -> None:
    await announced.posts(ASKED, found_by="hashtag")
    assert (await announced.heard("s1")).state == "held"
    assert await ended(announced) == ""


async def test_a_post_that_was_deleted_is_not_spoken_of(announced: Stage) -> None:
    await announced.posts(ASKED)
    await announced.deletes("s1")
    assert await ended(announced) == ""


async def test_who_said_stop_is_not_told(announced: Stage) -> None:
    await announced.posts(ASKED)
    async with announced.desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut("test", "T", "ada", announced.desk.clock()))
        await uow.commit()
    assert await ended(announced) == ""


async def test_the_ticket_of_who_said_stop_is_resolved_without_a_word(announced: Stage) -> None:
    await announced.desk.says("/ticket new the parcel from Lyon", "ada")
    async with announced.desk.storage.unit_of_work() as uow:
        problem, ticket = await uow.problems.by_number(1), await uow.tickets.by_number(1)
        assert problem and ticket
        uow.tickets.save(replace(ticket, problem_id=problem.id))
        await uow.commit()
    announced.desk.clock.forward(seconds=60)
    async with announced.desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut("test", "T", "ada", announced.desk.clock()))
        await uow.commit()
    before = announced.desk.posts("ada")
    await ended(announced)
    assert announced.desk.posts("ada") == before
    assert (await announced.desk.tickets())[0].status == "resolved"


async def test_a_pause_keeps_it_until_it_is_lifted(announced: Stage) -> None:
    await announced.posts(ASKED)
    await announced.desk.says("/desk mastodon pause", "desk-lea", who="lea")
    assert await ended(announced) == ""
    await announced.desk.says("/desk mastodon resume", "desk-lea", who="lea")
    assert "is over" in await told(announced)


async def test_a_text_that_names_somebody_is_left_out(announced: Stage) -> None:
    await announced.posts(ASKED)
    async with announced.desk.storage.unit_of_work() as uow:
        uow.people.add(Person("Works Again"))
        uow.people.add(Person("Lyon Works"))
        await uow.commit()
    said = await ended(announced)
    assert "is over" in said and "Lyon" not in said


async def test_who_has_a_ticket_of_it_is_told_in_private_alone(announced: Stage) -> None:
    await announced.posts(ASKED)
    post = await announced.heard("s1")
    await announced.desk.says("/ticket new the parcel from Lyon", "ada")
    ticket = (await announced.desk.tickets())[-1]
    async with announced.desk.storage.unit_of_work() as uow:
        found = await uow.tickets.get(ticket.id)
        problem = await uow.problems.by_number(1)
        assert found and problem
        uow.tickets.save(replace(found, problem_id=problem.id))
        uow.public.save(replace(post, ticket_id=ticket.id))
        await uow.commit()
    assert await ended(announced) == ""
    assert "is over" in announced.desk.posts("ada")[-1]
