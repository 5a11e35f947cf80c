"""In rooms that others read, the bot follows who asked, gives way to humans, and lets nothing for a ticket be lost."""

from dataclasses import replace

import pytest

from bot.model.messages import ConversationRef
from bot.model.values import Language, Visibility
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"


async def hears(desk: TestDesk, text: str, who: str = "ada", *, mentioned: bool = False, **more: object) -> str:
    return await desk.says(text, "office", who=who, thread="t1", private=False, mentioned=mentioned, **more)


async def test_only_who_asked_is_followed_without_a_mention(desk: TestDesk) -> None:
    assert await hears(desk, JAM, mentioned=True)
    assert await hears(desk, "did you switch it off and on?", "bob") == ""
    assert await hears(desk, "no", "bob") == ""


async def test_a_follow_up_of_who_asked_counts(desk: TestDesk) -> None:
    await hears(desk, JAM, mentioned=True)
    assert await hears(desk, "no")


async def test_once_a_human_has_answered_the_bot_gives_way_until_it_is_called(desk: TestDesk) -> None:
    await hears(desk, JAM, mentioned=True)
    await hears(desk, "open the back, there is a scrap of paper", "bob")
    assert await hears(desk, "where is the back?") == ""
    assert await hears(desk, "behind you", "bob") == ""
    assert await hears(desk, "no, it did not help", mentioned=True)
    assert await hears(desk, "no")


async def test_a_press_of_somebody_elses_is_told_to_them_alone_and_changes_nobodys_turn(desk: TestDesk) -> None:
    await hears(desk, JAM, mentioned=True)
    said = await desk.clicks("worked", None, "office", who="zoe", thread="t1", locale="fr-FR")
    assert "s’adresse à quelqu’un d’autre" in said
    told = desk.wire.posted[-1]
    assert (told.visibility, told.recipient) == (Visibility.ONLY_ASKER, "zoe")
    assert await hears(desk, "no")
    await hears(desk, "open the back, there is a scrap of paper", "bob")
    await desk.clicks("worked", None, "office", who="bob", thread="t1")
    assert await hears(desk, "where is the back?") == ""


async def test_what_others_say_there_is_not_kept(desk: TestDesk) -> None:
    await hears(desk, JAM, mentioned=True)
    await hears(desk, "my salary is none of your business", "bob")
    async with desk.storage.unit_of_work() as uow:
        conversation = await uow.conversations.by_ref(ConversationRef("test", "T", "office", "t1"))
        assert conversation
        assert not [one for one in await uow.conversations.messages(conversation.id) if "salary" in one.text]


async def test_a_follow_up_that_came_before_its_mention_is_heard_once_that_has_come(desk: TestDesk) -> None:
    """Replicas hear by several ways, and one of them may die with the first message in hand."""
    said = {}
    for who, text in (("bob", "hello all"), ("ada", JAM), ("ada", "no"), ("cy", "lunch?")):
        said[text] = desk.message(text, "office", thread="t1", who=who, private=False, mentioned=text is JAM)
        desk.clock.forward(seconds=1)
    for text in ("hello all", "no", "lunch?"):
        await desk.receive(said[text])
        await desk.settle()
    assert not desk.posts("office")
    await desk.receive(said[JAM])
    await desk.settle()
    first, second = desk.posts("office")
    assert first != second
    assert await hears(desk, "no") == ""  # somebody else spoke last


async def test_words_for_a_ticket_get_through_whoever_spoke_and_however_late(desk: TestDesk) -> None:
    await hears(desk, "/ticket new the chair is broken", mentioned=True)
    await hears(desk, "take mine", "bob")
    desk.clock.forward(days=3)
    before = len(desk.posts("desk"))
    await hears(desk, "it has lost a leg as well")
    assert any("lost a leg" in text for text in desk.posts("desk")[before:])
    await hears(desk, "how sad", "bob")
    assert not any("how sad" in text for text in desk.posts("desk"))


async def test_a_mention_by_somebody_else_is_answered(desk: TestDesk) -> None:
    await hears(desk, JAM, mentioned=True)
    assert await hears(desk, "how do I connect to the VPN?", "bob", mentioned=True)


@pytest.mark.parametrize("language", list(Language))
async def test_a_late_answer_begins_with_an_apology_once(desk: TestDesk, language: Language) -> None:
    sorry = desk.services.texts("chat.sorry_late", language)
    asked = [replace(desk.message(text, language=language), caught_up=True) for text in (JAM, "hello", "thanks")]
    await desk.receive(*asked)
    await desk.settle()
    answers = [text for text in desk.posts() if text]
    assert answers[0].startswith(sorry)
    assert [text for text in answers if sorry in text] == answers[:1]
    await desk.says(JAM, "other", language=language)
    assert sorry not in desk.posts("other")[0]
