"""A server that speaks Slack's protocols and is not Slack's own may know less than it: the desk makes do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.ids import At, channel_room, person_room
from adapters.slack.interactions import kind_of
from adapters.slack.rooms import KEPT_AS
from bot.app import open_desk
from bot.cli.slack import open_slack
from bot.engine.memory import KeptInStorage
from bot.errors import OutcomeUnknown
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, IncomingMessage
from bot.model.values import Language, OutboxState
from tests.adapters.slack.hearing import Front, Store, listening, settings_for, until
from tests.fakes.slack import FakeSlack

EVER = 1_000  # calls
UNKNOWN = "unknown_method"


@pytest.fixture
async def store(slack: FakeSlack) -> AsyncIterator[Store]:
    """Of a desk that heard something a moment ago."""
    kept, zoe = Store(), slack.person("Zoe Adam")
    async with listening(slack, store=kept) as front:
        await zoe.says(zoe.dm(), "hello")
        await front.heard(IncomingMessage)
    yield kept


def says(conversation: ConversationRef, text: str) -> Delivery:
    return Delivery(conversation=conversation, document=Document((Paragraph(text),)), key=text, language=Language.EN)


@pytest.mark.parametrize("method", ["conversations.list", "users.conversations"])
async def test_either_list_of_conversations_does(slack: FakeSlack, store: Store, method: str) -> None:
    slack.faults.refuse(method, UNKNOWN, EVER)
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    desk = slack.channel("it-desk", [tom])
    slack.channel("elsewhere", [ada], bot=False)
    await ada.says(ada.dm(), "the VPN is down")
    await tom.says(desk, "!list")
    async with listening(slack, desk="it-desk", store=store) as front:
        await front.heard(IncomingMessage, 3)
        assert set(store.texts) == {"hello", "the VPN is down", "!list"}
        assert not [one for one in front.adapter.troubles.present if one.kind == "channel"]


async def test_without_any_list_the_desks_own_threads_and_channels_are_read(slack: FakeSlack, store: Store) -> None:
    for method in ("conversations.list", "users.conversations"):
        slack.faults.refuse(method, UNKNOWN, EVER)
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    desk, room = slack.channel("it-desk", [tom]), slack.channel("help", [ada])
    await tom.says(desk, "!list")
    root = await ada.says(room, "@guichet the VPN is down")
    async with listening(slack, desk=desk.id, store=store, wait=False) as front:
        front.reception.live.append(channel_room(slack.team.id, room.id, root.ts))
        await front.heard(IncomingMessage, 3)
    assert set(store.texts) == {"hello", "the VPN is down", "!list"}


async def test_threads_are_read_where_replies_are_not_counted(slack: FakeSlack, store: Store) -> None:
    slack.faults.tells_little = True
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    root = await ada.says(room, "@guichet the VPN is down")
    await ada.says(room, "since this morning", root)
    async with listening(slack, store=store, wait=False) as front:
        front.reception.live.append(channel_room(slack.team.id, room.id, root.ts))
        await front.heard(IncomingMessage, 3)
    assert store.texts[1:] == ["the VPN is down", "since this morning"]


async def test_a_post_is_found_by_its_words_where_nothing_else_of_it_is_kept(slack: FakeSlack, front: Front) -> None:
    slack.faults.tells_little = True
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    root = await ada.says(room, "@guichet hello")
    thread = channel_room(slack.team.id, room.id, root.ts)
    lost, not_there = says(thread, "<Hello> & welcome."), says(thread, "How are you?")
    await front.adapter.send(says(thread, "<Hello> & welcome."))
    slack.faults.cut("chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await front.adapter.send(lost)
    assert await front.adapter.find_posted(lost) is None  # what was said before in the same words is another post
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await front.adapter.send(lost)
    assert await front.adapter.find_posted(lost) == str(At(room.id, slack.messages(room, root, by_bot=True)[-1].ts))
    assert await front.adapter.find_posted(not_there) is None


async def test_what_is_marked_is_not_told_by_its_words(slack: FakeSlack) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    async with listening(slack) as front:
        thread = channel_room(slack.team.id, room.id, (await ada.says(room, "@guichet hello")).ts)
        await front.adapter.send(says(thread, "Hello."))
    async with listening(slack) as front:  # which remembers nothing
        assert await front.adapter.find_posted(says(thread, "Hello.")) is None


async def test_direct_messages_need_not_be_opened_to_answer_in_them(slack: FakeSlack) -> None:
    slack.faults.refuse("conversations.open", UNKNOWN, EVER)
    ada = slack.person("Ada Martin")
    said = await ada.says(ada.dm(), "the VPN is down")
    async with listening(slack) as front:  # which has heard nothing of it
        thread = person_room(slack.team.id, ada.id, At(ada.dm().id, said.ts))
        await front.adapter.send(says(thread, "Hello."))
    assert [one.text for one in slack.messages(ada.dm(), said, by_bot=True)] == ["Hello."]


async def test_an_answer_that_cannot_be_read_is_no_answer(slack: FakeSlack, front: Front) -> None:
    slack.faults.break_down("chat.postMessage", status=200)
    ada = slack.person("Ada Martin")
    with pytest.raises(OutcomeUnknown, match="cannot be read"):
        await front.adapter.send(says(person_room(slack.team.id, ada.id), "Hello."))


async def test_it_waits_for_a_server_whose_answers_cannot_be_read(slack: FakeSlack) -> None:
    slack.faults.break_down("auth.test", status=200, times=2)
    async with listening(slack) as front:
        assert front.adapter.accounts == {slack.team.id}


def test_what_holds_an_event_is_one() -> None:
    assert kind_of({"event": {"type": "message"}, "event_id": "Ev1"}) == "event"
    assert kind_of({"team": {"id": "T1"}}) == "other"


async def test_a_server_that_ends_every_connection_is_not_stormed(slack: FakeSlack) -> None:
    async with listening(slack) as front:
        slack.faults.cut_every = 0.02
        before = slack.sockets.connected
        await asyncio.sleep(1.0)
        assert slack.sockets.connected - before < 12
        slack.faults.clear()
        ada = slack.person("Ada Martin")
        await ada.says(ada.dm(), "the VPN is down")
        await front.heard(IncomingMessage)


async def test_who_speaks_is_asked_before_it_is_their_turn(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    await ada.says(room, "@guichet the VPN is down")
    event = await front.heard(IncomingMessage)
    await until(lambda: slack.called("conversations.info") and slack.called("users.list"), "questions")
    await slack.quiet()
    asked = len(slack.calls)
    known = await front.adapter.introduce(event)
    assert isinstance(known, IncomingMessage) and known.author.name == "Ada Martin"
    assert len(slack.calls) == asked


async def test_what_a_desk_was_posting_when_it_died_is_looked_for_at_once(slack: FakeSlack, tmp_path: Path) -> None:
    settings = settings_for(slack, home=tmp_path, slack_desk_channel="it-desk")
    answer = says(person_room(slack.team.id, slack.person("Ada Martin").id), "Hello.")
    async with open_desk(settings) as desk:
        await KeptInStorage(desk.storage).keep(KEPT_AS, f"{slack.team.id}|")
        async with desk.storage.unit_of_work() as uow:
            uow.outbox.add(answer)
            await uow.commit()
        await desk.storage.outbox.claim("who died", timedelta(minutes=5), [("slack", slack.team.id)])
        side = await open_slack(desk, "")
        assert side.adapter
        side.adapter.close()
        found = await desk.storage.outbox.state(answer.id)
        assert found and found.state is OutboxState.UNKNOWN
