"""Technicians see of which post a ticket came and who reads there; a post's story is told as any message's."""

from zoneinfo import ZoneInfo

import pytest

from bot.errors import InvalidInput
from bot.model.messages import ConversationRef
from bot.model.public import Line
from bot.model.values import Language
from bot.trace import story_of, told
from tests.public.stage import Stage

URGENT = "This is a scandal, your service is down since this morning and I lose money! I want my money back"
HELD = "Three weeks and my parcel is not here, awful"


async def story(stage: Stage, reference: str) -> str:
    async with stage.desk.storage.unit_of_work() as uow:
        found = await story_of(uow, reference)
    return told(found, stage.desk.services.texts, Language.EN, ZoneInfo("Europe/Paris"))


async def test_the_card_shows_the_post_its_thread_and_who_reads_there(stage: Stage) -> None:
    before = Line("bob@example.social", "Same here since Monday.", stage.desk.clock())
    await stage.posts(URGENT, reach="unlisted", thread=(before,))
    card = stage.desk.posts("desk")[0]
    assert "@ada@example.social" in card and "not in public timelines" in card and "answered in private" in card
    assert "Same here since Monday." in card
    document = next(one.document for one in stage.desk.wire.posted if one.conversation.room == "desk")
    assert "https://example.social/@ada/s1" in str(document.blocks)
    shown = await stage.desk.says("/ticket show T1", "desk-tess", who="tess")
    assert "@ada@example.social" in shown and "not in public timelines" in shown
    assert "@ada@example.social" not in await stage.desk.says("/ticket show T1", "ada", who="ada"), "they know"


async def test_words_go_both_ways_in_private_and_never_to_the_thread(stage: Stage) -> None:
    await stage.posts(URGENT)
    said = len(stage.said())
    await stage.desk.says("/ticket reply T1 Which contract is it?", "desk-tess", who="tess")
    assert "Which contract is it?" in stage.desk.posts("ada")[-1]
    await stage.desk.says("the one of my mother, C-4711", "ada")
    assert "the one of my mother" in stage.desk.posts("desk")[-1]
    await stage.desk.says("/ticket resolve T1 You have your money back.", "desk-tess", who="tess")
    assert "You have your money back." in stage.desk.posts("ada")[-1]
    await stage.desk.says("yes, thank you", "ada")
    async with stage.desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
        private = await uow.conversations.by_ref(ConversationRef("test", "T", "ada"))
        public = await uow.conversations.by_ref(ConversationRef("test", "T", "public", "s1"))
        assert ticket and private and public
        assert (ticket.status, ticket.closed_reason) == ("closed", "confirmed")
        assert URGENT not in [one.text for one in await uow.conversations.messages(private.id)]
        assert not [one for one in await uow.conversations.messages(public.id) if "contract" in one.text]
    assert len(stage.said()) == said


async def test_the_story_of_a_post_says_what_was_decided_and_why(stage: Stage) -> None:
    await stage.posts(URGENT)
    told_ = await story(stage, str((await stage.heard("s1")).message_id))
    assert "answer in public at once" in told_ and "Opened ticket T1" in told_ and "Delivered" in told_
    assert "Public post @ada@example.social (Everybody, in public timelines): answered." in told_
    shown = await stage.desk.says("/ticket show T1 --trace", "desk-tess", who="tess")
    assert "answer in public at once" in shown


async def test_the_story_of_a_held_post_is_found_by_its_reference(stage: Stage) -> None:
    await stage.posts(HELD, found_by="hashtag")
    told_ = await story(stage, "p1")
    assert "hold the public reply for a technician" in told_
    assert "P1 @ada@example.social" in told_ and "a technician decides" in told_
    with pytest.raises(InvalidInput):
        await story(stage, "P7")


async def test_the_story_of_a_post_that_is_not_for_the_desk_says_so(stage: Stage) -> None:
    await stage.posts("Nice weather today", found_by="hashtag")
    told_ = await story(stage, str((await stage.heard("s1")).message_id))
    assert "say nothing" in told_ and "seen" in told_
