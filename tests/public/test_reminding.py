"""A public reply that waits: by when a decision is wanted, and who is reminded of it, once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import DeliveryRefused
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Language, OutboxState
from bot.policies import public_policy_of
from bot.public.reminding import overdue, remind
from bot.settings import Settings
from bot.sla.policies import SlaPolicies
from jobs.remind_held import anybody_to_remind, remind_held
from jobs.show_outcomes import show_outcomes
from tests.engine.desk import DESK_ROOM, OneDeskRoom
from tests.public.stage import Stage, a_held

FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # half past five in Paris; the desk closes at six
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # half past nine: half an hour after it opens


def open_in_office_hours(stage: Stage, language: Language = Language.EN) -> None:
    made = stage.desk.services
    policy = replace(made.policy, desk_language=language)
    stage.desk.services = replace(made, policy=policy, sla=SlaPolicies.load(None, "Europe/Paris"))
    stage.desk.__post_init__()


async def reminded(stage: Stage) -> list[Delivery]:
    """What is posted when the job is due, as the scheduler runs it."""
    services = stage.desk.services
    if await anybody_to_remind(services):
        await remind_held(services)
    return await stage.desk.settle()


async def test_the_time_in_which_one_decides_is_business_time(stage: Stage) -> None:
    """Held on Friday with half an hour to go, it waits over the weekend."""
    open_in_office_hours(stage)
    stage.desk.clock.at = FRIDAY
    post = await a_held(stage)
    assert "Decide by Mon 23 Nov 9:30." in stage.card().text
    stage.desk.clock.at = MONDAY - timedelta(seconds=1)
    assert not await anybody_to_remind(stage.desk.services)
    assert await reminded(stage) == []
    stage.desk.clock.at = MONDAY + timedelta(minutes=10)
    in_thread, to_lead = await reminded(stage)
    assert in_thread.conversation == replace(DESK_ROOM, thread=await native_id(stage, post.cards[0]))
    assert in_thread.document.text.startswith(
        "⏰ P1 has been waiting for a decision for 3 days: it was wanted by Mon 23 Nov 9:30. Lea: please see to it."
    )
    assert stage.buttons() == ["post_approve", "post_edit", "post_leave", "post_ticket"]
    assert to_lead.conversation.room == "desk-lea"
    assert "P1 has been waiting" in to_lead.document.text
    assert "/desk mastodon P1" in to_lead.document.text
    assert (await stage.last()).reminded_at == stage.desk.clock()


async def native_id(stage: Stage, message_id: object) -> str | None:
    async with stage.desk.storage.unit_of_work() as uow:
        message = await uow.conversations.message(message_id)  # type: ignore[arg-type]
    assert message is not None and message.native_id
    return message.native_id


async def test_the_reminders_buttons_decide(stage: Stage) -> None:
    post = await a_held(stage)
    stage.later(minutes=61)
    await reminded(stage)
    await stage.presses("post_approve", post)
    assert (await stage.last()).state == "approved"
    assert len(await stage.rows("s1")) == 1


async def test_who_decides_is_reminded_once(stage: Stage) -> None:
    """Also by processes that look at the same time, and by those that begin later."""
    await a_held(stage)
    await a_held(stage, who="bob")
    stage.later(minutes=60)
    services = stage.desk.services
    await asyncio.gather(*(remind_held(services) for _ in range(4)))
    posted = [*await stage.desk.settle(), *await reminded(stage)]
    stage.later(days=2)
    posted += await reminded(stage)
    assert [one.document.text.split()[1] for one in posted if one.conversation.room == "desk"] == ["P1", "P2"]
    assert len([one for one in posted if one.conversation.room == "desk-lea"]) == 2


@pytest.mark.parametrize("action", ["post_approve", "post_leave"])
async def test_nobody_is_reminded_of_what_was_decided(stage: Stage, action: str) -> None:
    post = await a_held(stage)
    assert "Decide by" in stage.card().text
    await stage.presses(action, post)
    assert "Decide by" not in stage.card().text
    stage.later(minutes=61)
    assert await reminded(stage) == []


async def test_of_what_is_decided_just_then_nothing_is_said(stage: Stage) -> None:
    """Between the look and the word."""
    await a_held(stage)
    stage.later(minutes=61)
    [seen] = await overdue(stage.desk.services, 50)
    await stage.presses("post_leave", seen)
    assert not await remind(stage.desk.services, seen)
    assert await stage.desk.settle() == []
    assert (await stage.last()).reminded_at is None


async def test_a_reply_that_is_refused_waits_anew_and_is_spoken_of_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await a_held(stage)
    stage.later(minutes=61)
    assert await reminded(stage)
    sends = stage.desk.wire.send

    async def send(delivery: Delivery) -> str:
        if delivery.conversation.is_public:
            raise DeliveryRefused("not today")
        return await sends(delivery)

    monkeypatch.setattr(stage.desk.wire, "send", send)
    await stage.presses("post_approve", post)
    while (await stage.rows("s1"))[0].state is not OutboxState.FAILED:
        await stage.desk.settle()
    await show_outcomes(stage.desk.services, [])
    await stage.desk.settle()
    assert (await stage.last()).state == "held"
    assert await reminded(stage) == []
    stage.later(minutes=61)
    assert len(await reminded(stage)) == 2


async def test_while_public_replies_are_paused_the_words_say_so(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.desk.says("/desk mastodon pause", "desk", who="tess")
    stage.later(minutes=61)
    told = await reminded(stage)
    paused = "Public replies are paused; one that you approve goes out all the same."
    assert [paused in one.document.text for one in told] == [True, True]
    await stage.presses("post_approve", post)
    assert (await stage.rows("s1"))[0].public is not None


async def test_in_french(stage: Stage) -> None:
    open_in_office_hours(stage, Language.FR)
    stage.desk.clock.at = FRIDAY
    await a_held(stage)
    assert "À décider avant le lun. 23 nov. 9:30." in stage.card().text.replace("\xa0", " ")
    await stage.desk.says("/desk mastodon pause", "desk", who="tess", language=Language.FR)
    stage.desk.clock.at = MONDAY
    said = next(one for one in await reminded(stage) if one.conversation.room == "desk").document.text
    assert said.replace("\xa0", " ").startswith(
        "⏰ P1 attend une décision depuis 3 jours : elle devait être prise avant le lun. 23 nov. 9:30. "
        "Les réponses publiques sont en pause ; celle que vous approuvez part quand même. "
        "Lea : merci de vous en occuper."
    )


async def test_without_a_time_nobody_is_reminded(stage: Stage) -> None:
    settings = Settings.model_validate({"mastodon_held_minutes": 0})
    stage.settle_policy(held=public_policy_of(settings).held)
    await a_held(stage)
    assert "Decide by" not in stage.card().text
    stage.later(days=30)
    assert not await anybody_to_remind(stage.desk.services)
    assert await reminded(stage) == []


async def test_the_setting_says_how_long_it_may_wait(stage: Stage) -> None:
    settings = Settings.model_validate({"mastodon_held_minutes": 15})
    stage.settle_policy(held=public_policy_of(settings).held)
    await a_held(stage)
    stage.later(minutes=14)
    assert await reminded(stage) == []
    stage.later(minutes=1)
    assert len(await reminded(stage)) == 2


async def test_where_cards_cannot_change_the_commands_stand_below_the_line(stage: Stage) -> None:
    stage.desk.services = replace(stage.desk.services, desk=OneDeskRoom(cards=False))
    stage.desk.__post_init__()
    await a_held(stage)
    stage.later(minutes=61)
    said = next(one for one in await reminded(stage) if one.conversation.room == "desk")
    assert said.conversation == DESK_ROOM
    for command in ("/desk mastodon approve P1", "/desk mastodon leave P1", "/desk mastodon edit P1"):
        assert command in said.document.text


async def test_without_a_desk_room_the_leads_hear_of_it(stage: Stage) -> None:
    stage.desk.services = replace(stage.desk.services, desk=OneDeskRoom(rooms=()))
    stage.desk.__post_init__()
    await a_held(stage)
    stage.later(minutes=61)
    [told] = await reminded(stage)
    assert told.conversation == ConversationRef("test", "T", "desk-lea")


async def test_an_edited_post_waits_since_it_was_first_held(stage: Stage) -> None:
    post = await a_held(stage)
    stage.later(minutes=61)
    assert await reminded(stage)
    await stage.posts("How do I reset my password with #acme?", native_id="s1", revision="2", found_by="hashtag")
    again = await stage.last()
    assert (again.held_at, again.state) == (post.held_at, "held")
    assert await reminded(stage) == []
