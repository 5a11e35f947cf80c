"""Who waits for an answer sees after a second that it is being made; nobody else does."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.slack import cue
from adapters.slack.ids import channel_room
from bot.model.messages import IncomingMessage, MessageKey
from tests.adapters.slack.hearing import Front, Store, listening
from tests.fakes.slack import FakeSlack


async def test_the_sign_comes_after_a_second_and_goes_with_the_answer(slack: FakeSlack, front: Front) -> None:
    slack.faults.copies = 3
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    slow, quick = await ada.says(ada.dm(), "the VPN is down"), await ada.says(room, "@guichet hello")
    follow_up = await ada.says(room, "and the printer", quick)
    front.reception.known.add(channel_room(slack.team.id, room.id, quick.ts))
    await front.heard(IncomingMessage, 3)
    front.store.over.update(event.key for event in front.store.events if quick.ts in event.key.native_id)
    await asyncio.sleep(0.7)
    assert slack.called("reactions.add") == []
    await slack.until(lambda: slow.reactions and follow_up.reactions)
    front.store.over.update(event.key for event in front.store.events)
    await slack.until(lambda: not slow.reactions and not follow_up.reactions)
    assert {one.params["timestamp"] for one in slack.called("reactions.add")} == {slow.ts, follow_up.ts}
    assert len(slack.called("reactions.add")) == 2


async def test_there_is_no_sign_where_nobody_waits_for_the_desk(slack: FakeSlack, front: Front) -> None:
    ada, zoe = slack.person("Ada Martin"), slack.person("Zoe Petit")
    room = slack.channel("help", [ada, zoe])
    root = await ada.says(room, "lunch?")
    await zoe.says(room, "at noon", root)
    await ada.asks("/ask", "where is the VPN?", room)
    await front.heard(IncomingMessage, 2)
    await asyncio.sleep(1.3)
    assert slack.called("reactions.add") == []


async def test_of_a_process_that_died_no_sign_is_left_behind(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cue, "SETTLED", 0.5)
    monkeypatch.setattr(cue, "SWEEP", 0.1)
    ada = slack.person("Ada Martin")
    said, other = await ada.says(ada.dm(), "the VPN is down"), await ada.says(ada.dm(), "and the printer")
    store = Store()
    for one in (said, other):  # as whoever died left them
        slack.world.react(one, slack.bot.id, "thinking_face")
        name = f"slack/{slack.team.id}/cue/{one.channel}:{one.ts}"
        await store.keep(name, f"{datetime.now(UTC).isoformat()} ")
    store.over.add(MessageKey("slack", slack.team.id, "message", f"{said.channel}:{said.ts}"))
    slack.faults.refuse("reactions.remove", "fatal_error", times=2)
    async with listening(slack, store=store):
        await asyncio.sleep(0.3)
        assert said.reactions  # whoever put it there may only just have done so
        await slack.until(lambda: not said.reactions)
        assert other.reactions  # it is being worked on
        await slack.until(lambda: [one.rpartition(":")[2] for one in store.names if "/cue/" in one] == [other.ts])


async def test_no_sign_is_left_behind(slack: FakeSlack) -> None:
    ada = slack.person("Ada Martin")
    async with listening(slack):
        said = await ada.says(ada.dm(), "the VPN is down")
        await slack.until(lambda: said.reactions)
    assert said.reactions == {}


async def test_the_longer_an_answer_takes_the_less_often_it_is_looked_for(
    slack: FakeSlack, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue, "AFTER", 0.01)
    monkeypatch.setattr(cue, "LOOK", 0.02)
    ada = slack.person("Ada Martin")
    slow = await ada.says(ada.dm(), "the VPN is down")
    await slack.until(lambda: slow.reactions)
    await asyncio.sleep(0.6)
    assert front.store.looks <= 10  # 30, one after the other
    front.store.over.update(event.key for event in front.store.events)
    await slack.until(lambda: not slow.reactions)
