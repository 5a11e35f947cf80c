"""How it went: asked once, after a human's or a confirmed answer, and known to few."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.services import Policy
from bot.model.tickets import Survey
from bot.model.values import Audience, Role
from jobs.close_resolved import close_resolved
from jobs.send_surveys import send_surveys
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"
BOURRAGE = "mon imprimante dit bourrage papier mais il n'y en a pas"
ASKS, ASKS_FR = "from 1 (poor) to 5", "de 1 (mauvais) à 5"


@pytest.fixture
async def resolved(desk: TestDesk) -> TestDesk:
    """Tess resolved Ada's ticket T1."""
    await desk.appoint("tess")
    await desk.appoint("tom")
    await desk.appoint("lea", Role.LEAD)
    for text in (JAM, "no", "no", "no"):
        await desk.says(text)
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    await desk.says("/ticket resolve T1 The cover was open.", "desk-tess", who="tess")
    return desk


def with_policy(desk: TestDesk, **changes: object) -> None:
    policy = replace(desk.services.policy, **changes)  # type: ignore[arg-type]
    object.__setattr__(desk.services, "policy", policy)


async def surveys(desk: TestDesk, who: str = "ada") -> list[Survey]:
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(desk.message("", who=who).author)
        assert known is not None
        return await uow.tickets.surveys_of(known.person.id)


async def survey(desk: TestDesk) -> Survey:
    (only,) = await surveys(desk)
    return only


async def test_a_confirmed_ticket_is_asked_about_once(resolved: TestDesk) -> None:
    assert ASKS in await resolved.says("yes, thank you")
    assert "that is kept" in await resolved.says("4")
    assert "Those who lead" in await resolved.says("Tess was very quick and kind")
    one = await survey(resolved)
    assert (one.kind, one.score, one.comment) == ("csat", 4, "Tess was very quick and kind")
    resolved.clock.forward(days=2)
    assert await send_surveys(resolved.services) == 0


async def test_it_is_asked_in_french(desk: TestDesk) -> None:
    await desk.says(BOURRAGE)
    assert ASKS_FR in await desk.says("oui ça marche, merci")
    assert "noté" in await desk.says("cinq sur cinq")
    assert "D’accord" in await desk.says("non merci")
    assert (await survey(desk)).score == 5


async def test_the_bots_own_answers_are_asked_about_once_in_a_while(desk: TestDesk) -> None:
    await desk.says(JAM)
    assert ASKS in await desk.says("yes")
    await desk.says(JAM, "other")
    assert ASKS not in await desk.says("yes", "other")
    desk.clock.forward(days=31)
    await desk.says(JAM, "third")
    assert ASKS in await desk.says("yes", "third")


async def test_small_talk_and_what_did_not_help_are_not_asked_about(desk: TestDesk) -> None:
    for text in ("hello", "thanks!", JAM, "no", "thank you", "bye"):
        assert ASKS not in await desk.says(text)
    assert await surveys(desk) == []


@pytest.mark.parametrize("text", ["★★★★", "⭐⭐⭐⭐", "4/5", "four", "4️⃣", "4. very quick", "I'd give it a 4"])
async def test_a_score_is_typed_in_many_ways(resolved: TestDesk, text: str) -> None:
    await resolved.says("yes")
    await resolved.says(text)
    assert (await survey(resolved)).score == 4


@pytest.mark.parametrize("text", ["4 very quick", "4 rapide mais deux fois", "4 merci beaucoup", "4 tess was kind"])
async def test_words_may_follow_a_score_without_more_ado(resolved: TestDesk, text: str) -> None:
    await resolved.says("yes")
    await resolved.says(text)
    one = await survey(resolved)
    assert (one.score, one.comment) == (4, text[2:])


@pytest.mark.parametrize("text", ["2 printers are jammed", "2 imprimantes sont bloquées", "3 screens please", "5 VPN?"])
async def test_a_number_of_things_is_no_score(resolved: TestDesk, text: str) -> None:
    await resolved.says("yes")
    await resolved.says(text)
    assert (await survey(resolved)).score is None


async def test_a_button_gives_a_score_and_another_one_changes_it_within_a_day(resolved: TestDesk) -> None:
    await resolved.says("yes")
    one = await survey(resolved)
    await resolved.clicks("rate", f"{one.id}:2")
    await resolved.clicks("rate", f"{one.id}:5")
    assert (await survey(resolved)).score == 5
    resolved.clock.forward(hours=25)
    assert "stands" in await resolved.clicks("rate", f"{one.id}:1")
    assert (await survey(resolved)).score == 5


async def test_the_last_of_several_scores_in_a_row_counts(resolved: TestDesk) -> None:
    await resolved.says("yes")
    await resolved.says("2")
    await resolved.says("5")
    assert (await survey(resolved)).score == 5


async def test_a_new_question_after_a_score_is_a_question(resolved: TestDesk) -> None:
    await resolved.says("yes")
    await resolved.says("5")
    assert "VPN" in await resolved.says("the vpn wont connect from home")
    assert (await survey(resolved)).comment is None


async def test_a_question_in_the_place_of_a_score_is_a_question(resolved: TestDesk) -> None:
    await resolved.says("yes")
    assert "VPN" in await resolved.says("the vpn wont connect from home")
    assert (await survey(resolved)).score is None


async def test_an_unhappy_comment_is_a_comment_and_no_new_ticket(resolved: TestDesk) -> None:
    await resolved.says("yes")
    await resolved.says("1")
    await resolved.says("I am very unhappy, it took three days, this is unacceptable")
    assert len(await resolved.tickets()) == 1
    assert "three days" in str((await survey(resolved)).comment)


async def test_whoever_declines_is_left_alone(resolved: TestDesk) -> None:
    await resolved.says("yes")
    assert "All right" in await resolved.says("no thanks")
    assert (await survey(resolved)).score is None
    resolved.clock.forward(days=1)
    assert await send_surveys(resolved.services) == 0


@pytest.mark.parametrize("text", ["7", "0", "4.5", "10/10"])
async def test_a_number_that_is_no_score_is_asked_for_again(resolved: TestDesk, text: str) -> None:
    await resolved.says("yes")
    assert "whole number" in await resolved.says(text)
    await resolved.says("3")
    assert (await survey(resolved)).score == 3


async def test_a_score_hours_later_still_counts(resolved: TestDesk) -> None:
    await resolved.says("yes")
    resolved.clock.forward(hours=5)
    await resolved.says("4")
    assert (await survey(resolved)).score == 4


@pytest.mark.parametrize("value", ["", ":", "x:3", "{id}:6", "{id}:0", "{id}:-1", "{id}:4;DROP", "{other}:3"])
async def test_a_made_up_button_gives_no_score(resolved: TestDesk, value: str) -> None:
    await resolved.says("yes")
    one = await survey(resolved)
    await resolved.clicks("rate", value.format(id=one.id, other="0" * 32))
    assert (await survey(resolved)).score is None


async def test_nobody_rates_for_somebody_else(resolved: TestDesk) -> None:
    await resolved.says("yes")
    one = await survey(resolved)
    assert "somebody else" in await resolved.clicks("rate", f"{one.id}:1", "mine", who="mallory")
    assert (await survey(resolved)).score is None


async def test_scores_are_for_leads_and_the_assignee_alone(resolved: TestDesk) -> None:
    await resolved.says("yes")
    await resolved.says("2")
    await resolved.says("Tess was rather rude")
    assert "2 · « Tess was rather rude »" in await resolved.says("/ticket show T1", "desk-lea", who="lea")
    assert "rude" in await resolved.says("/ticket show T1", "desk-tess", who="tess")
    for room, who in (("desk-tom", "tom"), ("dm", "ada")):
        shown = await resolved.says("/ticket show T1", room, who=who)
        assert "rude" not in shown and "Satisfaction" not in shown


async def test_a_ticket_that_closes_without_a_word_is_asked_about_later_and_once(resolved: TestDesk) -> None:
    resolved.clock.forward(days=3)
    assert await close_resolved(resolved.services, timedelta(days=3)) == 1
    assert await send_surveys(resolved.services) == 0, "not before the delay"
    resolved.clock.forward(hours=2)
    assert await send_surveys(resolved.services) == 1
    assert await send_surveys(resolved.services) == 0
    await resolved.settle()
    assert "How did we do on T1" in resolved.posts()[-1]
    await resolved.says("3")
    assert (await survey(resolved)).score == 3


async def test_cancelled_tickets_are_not_asked_about(desk: TestDesk) -> None:
    await desk.says("i want to talk to a human")
    await desk.says("never mind, fixed")
    desk.clock.forward(hours=2)
    assert await send_surveys(desk.services) == 0


async def test_a_public_thread_is_asked_in_a_direct_message_only(desk: TestDesk) -> None:
    await desk.appoint("tess")
    public = {"audience": Audience.PUBLIC, "thread": "t1", "private": False, "mentioned": True}
    await desk.says("i want to talk to a human, my mobile bill is wrong", "square", **public)
    await desk.says("/ticket resolve T1 Corrected.", "desk-tess", who="tess")
    assert ASKS not in await desk.says("yes thanks", "square", **public)
    desk.clock.forward(hours=2)
    assert await send_surveys(desk.services) == 1
    (asked,) = await desk.settle()
    assert (asked.visibility, asked.recipient) == ("direct", "ada")


async def test_no_surveys_where_the_desk_wants_none(resolved: TestDesk) -> None:
    with_policy(resolved, surveys=False)
    assert ASKS not in await resolved.says("yes")
    resolved.clock.forward(days=1)
    assert await send_surveys(resolved.services) == 0


async def test_being_recommended_is_asked_by_itself_and_once_in_a_while(resolved: TestDesk) -> None:
    with_policy(resolved, nps_days=90)
    await resolved.says("yes")
    await resolved.says("5")
    assert await send_surveys(resolved.services) == 0, "never together with the other"
    resolved.clock.forward(days=2)
    assert await send_surveys(resolved.services) == 1
    assert await send_surveys(resolved.services) == 0
    await resolved.settle()
    await resolved.says("10")
    newest, _ = await surveys(resolved)
    assert (newest.kind, newest.score) == ("nps", 10)


async def test_it_is_not_asked_unless_wished_for(resolved: TestDesk) -> None:
    assert Policy().nps_days == 0
    await resolved.says("yes")
    await resolved.says("5")
    resolved.clock.forward(days=2)
    assert await send_surveys(resolved.services) == 0
