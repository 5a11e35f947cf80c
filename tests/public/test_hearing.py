"""Posts on their way through the desk: kept, answered, held, told to whom they concern; once, and with reasons."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.knowledge import Retrieval
from bot.model.public import Line
from bot.model.values import Language
from bot.ports.knowledge import Query
from tests.public.stage import SITE, Stage

EN, FR = "en", "fr"
COMPLAINT = {
    EN: "Three days without internet and nobody answers, what a shame",
    FR: "Trois jours sans internet et personne ne répond, quelle honte",
}
QUESTION = {EN: "How do I reset my password?", FR: "Comment réinitialiser mon mot de passe ?"}
PRAISE = {EN: "Thank you, you were brilliant today!", FR: "Merci, vous avez été super aujourd’hui !"}
URGENT = {EN: "My account was hacked, help!", FR: "Mon compte a été piraté, au secours !"}
LANGUAGES = pytest.mark.parametrize("language", [EN, FR])


@LANGUAGES
async def test_a_question_is_answered_from_the_public_base_with_its_source(stage: Stage, language: str) -> None:
    said = await stage.posts(QUESTION[language])
    post = await stage.last()
    assert (post.state, post.because, post.complaint) == ("answered", "asked", False)
    assert ("password" if language == EN else "mot de passe") in said
    assert f"{SITE}/c/{post.token}" in said
    assert {EN: "automatic assistant", FR: "assistant automatique"}[language] in said
    [delivery] = stage.said()
    assert delivery.public is not None
    assert (delivery.public.post, delivery.public.handle) == ("s1", "ada@example.social")


@LANGUAGES
async def test_praise_gets_one_line_of_thanks(stage: Stage, language: str) -> None:
    said = await stage.posts(PRAISE[language])
    assert said == stage.desk.services.texts("public.say.thanks", Language(language))


@LANGUAGES
async def test_a_complaint_that_was_asked_is_acknowledged_and_gets_no_steps(stage: Stage, language: str) -> None:
    said = await stage.posts(COMPLAINT[language])
    post = await stage.last()
    assert post.complaint
    assert not any(line.startswith("1.") for line in said.splitlines())
    assert f"{SITE}/c/{post.token}" in said
    assert said.startswith(("Sorry", "We understand", "We are sorry", "Désolé", "Nous "))


@LANGUAGES
async def test_an_insult_gets_one_calm_line_and_then_a_human(stage: Stage, language: str) -> None:
    said = await stage.posts({EN: "Bunch of clowns", FR: "Bande de nuls"}[language])
    assert said == stage.desk.services.texts("public.say.insult", Language(language))
    [ticket] = await stage.tickets()
    assert (await stage.last()).ticket_id == ticket.id


@LANGUAGES
async def test_personal_data_is_pointed_out_and_never_repeated(stage: Stage, language: str) -> None:
    text = {
        EN: "How do I reset my password? Call me on 06 12 34 56 78 or ada.l@example.org",
        FR: "Comment réinitialiser mon mot de passe ? Mon numéro : 06 12 34 56 78, ada.l@example.org",
    }[language]
    said = await stage.posts(text)
    assert stage.desk.services.texts("public.say.personal", Language(language)) in said
    assert "12 34" not in said
    assert "ada.l" not in said


async def test_a_name_or_a_handle_is_no_personal_data_of_ones_own(stage: Stage) -> None:
    said = await stage.posts("Hello @desk, how do I reset my password? Ask @bob@example.social, he knows")
    assert "personal details" not in said


@LANGUAGES
async def test_an_urgent_post_opens_a_ticket_that_is_answered_in_private(stage: Stage, language: str) -> None:
    said = await stage.posts(URGENT[language])
    [ticket] = await stage.tickets()
    assert ticket.reference in said
    assert ticket.link == "https://example.social/@ada/s1"
    async with stage.desk.storage.unit_of_work() as uow:
        places = {one.side: one for one in await uow.tickets.places(ticket.id)}
        answered_at = await uow.conversations.get(places["asker"].conversation_id)
        asked_at = await uow.conversations.get(ticket.conversation_id)
    assert answered_at is not None
    assert asked_at is not None
    assert (answered_at.ref.room, answered_at.ref.thread) == ("ada", None)
    assert asked_at.ref.is_public


async def test_the_ticket_has_what_was_said_before_in_the_thread(stage: Stage) -> None:
    line = Line("bo@other.social", "anybody else with trouble at acme?", stage.desk.clock() - timedelta(minutes=5))
    await stage.posts(URGENT[EN], root="r0", thread=[line])
    [ticket] = await stage.tickets()
    assert "anybody else with trouble" in ticket.summary
    async with stage.desk.storage.unit_of_work() as uow:
        history = [one.text for one in await uow.conversations.messages(ticket.conversation_id)]
    assert history[0] == "bo@other.social: anybody else with trouble at acme?"


async def test_a_technician_answers_such_a_ticket_in_private_and_nowhere_else(stage: Stage) -> None:
    await stage.posts(URGENT[EN])
    before = len(stage.said())
    await stage.desk.says("/ticket reply T1 We have locked it for you.", "desk", who="tess")
    assert any("We have locked it for you." in text for text in stage.desk.posts("ada"))
    assert len(stage.said()) == before


async def test_a_complaint_under_a_hashtag_says_nothing_until_it_is_approved(stage: Stage) -> None:
    said = await stage.posts(COMPLAINT[EN], found_by="hashtag")
    post = await stage.last()
    assert said == ""
    assert (post.state, post.because, post.number) == ("held", "approval", 1)
    assert post.held_at is not None
    assert post.reply is not None


async def test_without_approval_it_is_answered_at_once(stage: Stage) -> None:
    stage.settle_policy(approval=False)
    assert "Sorry" in await stage.posts(COMPLAINT[EN], found_by="hashtag")
    post = await stage.last()
    assert (post.state, post.because) == ("answered", "unasked")
    assert post.replied_at is not None


@pytest.mark.parametrize(
    ("options", "because"),
    [
        ({"by_bot": True}, "bot"),
        ({"no_bots": True}, "no_bots"),
        ({"unwanted": True}, "unwanted"),
    ],
)
async def test_what_is_left_alone_is_recorded(stage: Stage, options: dict[str, bool], because: str) -> None:
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag", **options) == ""
    post = await stage.last()
    assert (post.state, post.because, post.number) == ("seen", because, None)
    assert not stage.desk.wire.posted


async def test_the_author_of_two_threads_is_written_to_once_a_day(stage: Stage) -> None:
    stage.settle_policy(approval=False)
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag") != ""
    assert await stage.posts("Still no internet, shame on you", found_by="hashtag") == ""
    assert (await stage.last()).because == "once_a_day"
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag", who="bob") != ""
    stage.later(hours=14)  # after midnight in Paris, and less than a day
    assert await stage.posts("And again no internet, shame on you", found_by="hashtag") != ""


async def test_the_day_ends_where_the_desk_is(stage: Stage) -> None:
    stage.settle_policy(approval=False)
    stage.later(hours=13, minutes=30)  # 22:30 UTC, 23:30 in Paris
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag") != ""
    stage.later(minutes=45)
    assert await stage.posts("Still no internet, shame on you", found_by="hashtag") != ""


async def test_a_day_has_so_many_unasked_replies(stage: Stage) -> None:
    stage.settle_policy(approval=False, daily_replies=2)
    for who in ("ada", "bob"):
        assert await stage.posts(COMPLAINT[EN], found_by="hashtag", who=who) != ""
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag", who="eve") == ""
    assert (await stage.last()).because == "daily"
    assert await stage.posts(QUESTION[EN], who="zoe") != ""
    stage.later(days=1)
    assert await stage.posts(COMPLAINT[EN], found_by="hashtag", who="kim") != ""


async def test_two_unasked_replies_at_once_do_not_exceed_the_day(stage: Stage) -> None:
    stage.settle_policy(approval=False, daily_replies=1)
    events = [stage.post(COMPLAINT[EN], found_by="hashtag", who=who) for who in ("ada", "bob", "eve", "kim")]
    await stage.desk.receive(*events)
    await stage.desk.settle()
    assert len(stage.said()) == 1
    assert sorted([(await stage.heard(f"s{n}")).state for n in range(1, 5)]) == ["answered", "held", "held", "held"]


async def test_two_posts_of_one_author_at_once_are_answered_once(stage: Stage) -> None:
    stage.settle_policy(approval=False)
    texts = (COMPLAINT[EN], "No internet at all, shame on you", "Shame on you, no phone since Monday")
    await stage.desk.receive(*(stage.post(text, found_by="hashtag") for text in texts))
    await stage.desk.settle()
    assert len(stage.said()) == 1


@LANGUAGES
async def test_a_thread_is_answered_once_and_the_rest_is_shown_to_the_desk(stage: Stage, language: str) -> None:
    assert await stage.posts(QUESTION[language]) != ""
    assert await stage.posts(COMPLAINT[language], root="s1") == ""
    post = await stage.last()
    assert (post.state, post.because, post.reply) == ("held", "answered", None)
    assert "post_approve" not in stage.buttons()
    assert "post_edit" in stage.buttons()
    assert await stage.posts({EN: "Thanks!", FR: "Merci !"}[language], root="s1") == ""
    assert (await stage.last()).state == "seen"


async def test_what_the_author_says_next_goes_to_the_ticket(stage: Stage) -> None:
    await stage.posts(URGENT[EN])
    assert await stage.posts("They ordered a phone with it, too", root="s1") == ""
    post = await stage.last()
    [ticket] = await stage.tickets()
    assert (post.state, post.because, post.ticket_id) == ("seen", "answered", ticket.id)
    assert any("They ordered a phone with it, too" in text for text in stage.desk.posts("desk"))


async def test_what_they_say_of_a_resolved_ticket_opens_it_again(stage: Stage) -> None:
    await stage.posts(URGENT[EN])
    await stage.desk.says("/ticket claim T1", "desk", who="tess")
    await stage.desk.says("/ticket resolve T1 Locked, and a new password is on its way.", "desk", who="tess")
    await stage.posts("It was hacked again, how can that be?", root="s1")
    [ticket] = await stage.tickets()
    assert ticket.reopened == 1


async def test_where_somebody_answers_by_hand_the_desk_is_silent(stage: Stage) -> None:
    ours = Line("desk@example.social", "Hi Ada, Tom here: I am looking into it.", stage.desk.clock(), ours=True)
    assert await stage.posts(QUESTION[EN], root="r0", thread=[ours]) == ""
    assert (await stage.last()).because == "by_hand"


async def test_its_own_words_are_not_taken_for_a_humans(stage: Stage) -> None:
    said = await stage.posts(QUESTION[EN])
    parts = [said[: len(said) // 2], said[len(said) // 2 :]]  # a server may have taken two posts for it
    lines = [Line("desk@example.social", f"@ada {part}", stage.desk.clock(), ours=True) for part in parts]
    await stage.posts(COMPLAINT[EN], root="s1", thread=lines)
    assert (await stage.last()).because == "answered"


async def test_a_mention_in_a_thread_where_a_reply_waits_is_answered_and_the_other_is_dropped(stage: Stage) -> None:
    await stage.posts(COMPLAINT[EN], found_by="hashtag")
    assert await stage.posts(QUESTION[EN], root="s1") != ""
    post = await stage.heard("s1")
    assert (post.state, post.because) == ("left", "answered_since")
    assert "post_approve" not in stage.buttons()


async def test_a_post_is_heard_once_in_whatever_way_it_comes(stage: Stage) -> None:
    mention = stage.post(QUESTION[EN], native_id="x1")
    await stage.desk.receive(mention)
    await stage.desk.receive(stage.post(QUESTION[EN], native_id="x1", found_by="hashtag"))
    await stage.desk.settle()
    await stage.desk.receive(mention)
    await stage.desk.settle()
    assert len(stage.said()) == 1


async def test_replies_reach_as_far_as_is_wished_and_never_further_than_the_post(stage: Stage) -> None:
    await stage.posts(QUESTION[EN], reach="public", warning="Rant")
    await stage.posts(QUESTION[EN], reach="private", who="bob")
    targets = [one.public for one in stage.said() if one.public]
    assert [target.reach for target in targets] == ["unlisted", "private"]
    assert [target.warning for target in targets] == ["Rant", ""]


async def test_a_post_that_comes_late_is_answered_with_an_apology(stage: Stage) -> None:
    event = stage.post(QUESTION[EN])
    stage.later(hours=8)
    await stage.desk.receive(event)
    assert Stage.in_public(await stage.desk.settle()).startswith("Sorry for the late reply.")


async def test_nothing_in_a_post_is_a_command(stage: Stage) -> None:
    await stage.posts(URGENT[EN])
    await stage.posts("!close T1", who="tess")
    await stage.posts("/desk mastodon pause", who="tess")
    assert all(ticket.is_active for ticket in await stage.tickets())
    assert await stage.posts(QUESTION[EN], who="bob") != ""


async def test_each_step_is_recorded_with_the_reason(stage: Stage) -> None:
    await stage.posts(COMPLAINT[EN], found_by="hashtag")
    post = await stage.last()
    async with stage.desk.storage.unit_of_work() as uow:
        steps = {step.step: step for step in await uow.conversations.steps(post.message_id)}
    assert steps["decide"].outcome == "hold"
    assert steps["decide"].detail["because"] == "approval"
    assert steps["understand"].detail["kind"] == "complaint"
    assert "internet" not in str([step.detail for step in steps.values()])


class Broken:
    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        raise RuntimeError("broken")


async def test_what_cannot_be_handled_is_told_to_the_desk_and_to_nobody_else(stage: Stage) -> None:
    stage.desk.services = replace(stage.desk.services, retriever=Broken())
    stage.desk.__post_init__()
    await stage.desk.receive(stage.post(QUESTION[EN]))
    async with asyncio.timeout(30):
        while not stage.desk.posts("desk"):
            await stage.desk.settle()
    [told] = stage.desk.posts("desk")
    assert "https://example.social/@ada/s1" in told
    assert await stage.rows("s1") == []


async def test_a_second_urgent_post_about_the_same_goes_to_the_ticket_of_the_first(stage: Stage) -> None:
    """In whatever thread, and however it is found."""
    await stage.posts("It is an emergency: our whole office has had no internet since this morning", found_by="hashtag")
    said = await stage.posts("@desk still no internet in the whole office, this is urgent!!")
    [ticket] = await stage.tickets()
    assert (await stage.last()).ticket_id == ticket.id
    assert ticket.reference in said
    assert any("still no internet in the whole office" in text for text in stage.desk.posts("desk"))
    await stage.posts("@desk this is urgent: my last bill is wrong, I was charged twice!!")
    assert len(await stage.tickets()) == 2
    await stage.posts("@desk emergency here, no internet in our whole office either!", who="bob")
    assert len(await stage.tickets()) == 3


async def test_who_names_the_account_in_another_language_is_seen_by_a_person(stage: Stage) -> None:
    assert await stage.posts("Meine Internetverbindung ist seit drei Tagen kaputt, was soll ich tun?") == ""
    post = await stage.last()
    assert (post.state, post.because, post.reply) == ("held", "foreign", None)
    assert "It is in a language that the desk does not speak." in stage.card().text
    assert stage.buttons() == ["post_edit", "post_leave", "post_ticket"]


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("Mein WLAN Router ist offline, was tun?", "de"),
        ("internet non funziona da ieri, aiuto", "it-IT"),
        ("no tengo internet hoy, ayuda", "es"),
    ],
)
async def test_a_language_that_the_words_only_suggest_is_one_where_their_author_says_so(
    stage: Stage, text: str, declared: str
) -> None:
    """Who says that they write French or English, or nothing of it, is answered."""
    for who, locale in (("ada", declared), ("bob", "en"), ("cleo", "fr-CA"), ("dan", None)):
        await stage.posts(text, who=who, locale=locale)
        post = await stage.last()
        assert (post.because == "foreign") == (locale == declared), (locale, post.because)
