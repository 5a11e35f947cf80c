"""Events are stored in the order of arrival, together where they come together, after what was said before them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from adapters.slack import funnel as funnels
from adapters.slack.catch_up import Gap
from adapters.slack.funnel import LONGEST_HOLD, Earlier, Funnel, Held
from adapters.slack.ids import At, person_room
from adapters.slack.troubles import slack_troubles
from adapters.slack.vigil import Vigil
from bot.errors import PlatformUnavailable, StorageUnavailable
from bot.model.messages import Identity, Incoming, IncomingClick, IncomingDeletion, IncomingMessage, MessageKey
from bot.ports.adapters import Inbox
from tests.adapters.slack.hearing import Store, until

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def message(text: str, channel: str = "D1", after: float = 0.0) -> IncomingMessage:
    key = MessageKey("slack", "T1", "message", f"{channel}:{text}")
    at = NOW + timedelta(seconds=after)
    return IncomingMessage(key, person_room("T1", "U1"), Identity("slack", "T1", "U1"), text, at)


async def itself(event: Incoming) -> Incoming:
    return event


class Counting(Store):
    def __init__(self) -> None:
        super().__init__(seconds=0.02)
        self.portions: list[int] = []

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        self.portions.append(len(events))
        return await super().receive(*events, reached=reached)


async def test_what_comes_while_something_is_stored_goes_in_together_and_in_order() -> None:
    store = Counting()
    funnel = Funnel(store, itself)
    texts = [f"line {number}" for number in range(120)]
    await asyncio.gather(*(funnel.receive(message(text)) for text in texts))
    assert store.texts == texts
    assert len(store.portions) <= 4


async def test_what_goes_in_together_is_stored_in_the_order_in_which_it_was_said() -> None:
    """Slack delivers again what was not acknowledged, after what was said later."""
    store = Store(seconds=0.02)
    funnel = Funnel(store, itself)
    first = message("first")
    click = IncomingClick(MessageKey("slack", "T1", "click", "1"), first.conversation, first.author, "a", "", NOW)
    again: list[Incoming] = [
        message("no", after=2),
        message("thanks", after=3),
        click,
        message("it is broken", after=1),
    ]
    await asyncio.gather(*(funnel.receive(event) for event in (first, *again)))
    assert store.texts == ["first", "it is broken", "no", "thanks"]
    assert store.events[3] == click


async def test_a_message_that_comes_after_its_deletion_is_nothing_any_more() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    gone, stays = message("gone"), message("stays")
    key = replace(gone.key, kind="deletion")
    deletion = IncomingDeletion(key, gone.conversation, gone.author, gone.key.native_id, NOW)
    assert await funnel.receive(deletion) == 1
    assert await funnel.receive(gone) == 0
    assert await funnel.receive(replace(gone, key=replace(gone.key, revision="2"))) == 0
    assert await funnel.receive(stays) == 1
    assert store.events == [deletion, stays]


async def test_a_failure_is_told_to_all_who_wait_and_the_next_may_succeed() -> None:
    store = Store(is_down=True)
    funnel = Funnel(store, itself)
    found = await asyncio.gather(*(funnel.receive(message(text)) for text in "ab"), return_exceptions=True)
    assert [type(one) for one in found] == [StorageUnavailable, StorageUnavailable]
    store.is_down = False
    assert await funnel.receive(message("c")) == 1
    assert store.texts == ["c"]


async def test_one_who_gives_up_does_not_hold_up_the_others() -> None:
    store = Store(seconds=0.05)
    funnel = Funnel(store, itself)
    first = asyncio.create_task(funnel.receive(message("a")))
    second = asyncio.create_task(funnel.receive(message("b")))
    await asyncio.sleep(0.01)
    first.cancel()
    await second
    assert store.texts == ["a", "b"]


async def test_what_was_said_earlier_goes_before_what_is_held() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    later = asyncio.create_task(funnel.receive(message("later")))
    await asyncio.sleep(0.05)
    await Earlier(funnel).receive(message("earlier"))
    funnel.let_go()
    await later
    assert store.texts == ["earlier", "later"]


async def test_only_channels_that_are_not_read_yet_are_held() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    held = asyncio.create_task(funnel.receive(message("a", "D1")))
    other = asyncio.create_task(funnel.receive(message("b", "D2")))
    await funnel.receive(message("/ticket list", "ask:D1"))
    funnel.let_go("D2")
    await other
    assert not held.done()
    funnel.let_go("D1")
    await held
    assert store.texts == ["/ticket list", "b", "a"]


async def test_nothing_is_held_for_so_long_that_slack_would_give_up() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    started = asyncio.get_running_loop().time()
    await funnel.receive(message("a"))
    assert LONGEST_HOLD * 0.9 < asyncio.get_running_loop().time() - started < 2.5


def follow_up(text: str, after: float = 0.0) -> IncomingMessage:
    return replace(message(text, after=after), conversation=person_room("T1", "U1", At("D1", "question")))


async def test_a_follow_up_is_not_stored_before_what_it_follows_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its question nobody would know that it is for the desk."""
    monkeypatch.setattr(funnels, "LONGEST_HOLD", 0.1)
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    replies = [asyncio.create_task(funnel.receive(follow_up("thanks", 2))), *again(funnel, follow_up("no", 1))]
    await funnel.receive(message("another question"))
    assert [type(one) for one in await asyncio.gather(*replies, return_exceptions=True)] == [Held] * 3
    assert funnel.held == {"D1"}
    await funnel.receive_first(message("question"))
    funnel.let_go("D1")  # though Slack should not deliver it again
    await until(lambda: len(store.events) == 4, "what waited")
    await funnel.receive(follow_up("no", 1))
    assert store.texts == ["another question", "question", "no", "thanks"]


def again(funnel: Funnel, event: Incoming) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(funnel.receive(event)) for _ in range(2)]


async def test_a_follow_up_waits_no_longer_than_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnels, "LONGEST_WAIT", 0.1)
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    assert await funnel.receive(follow_up("no")) == 1


async def test_nobody_waits_for_what_waits_elsewhere() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    funnel.hold()
    funnel.let_go("D2")
    held = asyncio.create_task(funnel.receive(message("a", "D1")))
    await asyncio.sleep(0.02)
    async with asyncio.timeout(0.5):
        await funnel.receive(message("b", "D2"))
        await funnel.receive(message("/ticket list", "ask:D1"))
    assert not held.done()
    funnel.let_go()
    await held


async def test_a_channel_that_was_read_before_the_gap_is_not_let_go() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    before = asyncio.get_running_loop().time()
    funnel.hold()
    held = asyncio.create_task(funnel.receive(message("a", "D1")))
    await asyncio.sleep(0.02)
    funnel.let_go("D1", before)
    await asyncio.sleep(0.02)
    assert not held.done()
    funnel.let_go("D1", asyncio.get_running_loop().time())
    await held


async def test_what_waited_and_cannot_be_stored_is_told_to_have_been_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnels, "LONGEST_HOLD", 0.05)
    store, lost = Store(is_down=True), list[str]()
    funnel = Funnel(store, itself, lost.append)
    funnel.hold()
    with pytest.raises(Held):
        await funnel.receive(follow_up("no"))
    assert not lost
    funnel.let_go("D1")
    await until(lambda: lost == ["T1"], "the loss")


async def test_what_is_known_to_be_stored_is_not_stored_again() -> None:
    store = Store()
    funnel = Funnel(store, itself)
    assert await funnel.receive(message("a"), message("a")) == 1
    assert await funnel.receive(message("a")) == 0
    assert await Earlier(funnel).receive(message("a"), message("b")) == 1
    assert store.received == 2


async def test_what_could_not_be_stored_is_not_taken_for_stored() -> None:
    store = Store(is_down=True)
    funnel = Funnel(store, itself)
    with pytest.raises(StorageUnavailable):
        await funnel.receive(message("a"))
    store.is_down = False
    assert await funnel.receive(message("a")) == 1


class Reading:
    """A history: `reads` are the moments from which it was read; the next `failures` readings fail."""

    def __init__(self) -> None:
        self.reads: list[datetime] = []
        self.cursor: datetime | None = NOW
        self.failures = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def heard_until(self) -> datetime | None:
        return self.cursor

    async def heard(self, until: datetime) -> None:
        self.cursor = until

    async def read(self, inbox: Inbox, gap: Gap, now: datetime, settled: Callable[[str, float], None]) -> int:
        self.reads.append(gap.since)
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise PlatformUnavailable("away")
        return 0


def vigil_over(reading: Reading, caught_up: Callable[[str | None, float], None] = lambda *_: None) -> Vigil:
    until_then = NOW + timedelta(hours=1)
    return Vigil("T1", reading, Store(), slack_troubles(lambda: NOW), lambda: NOW, lambda: until_then, caught_up)  # type: ignore[arg-type]


async def test_however_often_new_gaps_open_the_cursor_moves_on() -> None:
    class Interrupted(Reading):
        cursors: ClassVar[list[datetime]] = []

        async def heard(self, until: datetime) -> None:
            self.cursors.append(until)

        async def read(self, inbox: Inbox, gap: Gap, now: datetime, settled: Callable[[str, float], None]) -> int:
            if len(self.cursors) < 3:
                vigil.missed(NOW + timedelta(minutes=len(self.cursors)))
            return await super().read(inbox, gap, now, settled)

    reading = Interrupted()
    vigil = vigil_over(reading)
    running = asyncio.create_task(vigil.run())
    try:
        await until(lambda: len(reading.cursors) == 4, "an end")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert reading.cursors == [NOW + timedelta(minutes=number) for number in (0, 1, 2, 60)]


@pytest.mark.parametrize("failures", [0, 2])
async def test_a_gap_that_opens_while_another_is_read_is_read_too(failures: int) -> None:
    reading = Reading()
    calls: list[str | None] = []
    reading.failures = failures
    vigil = vigil_over(reading, lambda channel, _: calls.append(channel))
    reading.gate.clear()
    running = asyncio.create_task(vigil.run())
    try:
        await until(lambda: reading.reads, "the first reading")
        vigil.missed(NOW + timedelta(minutes=5))
        assert reading.cursor == NOW
        reading.gate.set()
        await until(lambda: reading.cursor == NOW + timedelta(hours=1), "caught up")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert reading.reads[0] == NOW
    assert reading.reads[-1] == (NOW if failures else NOW + timedelta(minutes=5))
    assert len(reading.reads) == 2 + max(0, failures - 1)
    assert calls[-1] is None
