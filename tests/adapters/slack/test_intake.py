"""What people do in Slack is stored once, before it is acknowledged; what they press and fill in comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.slack import intake
from adapters.slack.ids import Asked, At, channel_room, person_room
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import (
    ConversationRef,
    IncomingClick,
    IncomingDeletion,
    IncomingForm,
    IncomingMessage,
    IncomingReaction,
)
from bot.model.values import Visibility
from tests.adapters.slack.hearing import Front, Store, listening
from tests.fakes.slack import FakeSlack

BUTTONS = Document(
    (Paragraph("Did it help?"), Actions((Button("worked", "It worked", "a7"), Button("resolve", "Resolve", "T12"))))
)


@pytest.fixture
async def front(slack: FakeSlack) -> AsyncIterator[Front]:
    desk = slack.channel("it-desk", [slack.person("Tom Tech")])
    async with listening(slack, desk=desk.id) as open_front:
        yield open_front


def delivery(conversation: ConversationRef, **options: Any) -> Delivery:
    return Delivery(conversation, BUTTONS, f"key-{new_id()}", **options)


async def test_a_mention_with_its_twin_is_one_message(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    said = await ada.says(room, "@guichet the <VPN> is down & out")
    found = await front.heard(IncomingMessage)
    await slack.quiet()
    assert front.store.texts == ["the <VPN> is down & out"]
    assert found.conversation == channel_room(slack.team.id, room.id, said.ts)
    assert all(ack.ok for ack in slack.acks)


async def test_what_is_delivered_thrice_is_kept_once(slack: FakeSlack, front: Front) -> None:
    slack.faults.copies = 3
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "hello")
    await slack.quiet()
    assert front.store.texts == ["hello"]
    assert len(slack.acks) == 3 and all(ack.ok for ack in slack.acks)


async def test_messages_are_stored_in_the_order_in_which_they_were_said(slack: FakeSlack, front: Front) -> None:
    front.store.seconds = 0.02
    ada = slack.person("Ada Martin")
    words = [f"line {number}" for number in range(40)]
    for word in words:
        await ada.says(ada.dm(), word)
    await front.heard(IncomingMessage, 40)
    assert front.store.texts == words


async def test_it_is_acknowledged_once_it_is_stored_and_not_before(slack: FakeSlack, front: Front) -> None:
    front.store.seconds = 0.4
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "hello")
    await slack.until(lambda: slack.acks)
    assert front.store.texts == ["hello"]
    assert 0.4 <= (slack.acks[0].seconds or 0) < 3


async def test_what_cannot_be_stored_is_delivered_again(slack: FakeSlack, front: Front) -> None:
    front.store.is_down = True
    slack.sockets.ack_seconds = 0.3
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "hello")
    await slack.until(lambda: slack.acks)
    assert not slack.acks[0].ok
    front.store.is_down = False
    await front.heard(IncomingMessage)
    assert front.store.texts == ["hello"]


async def test_edits_and_deletions_name_the_message(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    said = await ada.says(ada.dm(), "the VPN is down")
    await ada.edits(said, "the Wi-Fi is down")
    edited = await front.heard(IncomingMessage, 2)
    assert (edited.text, edited.key.native_id) == ("the Wi-Fi is down", f"{ada.dm().id}:{said.ts}")
    assert edited.key.revision
    slack.unfurls(said)
    await ada.deletes(said)
    deleted = await front.heard(IncomingDeletion)
    assert (deleted.message, deleted.conversation) == (edited.key.native_id, edited.conversation)
    assert len(front.store.events) == 3


async def test_bots_workflows_and_chatter_are_not_heard(slack: FakeSlack, front: Front) -> None:
    ada, robot = slack.person("Ada Martin"), slack.person("Robot", bot=True)
    room = slack.channel("help", [ada, robot])
    slack.says_as_app(robot, room, "@guichet the build broke")
    await ada.says(room, "lunch?")
    slack.person("Zoe").joins(room)
    await front.adapter.send(delivery(channel_room(slack.team.id, room.id)))
    await slack.quiet()
    assert front.store.events == []
    assert all(ack.ok for ack in slack.acks)


async def test_follow_ups_and_everything_in_the_desk_is_heard(slack: FakeSlack, front: Front) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("help", [ada])
    root = await ada.says(room, "@guichet the VPN is down")
    await ada.says(room, "still down", root)
    follow_up = await front.heard(IncomingMessage, 2)
    assert follow_up.conversation == channel_room(slack.team.id, room.id, root.ts)
    await tom.says("it-desk", "!list")
    typed = await front.heard(IncomingMessage, 3)
    assert typed.conversation.thread is None


async def test_files_are_named_with_where_they_lie(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "look", files=[("screen.png", b"\x89PNG\r\n\x1a\nxx")])
    message = await front.heard(IncomingMessage)
    (file,) = message.files
    assert (file.name, file.media_type, file.size) == ("screen.png", "image/png", 10)
    assert b"".join([chunk async for chunk in front.adapter.fetch(file)]) == b"\x89PNG\r\n\x1a\nxx"


async def test_reactions(slack: FakeSlack, front: Front) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("help", [ada, tom])
    said = await ada.says(room, "the VPN is down")
    await tom.reacts(said, "thumbsup")
    await tom.reacts(said, "eyes")
    await tom.reacts(said, "ticket")
    reaction = await front.heard(IncomingReaction)
    assert (reaction.cue, reaction.author.native_id) == ("ticket", tom.id)
    assert len(front.store.events) == 1
    card = await front.adapter.send(delivery(channel_room(slack.team.id, slack.channel("it-desk").id)))
    shown = slack.messages("it-desk" and slack.channel("it-desk"))[-1]
    await tom.reacts(shown, "eyes")
    claim = await front.heard(IncomingReaction, 2)
    assert (claim.cue, str(claim.conversation.thread)) == ("claim", card)


# --- commands ----------------------------------------------------------------------------------------------------


async def test_ask_is_a_quiet_question_in_a_thread_of_the_direct_messages(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("random", [ada], bot=False)
    ack = await ada.asks("/ask", "where is the <VPN>?", room)
    assert ack.ok and ack.payload == {}
    found = await front.heard(IncomingMessage)
    asked = Asked.of(found.conversation.thread)
    assert asked and (found.conversation.room, asked.channel) == (ada.id, room.id)
    assert found.text == "where is the <VPN>?"
    assert found.quiet and found.private and found.asked_in == channel_room(slack.team.id, room.id)
    await ada.asks("/ask", "", room)
    assert (await front.heard(IncomingMessage, 2)).text == ""  # the desk says what it can do


async def test_commands_are_given_where_technicians_work_or_privately(slack: FakeSlack, front: Front) -> None:
    tom = slack.person("Tom Tech")
    desk, room = slack.channel("it-desk"), slack.channel("random", [tom])
    await tom.asks("/ticket", "claim T12", desk)
    there = await front.heard(IncomingMessage)
    assert (there.text, there.quiet) == ("/ticket claim T12", True)
    assert there.conversation == channel_room(slack.team.id, desk.id)
    await tom.asks("/kb", "search vpn", room)
    elsewhere = await front.heard(IncomingMessage, 2)
    assert (elsewhere.text, elsewhere.conversation.room) == ("/kb search vpn", tom.id)
    assert elsewhere.asked_in is None


async def test_a_command_that_cannot_be_stored_says_so(slack: FakeSlack, front: Front) -> None:
    front.store.is_down = True
    ada = slack.person("Ada Martin")
    ack = await ada.asks("/ask", "where is the VPN?")
    assert ack.payload["response_type"] == "ephemeral"
    assert "try again" in ack.payload["text"]


async def test_a_question_put_where_the_bot_is_not_is_answered_to_them_alone_and_is_nobodys_trouble(
    slack: FakeSlack, front: Front
) -> None:
    ada = slack.person("Ada Martin")
    await ada.asks("/ask", "where is the VPN?", slack.channel("secret", [ada], private=True, bot=False))
    question = await front.heard(IncomingMessage)
    quiet = delivery(question.conversation, visibility=Visibility.ONLY_ASKER, recipient=ada.id)
    assert At.of(await front.adapter.send(quiet)).channel == ada.dm().id
    assert front.adapter.troubles.present == ()


async def test_the_thread_of_a_question_put_with_ask_is_known_again(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("random", [ada])
    await ada.asks("/ask", "where is the VPN?", room)
    question = await front.heard(IncomingMessage)
    quiet = delivery(question.conversation, visibility=Visibility.ONLY_ASKER, recipient=ada.id)
    front.store.sent[quiet.id] = quiet
    await front.adapter.send(quiet)
    shown = slack.messages(room)[-1]
    assert shown.message.ephemeral_to == ada.id
    await ada.presses(shown, "It worked")
    click = await front.heard(IncomingClick)
    assert (click.conversation, click.delivery) == (question.conversation, quiet.id)

    root = await front.adapter.send(delivery(question.conversation))
    said = await ada.says(ada.dm(), "and on my phone?", At.of(root).ts)
    follow_up = await front.heard(IncomingMessage, 2)
    assert follow_up.conversation == question.conversation
    await ada.presses(slack.messages(ada.dm())[-1], "It worked")
    assert (await front.heard(IncomingClick, 2)).conversation == question.conversation
    await ada.deletes(said)
    assert (await front.heard(IncomingDeletion)).conversation == question.conversation


# --- buttons, forms ----------------------------------------------------------------------------------------------


async def test_a_press_names_action_value_and_delivery(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    said = await ada.says(ada.dm(), "the VPN is down")
    question = await front.heard(IncomingMessage)
    answer = delivery(question.conversation)
    await front.adapter.send(answer)
    await ada.presses(slack.messages(ada.dm(), said)[-1], "It worked")
    click = await front.heard(IncomingClick)
    assert (click.action, click.value, click.delivery) == ("worked", "a7", answer.id)
    assert click.conversation == question.conversation == person_room(slack.team.id, ada.id, At(ada.dm().id, said.ts))
    await ada.presses(slack.messages(ada.dm(), said)[-1], "It worked")
    await front.heard(IncomingClick, 2)


async def test_a_press_on_a_card_is_made_in_the_desk_channel(slack: FakeSlack, front: Front) -> None:
    tom, desk = slack.person("Tom Tech"), slack.channel("it-desk")
    room = channel_room(slack.team.id, desk.id)
    await front.adapter.send(delivery(room))
    card = slack.messages(desk)[-1]
    await tom.says(desk, "looking", card)
    await tom.presses(card, "It worked")
    assert (await front.heard(IncomingClick)).conversation == room


async def test_a_press_opens_a_form_and_what_was_written_comes_back(slack: FakeSlack, front: Front) -> None:
    tom, desk = slack.person("Tom Tech"), slack.channel("it-desk")
    room = channel_room(slack.team.id, desk.id)
    await front.adapter.send(delivery(room))
    await tom.presses(slack.messages(desk)[-1], "Resolve")
    view = await tom.sees_modal("Resolve T12")
    assert front.store.events == []  # the form is all that comes of the press
    refused = await tom.submits(view, {"What was done": "?"})
    assert refused.payload == {"response_action": "errors", "errors": {"field:message": "Say what was done."}}
    front.store.is_down = True
    later = await tom.submits(view, {"What was done": "Restarted it."})
    assert "try again" in later.payload["errors"]["field:message"]
    front.store.is_down = False
    assert (await tom.submits(view, {"What was done": "Restarted it."})).payload == {}
    form = await front.heard(IncomingForm)
    assert (form.form, form.subject, form.conversation) == ("resolve", "T12", room)
    assert form.values == {"message": "Restarted it.", "cause": ""}
    assert len(front.store.events) == 1


async def test_a_database_that_takes_long_is_said_before_slack_gives_up_and_nothing_is_taken_twice(
    slack: FakeSlack, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "IN_TIME", 0.2)
    tom, desk = slack.person("Tom Tech"), slack.channel("it-desk")
    await front.adapter.send(delivery(channel_room(slack.team.id, desk.id)))
    await tom.presses(slack.messages(desk)[-1], "Resolve")
    view = await tom.sees_modal("Resolve T12")
    front.store.seconds = 0.5
    later = await tom.submits(view, {"What was done": "Restarted it."})
    assert "try again" in later.payload["errors"]["field:message"]
    assert "try again" in (await tom.asks("/ask", "where is the VPN?")).payload["text"]
    await front.heard(IncomingForm)
    await front.heard(IncomingMessage)
    front.store.seconds = 0.0
    assert (await tom.submits(view, {"What was done": "Restarted it."})).payload == {}
    assert [event for event in front.store.events if isinstance(event, IncomingForm)] == [
        front.store.last(IncomingForm)
    ]


async def test_a_form_that_cannot_be_opened_leaves_the_press(slack: FakeSlack, front: Front) -> None:
    tom, desk = slack.person("Tom Tech"), slack.channel("it-desk")
    await front.adapter.send(delivery(channel_room(slack.team.id, desk.id)))
    slack.faults.refuse("views.open", "expired_trigger_id")
    await tom.presses(slack.messages(desk)[-1], "Resolve")
    assert (await front.heard(IncomingClick)).action == "resolve"


async def test_a_ticket_is_opened_from_a_message(slack: FakeSlack, front: Front) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("help", [ada, tom])
    said = await ada.says(room, "the VPN is <down>")
    await tom.uses_shortcut("open_ticket", said)
    view = await tom.sees_modal("New ticket")
    assert front.reception.quoted and front.reception.quoted.text == "the VPN is <down>"
    await tom.submits(view, {"What about": "VPN"})
    form = await front.heard(IncomingForm)
    assert form.quoted and form.quoted.native_id == f"{room.id}:{said.ts}"
    assert form.quoted.author and form.quoted.author.native_id == ada.id
    assert (form.author.native_id, form.conversation.room) == (tom.id, tom.id)


async def test_ticket_new_opens_the_form_at_once(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    await ada.asks("/ticket", "new")
    await ada.submits(await ada.sees_modal("New ticket"), {"What about": "VPN"})
    assert (await front.heard(IncomingForm)).values == {"text": "VPN"}


# --- the home ----------------------------------------------------------------------------------------------------


async def test_the_home_is_shown_in_the_persons_language_and_a_question_can_be_put_there(
    slack: FakeSlack, front: Front
) -> None:
    ada = slack.person("Ada Martin", locale="fr-FR")
    await ada.opens_home()
    await slack.until(ada.home)
    home = ada.home()
    assert home
    assert "Nothing waits for Ada Martin (internal)." in str(home.view)
    assert "Posez votre question" in str(home.view)
    await ada.presses(home, "Envoyer")
    await ada.presses(home, "Envoyer", written={"Posez votre question": "où est le VPN ?"})
    question = await front.heard(IncomingMessage)
    assert (question.text, question.quiet, question.private) == ("où est le VPN ?", False, True)
    assert question.conversation.room == ada.id and Asked.of(question.conversation.thread)
    await slack.until(lambda: len(slack.called("views.publish")) == 2)
    root = await front.adapter.send(delivery(question.conversation))
    assert At.of(root).channel == ada.dm().id


# --- what is not as it should be ---------------------------------------------------------------------------------


async def test_a_payload_that_is_none_is_passed_over_without_a_word_of_it_in_the_log(
    slack: FakeSlack, front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    body: dict[str, Any] = {"type": "event_callback", "team_id": slack.team.id}
    for event in (
        {"type": "message", "channel": "D1", "user": "U1", "text": "my secret", "ts": 5},
        {"type": "?"},
        None,
    ):
        with caplog.at_level(logging.DEBUG):
            ack = await slack.deliveries.carrier.start("events_api", body | {"event": event or {"type": ""}}, 0, "")
        assert ack.ok
    assert "not as Slack documents it" in caplog.text
    assert "my secret" not in caplog.text
    assert front.store.events == []


async def test_of_a_token_that_is_revoked_the_desk_is_told(slack: FakeSlack, front: Front) -> None:
    slack.revokes()
    await slack.until(lambda: front.adapter.troubles.present)
    assert [(one.kind, one.where) for one in front.adapter.troubles.present] == [("token", slack.team.id)]


async def test_two_replicas_hear_each_message_once(slack: FakeSlack) -> None:
    store = Store()
    async with listening(slack, store=store), listening(slack, store=store):
        await slack.until(lambda: len(slack.sockets.open) == 2)
        ada = slack.person("Ada Martin")
        for number in range(6):
            await ada.says(ada.dm(), f"line {number}")
        await slack.until(lambda: len(store.texts) == 6)
        await asyncio.sleep(0)
    assert sorted(store.texts) == [f"line {number}" for number in range(6)]
    assert len({ack.replica for ack in slack.acks}) == 2
