"""Storing in the order of arrival, in as few transactions as the load allows."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from adapters.slack.ids import Asked
from bot.errors import StorageUnavailable
from bot.model.messages import Incoming, IncomingDeletion, IncomingMessage, MessageKey
from bot.ports.adapters import Inbox

MOST_AT_ONCE = 50  # of those that wait, in one transaction
MOST_REMEMBERED = 20_000  # events that are known to be stored
LONGEST_HOLD = 2.0  # seconds: what waits much longer would be acknowledged too late

Waiting = tuple[Sequence[Incoming], asyncio.Future[int]]


def as_said(events: Iterable[Incoming]) -> list[Incoming]:
    """With messages in the order in which they were said, by Slack's clock; other events stay where they are."""
    events = list(events)
    messages = iter(sorted(filter(_is_said, events), key=lambda event: event.sent_at))
    return [next(messages) if _is_said(event) else event for event in events]


def _is_said(event: Incoming) -> bool:
    """Whether its time is Slack's, and when it was first said."""
    return isinstance(event, IncomingMessage) and not event.key.revision and Asked.of(event.key.native_id) is None


def _follows_up(event: Incoming) -> bool:
    thread = event.conversation.thread
    return isinstance(event, IncomingMessage) and thread is not None and thread != event.key.native_id


def _told_by(key: MessageKey) -> tuple[MessageKey, MessageKey]:
    """An event, and that which tells of its message's deletion: after either there is nothing new in it."""
    return key, replace(key, kind="deletion", revision="")


class Earlier:
    """The Inbox of what was said earlier than what waits: it is stored at once."""

    def __init__(self, funnel: "Funnel") -> None:
        self._funnel = funnel

    async def receive(self, *events: Incoming) -> int:
        return await self._funnel.receive_first(*events)


class Funnel:
    """While one transaction is under way the events that come wait, and go into the next one together.

    Slack's events are each handled in a task of its own: without this, of two messages the later one might be stored
    first. It is the Inbox of what is heard live.
    """

    def __init__(self, inbox: Inbox, place: Callable[[Incoming], Awaitable[Incoming]]) -> None:
        """`place` gives the event in the conversation that it belongs to."""
        self._inbox = inbox
        self._place = place
        self._stored: OrderedDict[MessageKey, None] = OrderedDict()
        self._waiting: deque[Waiting] = deque()
        self._storing: asyncio.Task[None] | None = None
        self._held_until = 0.0
        self._is_reading = False  # what was said before what comes now
        self._free: set[str] = set()  # channels that are not held
        self._changed = asyncio.Event()

    async def receive(self, *events: Incoming) -> int:
        """Returns when they are stored: how many of those that went in together were new. Raises StorageUnavailable."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, done))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        return await done

    async def receive_first(self, *events: Incoming) -> int:
        """The same for what was said earlier: it does not wait for its turn."""
        return await self._put(events)

    def hold(self) -> None:
        """What is said now waits, for a moment, until what was said before it in its channel is stored.

        What follows up on something waits no longer than others, and is not stored then but refused: Slack delivers it
        again, and whoever reads the channel meets it there. Before what it follows up on it would be nothing.
        """
        self._is_reading = True
        self._held_until = asyncio.get_running_loop().time() + LONGEST_HOLD
        self._free.clear()

    def let_go(self, channel: str | None = None) -> None:
        """Of one channel, or of all."""
        if channel is None:
            self._is_reading, self._held_until = False, 0.0
        else:
            self._free.add(channel)
        self._changed.set()

    async def _store(self) -> None:
        while self._waiting:
            self._changed.clear()
            if not (taken := self._due()):
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(self._held_until):
                        await self._changed.wait()
                continue
            if self._is_reading:
                taken = list(filter(self._is_in_time, taken))
            try:
                new = await self._put([event for some, _ in taken for event in some])
            except Exception as error:  # noqa: BLE001  # told to each of those who wait
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(new)

    def _due(self) -> list[Waiting]:
        """The first of those that wait and are not held."""
        is_held = asyncio.get_running_loop().time() < self._held_until
        due: list[Waiting] = []
        later: deque[Waiting] = deque()
        while self._waiting and len(due) < MOST_AT_ONCE:
            one = self._waiting.popleft()
            (later if is_held and any(map(self._is_held, one[0])) else due).append(one)
        self._waiting.extendleft(reversed(later))
        return due

    def _is_in_time(self, one: Waiting) -> bool:
        """Otherwise it is refused."""
        events, done = one
        late = (one for one in events if _follows_up(one) and self._is_held(one) and one.key not in self._stored)
        if not any(late):
            return True
        if not done.done():
            done.set_exception(StorageUnavailable("what was said before it is still being read"))
        return False

    def _is_held(self, event: Incoming) -> bool:
        said = isinstance(event, IncomingMessage | IncomingDeletion) and Asked.of(event.key.native_id) is None
        return said and event.key.native_id.partition(":")[0] not in self._free

    async def _put(self, events: Sequence[Incoming]) -> int:
        """Store what is not known to be there: Slack repeats itself, and so do histories. A message that was taken back
        before it came is nothing any more."""
        fresh = {event.key: event for event in events if self._stored.keys().isdisjoint(_told_by(event.key))}
        placed = [await self._place(event) for event in as_said(fresh.values())]
        new = await self._inbox.receive(*placed) if placed else 0
        self._stored |= dict.fromkeys(fresh)
        while len(self._stored) > MOST_REMEMBERED:
            self._stored.popitem(last=False)
        return new
