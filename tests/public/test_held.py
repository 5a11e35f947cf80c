"""Replies that wait for a technician: what the card shows, and what each button does, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.conversations import Message
from bot.model.documents import Sources
from bot.model.messages import ConversationRef, IncomingMessage
from bot.model.public import FoundBy, Line, PublicPost
from bot.model.tickets import Problem, ProblemText
from bot.model.values import Audience, Language, OutboxState
from tests.engine.desk import DESK_ROOM, OneDeskRoom
from tests.public.stage import COMPLAINT, SITE, Stage, a_held

QUESTION = "How do I reset my password with #acme?"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_card_says_everything_that_one_decides_by(stage: Stage, language: str) -> None:
    stage.desk_speaks(Language(language))
    post = await a_held(stage, COMPLAINT[language])
    card = stage.card().text
    say = stage.desk.services.texts
    for shown in (
        "P1",
        "@ada@example.social",
        COMPLAINT[language],
        say(f"priority.{post.urgency}", Language(language)),
        say("post.because.approval", Language(language)),
        say("post.reach.unlisted", Language(language)),
        say("post.next.held", Language(language)),
        f"{SITE}/c/{post.token}",
    ):
        assert shown in card, shown
    assert stage.buttons() == ["post_approve", "post_edit", "post_leave", "post_ticket"]


async def test_what_is_approved_goes_out_half_a_minute_later_as_it_was_shown(stage: Stage) -> None:
    post = await a_held(stage)
    assert post.reply is not None
    said = await stage.presses("post_approve", post)
    assert "30" in said
    [row] = await stage.rows("s1")
    assert row.available_at == stage.desk.clock() + timedelta(seconds=33)
    assert row.document == post.reply
    assert row.public is not None
    post = await stage.last()
    assert (post.state, post.decided_at) == ("approved", stage.desk.clock())
    assert post.replied_at is not None
    assert stage.buttons() == ["post_undo", "post_ticket"]
    assert "Tess" in stage.card().text


async def test_what_is_left_is_not_said_and_can_be_held_again(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.presses("post_leave", post)
    assert (await stage.last()).state == "left"
    assert await stage.rows("s1") == []
    assert "Tess" in stage.card().text
    await stage.presses("post_undo", post)
    assert (await stage.last()).state == "held"
    assert "post_approve" in stage.buttons()


async def test_an_approval_is_taken_back_within_half_a_minute(stage: Stage) -> None:
    stage.desk.wire.accounts = frozenset()  # nobody delivers meanwhile
    post = await a_held(stage)
    await stage.presses("post_approve", post)
    stage.later(seconds=29)
    await stage.presses("post_undo", post)
    [row] = await stage.rows("s1")
    assert row.state is OutboxState.WITHDRAWN
    post = await stage.last()
    assert (post.state, post.replied_at, post.decided_by) == ("held", None, None)
    await stage.presses("post_approve", post)
    assert [one.state for one in await stage.rows("s1")] == [OutboxState.WITHDRAWN, OutboxState.PENDING]


async def test_after_half_a_minute_it_is_too_late(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.presses("post_approve", post)
    stage.later(seconds=31)
    assert "cannot be taken back" in await stage.presses("post_undo", post)
    assert (await stage.last()).state == "approved"


async def test_of_two_technicians_at_once_one_decides_and_the_other_is_told_who(stage: Stage) -> None:
    post = await a_held(stage)
    said = await asyncio.gather(stage.presses("post_approve", post), stage.presses("post_leave", post, who="tom"))
    post = await stage.last()
    assert post.state in ("approved", "left")
    loser, winner = ("tom", "Tess") if post.state == "approved" else ("tess", "Tom")
    told = [one.document.text for one in stage.desk.wire.posted if one.recipient == loser]
    assert any(winner in text and "already" in text for text in told), said
    assert len(await stage.rows("s1")) == (1 if post.state == "approved" else 0)


async def test_only_technicians_decide(stage: Stage) -> None:
    post = await a_held(stage)
    for action in ("post_approve", "post_leave", "post_ticket", "post_edit", "post_undo"):
        await stage.presses(action, post, who="ada", room="desk")
    assert "technicians" in await stage.fills_in(post, "I approve of myself", who="ada")
    assert "technicians" in await stage.desk.says("/desk mastodon approve P1", who="ada")
    assert (await stage.last()).state == "held"
    assert await stage.rows("s1") == []
    assert await stage.tickets() == []


async def test_a_ticket_is_opened_from_the_card_and_answered_in_private(stage: Stage) -> None:
    post = await a_held(stage)
    said = await stage.presses("post_ticket", post)
    [ticket] = await stage.tickets()
    assert ticket.reference in said
    assert ticket.link == post.link
    post = await stage.last()
    assert post.ticket_id == ticket.id
    assert ticket.reference in stage.card().text
    assert post.reply is not None
    assert ticket.reference in post.reply.text
    assert "T1 already" in await stage.presses("post_ticket", post)
    await stage.desk.says("/ticket reply T1 We are on our way.", "desk", who="tess")
    assert any("We are on our way." in text for text in stage.desk.posts("ada"))
    assert stage.said() == []


async def test_the_times_in_a_reply_are_those_of_its_approval(stage: Stage) -> None:
    post = await a_held(stage)
    stage.later(hours=7)
    await stage.presses("post_approve", post)
    [row] = await stage.rows("s1")
    assert row.document.text.startswith("Sorry for the late reply.")


async def test_an_article_that_changed_is_shown_anew_before_it_is_said(stage: Stage) -> None:
    post = await a_held(stage, QUESTION)
    assert post.reply is not None
    [source] = [block.items[0] for block in post.reply.blocks if isinstance(block, Sources)]
    async with stage.desk.storage.unit_of_work() as uow:
        article = await uow.knowledge.article(source.id)
        assert article is not None
        uow.knowledge.put(replace(article, audience=Audience.INTERNAL))
        await uow.commit()
    assert "has changed" in await stage.presses("post_approve", post)
    post = await stage.last()
    assert (post.state, post.because) == ("held", "changed")
    assert post.reply is not None
    assert source.title not in post.reply.text
    assert await stage.rows("s1") == []
    await stage.presses("post_approve", post)
    assert len(await stage.rows("s1")) == 1


@pytest.mark.parametrize("found_by", ["hashtag", "mention"])
async def test_who_mends_a_word_while_the_approved_reply_waits_is_still_to_be_answered(
    stage: Stage, found_by: FoundBy
) -> None:
    stage.desk.wire.accounts = frozenset()  # nobody delivers meanwhile
    await stage.desk.says("/desk mastodon pause", "desk", who="tess")
    await stage.posts("Three days without internet and nobody anwsers!", found_by=found_by)
    await stage.presses("post_approve", await stage.heard("s1"))
    stage.later(seconds=10)
    await stage.posts(
        "Three days without internet and nobody answers!", found_by=found_by, native_id="s1", revision="2"
    )
    post = await stage.heard("s1")
    assert post.state == "held" and post.reply is not None
    assert [one.state for one in await stage.rows("s1")] == [OutboxState.WITHDRAWN]
    await stage.presses("post_approve", post)
    assert [one.state for one in await stage.rows("s1")] == [OutboxState.WITHDRAWN, OutboxState.PENDING]


async def test_a_deleted_post_withdraws_what_was_held_and_its_words(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.deletes("s1")
    post = await stage.last()
    assert (post.state, post.because, post.text) == ("withdrawn", "deleted", "")
    assert COMPLAINT["en"] not in stage.card().text
    assert "deleted" in stage.card().text
    assert "does not wait" in await stage.presses("post_approve", post)
    assert await stage.rows("s1") == []


async def test_a_deleted_post_withdraws_what_was_approved_and_not_sent(stage: Stage) -> None:
    stage.desk.wire.accounts = frozenset()
    post = await a_held(stage)
    await stage.presses("post_approve", post)
    await stage.deletes("s1")
    assert (await stage.last()).state == "withdrawn"
    assert [one.state for one in await stage.rows("s1")] == [OutboxState.WITHDRAWN]


async def test_what_was_said_to_a_post_that_is_deleted_stands(stage: Stage) -> None:
    await stage.posts("How do I reset my password?")
    await stage.deletes("s1")
    post = await stage.last()
    assert (post.state, post.text) == ("answered", "")
    assert [one.state for one in await stage.rows("s1")] == [OutboxState.SENT]


async def test_an_edited_post_has_its_reply_composed_anew(stage: Stage) -> None:
    post = await a_held(stage)
    stage.later(minutes=5)
    await stage.posts(QUESTION, native_id="s1", revision="2", found_by="hashtag")
    again = await stage.last()
    assert (again.id, again.number, again.state, again.token) == (post.id, 1, "held", post.token)
    assert again.reply != post.reply
    assert QUESTION in stage.card().text
    assert len([one for one in stage.desk.wire.posted if one.conversation == DESK_ROOM and not one.edits]) == 1


async def test_an_edit_that_asks_for_nothing_any_more_leaves_nothing_to_decide(stage: Stage) -> None:
    await a_held(stage)
    stage.later(minutes=5)
    await stage.posts("What a lovely day #acme", native_id="s1", revision="2", found_by="hashtag")
    assert (await stage.last()).state == "seen"
    assert "post_approve" not in buttons_now(stage)


def buttons_now(stage: Stage) -> list[str]:
    last = [one for one in stage.desk.wire.posted if one.conversation == DESK_ROOM][-1]
    return [button.action for block in last.document.blocks for button in getattr(block, "buttons", ())]


async def test_an_answered_post_keeps_its_answer_when_it_is_edited(stage: Stage) -> None:
    await stage.posts("How do I reset my password?")
    stage.later(minutes=5)
    assert await stage.posts("How do I reset my printer?", native_id="s1", revision="2") == ""
    post = await stage.last()
    assert (post.state, post.text) == ("answered", "How do I reset my printer?")


async def test_an_older_version_that_comes_late_changes_nothing(stage: Stage) -> None:
    older = stage.post("Old words, shame on you", native_id="s1", revision="1", found_by="hashtag")
    stage.later(minutes=5)
    stage._number = 0
    await a_held(stage)
    await stage.desk.receive(older)
    await stage.desk.settle()
    assert (await stage.heard("s1")).text == COMPLAINT["en"]


async def test_without_a_desk_room_held_posts_wait_in_the_list(stage: Stage) -> None:
    stage.desk.services = replace(stage.desk.services, desk=OneDeskRoom(rooms=()))
    stage.desk.__post_init__()
    post = await a_held(stage)
    assert post.cards == ()
    said = await stage.desk.says("/desk mastodon", "desk-tess", who="tess")
    assert "P1" in said
    assert "@ada@example.social" in said
    shown = await stage.desk.says("/desk mastodon P1", "desk-tess", who="tess")
    assert COMPLAINT["en"] in shown
    await stage.desk.says("/desk mastodon approve P1", "desk-tess", who="tess")
    assert (await stage.last()).state == "approved"


async def test_in_every_room_the_card_changes(stage: Stage) -> None:
    other = ConversationRef("test", "T", "desk2")

    class Two(OneDeskRoom):
        def shows_cards(self, ref: ConversationRef) -> bool:
            return ref in self.rooms

    stage.desk.services = replace(stage.desk.services, desk=Two(rooms=(DESK_ROOM, other), cards=True))
    stage.desk.__post_init__()
    post = await a_held(stage)
    assert len(post.cards) == 2
    await stage.presses("post_leave", post)
    for room in ("desk", "desk2"):
        assert "Tess" in stage.card(room).text
    async with stage.desk.storage.unit_of_work() as uow:
        cards = [await uow.conversations.message(id) for id in post.cards]
    assert all(isinstance(card, Message) for card in cards)


async def test_where_cards_cannot_change_the_commands_stand_on_them(stage: Stage) -> None:
    stage.desk.services = replace(stage.desk.services, desk=OneDeskRoom(cards=False))
    stage.desk.__post_init__()
    await a_held(stage)
    [card] = stage.desk.posts("desk")
    for command in ("/desk mastodon approve P1", "/desk mastodon leave P1", "/desk mastodon edit P1"):
        assert command in card


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_announced_problem_is_told_and_its_end_is_promised(stage: Stage, language: str) -> None:
    spoken = Language(language)
    text = {"en": "Internet is down in Lyon. We are on it.", "fr": "Internet est coupé à Lyon. Nous y travaillons."}
    problem = Problem(
        1,
        "Secret core switch",
        "network",
        (
            ProblemText(Audience.PUBLIC, spoken, text[language]),
            ProblemText(Audience.INTERNAL, spoken, "The switch burnt"),
        ),
        ("internet",),
        announced_at=stage.desk.clock(),
    )
    async with stage.desk.storage.unit_of_work() as uow:
        uow.problems.add(problem)
        await uow.commit()
    said = await stage.posts(COMPLAINT[language])
    assert text[language] in said
    assert "switch" not in said
    assert stage.desk.services.texts("public.say.problem_end", spoken) in said
    async with stage.desk.storage.unit_of_work() as uow:
        [told] = await uow.problems.subscriptions(problem.id)
    post = await stage.last()
    assert (told.conversation_id, told.person_id, told.audience) == (post.conversation_id, post.person_id, "public")


def answered_since(stage: Stage, post: PublicPost, line: Line, **options: object) -> IncomingMessage:
    """The same post as it is told of again, with what the account has answered."""
    stage.later(minutes=3)
    told = {"native_id": post.native_id, "revision": "/r9", "found_by": "hashtag", "thread": [line]}
    return stage.post(post.text, **(told | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("urgent", [False, True])
async def test_what_somebody_answers_by_hand_is_not_answered_again(stage: Stage, urgent: bool) -> None:
    """With and without a ticket: its words do not go there a second time."""
    text = "It is an emergency: our whole office has had no internet since this morning" if urgent else COMPLAINT["en"]
    post = await a_held(stage, text)
    assert (post.ticket_id is not None) is urgent
    line = Line("desk@example.social", "Hi Ada, Tom here: I am looking into it.", stage.desk.clock(), ours=True)
    before = len(stage.desk.wire.posted)
    await stage.desk.receive(answered_since(stage, post, line))
    await stage.desk.settle()
    [card] = stage.desk.wire.posted[before:]
    assert card.edits in post.cards
    assert "Somebody answers there by hand." in card.document.text
    assert "post_approve" not in str(card.document)
    post = await stage.last()
    assert (post.state, post.because) == ("left", "by_hand")
    assert "does not wait" in await stage.presses("post_approve", post)
    assert await stage.rows("s1") == []


async def test_what_the_desk_said_itself_takes_nothing_from_a_technicians_words(stage: Stage) -> None:
    said = await stage.posts("How do I reset my password?")
    await stage.posts("That does not work, I am still locked out of my mailbox!", root="s1")
    post = await stage.last()
    await stage.fills_in(post, "So sorry! A person looks into it.")
    post = await stage.last()
    line = Line("desk@example.social", said, stage.desk.clock(), ours=True)
    await stage.desk.receive(answered_since(stage, post, line, root="s1"))
    await stage.desk.settle()
    post = await stage.last()
    assert (post.state, post.edited) == ("held", True)
