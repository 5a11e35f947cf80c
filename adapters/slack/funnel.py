"""Storing in the order of arrival, in as few transactions as the load allows."""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from adapters.slack.ids import Asked
from bot.errors import StorageUnavailable
from bot.model.messages import Incoming, IncomingDeletion, IncomingMessage, MessageKey
from bot.ports.adapters import Inbox

MOST_AT_ONCE = 50  # of those that wait, in one transaction
MOST_REMEMBERED = 20_000  # events that are known to be stored
LONGEST_HOLD = 2.0  # seconds: what waits much longer would be acknowledged too late
LONGEST_WAIT = 20.0  # seconds that what follows up on something waits for it


class Held(StorageUnavailable):
    """Not stored yet, but it will be: nothing is missed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    events: Sequence[Incoming]
    since: float  # by the loop's clock
    stored: asyncio.Future[int]


def as_said(events: Iterable[Incoming]) -> list[Incoming]:
    """With messages in the order in which they were said, by Slack's clock; other events stay where they are."""
    events = list(events)
    messages = iter(sorted(filter(_is_said, events), key=lambda event: event.sent_at))
    return [next(messages) if _is_said(event) else event for event in events]


def _is_said(event: Incoming) -> bool:
    """Whether its time is Slack's, and when it was first said."""
    return isinstance(event, IncomingMessage) and not event.key.revision and Asked.of(event.key.native_id) is None


def _is_said_in_channel(event: Incoming) -> bool:
    said = isinstance(event, IncomingMessage | IncomingDeletion)
    return said and Asked.of(event.key.native_id) is None


def _channel(event: Incoming) -> str:
    return event.key.native_id.partition(":")[0]


def _follows_up(event: Incoming) -> bool:
    """Of an event in a channel: without what came before it in its thread, it would be nothing."""
    return event.conversation.thread not in (None, event.key.native_id)


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

    def __init__(
        self,
        inbox: Inbox,
        place: Callable[[Incoming], Awaitable[Incoming]],
        lost: Callable[[str], None] = lambda account: None,
    ) -> None:
        """`place` gives the event in the conversation that it belongs to. `lost` is told of the workspace where
        something that was Held could not be stored in the end."""
        self._inbox = inbox
        self._place = place
        self._lost = lost
        self._stored: OrderedDict[MessageKey, None] = OrderedDict()
        self._waiting: deque[Waiting] = deque()
        self._storing: asyncio.Task[None] | None = None
        self._held_since = 0.0
        self._is_reading = False  # what was said before what comes now
        self._free: set[str] = set()  # channels that are not held
        self._changed = asyncio.Event()

    async def receive(self, *events: Incoming) -> int:
        """Returns when they are stored: how many of those that went in together were new.

        Raises Held for what waits so long that Slack would give up, or StorageUnavailable.
        """
        loop = asyncio.get_running_loop()
        one = Waiting(events, loop.time(), loop.create_future())
        self._waiting.append(one)
        self._changed.set()
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        if self._releases(one) > loop.time():
            await asyncio.wait({one.stored}, timeout=LONGEST_HOLD)
            if not one.stored.done() and self._releases(one) > loop.time():
                one.stored.add_done_callback(lambda stored: self._end(one))
                raise Held("what was said before it is still being read")
        return await one.stored

    async def receive_first(self, *events: Incoming) -> int:
        """The same for what was said earlier: it does not wait for its turn."""
        return await self._put(events)

    def hold(self) -> None:
        """What is said now waits, for a moment, until what was said before it in its channel is stored.

        What follows up on something waits longer. Slack is told after that moment that it is not stored, and delivers
        it again; whether it does or not, it is stored in its turn.
        """
        self._is_reading = True
        self._held_since = asyncio.get_running_loop().time()
        self._free.clear()

    def let_go(self, channel: str | None = None, read_at: float = math.inf) -> None:
        """Of one channel, which was read at that time (the loop's), or of all."""
        if channel is None:
            self._is_reading = False
        elif read_at >= self._held_since:
            self._free.add(channel)
        self._changed.set()

    @property
    def held(self) -> set[str]:
        """The channels in which something waits."""
        now = asyncio.get_running_loop().time()
        return {_channel(event) for one in self._waiting for event in one.events if self._release(event, one) > now}

    async def _store(self) -> None:
        while self._waiting:
            self._changed.clear()
            if not (taken := self._due()):
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(map(self._releases, self._waiting))):
                        await self._changed.wait()
                continue
            try:
                new = await self._put([event for one in taken for event in one.events])
            except Exception as error:  # noqa: BLE001  # told to each of those who wait
                for one in taken:
                    if not one.stored.done():
                        one.stored.set_exception(error)
            else:
                for one in taken:
                    if not one.stored.done():
                        one.stored.set_result(new)

    def _due(self) -> list[Waiting]:
        """The first of those that wait and are not held."""
        now = asyncio.get_running_loop().time()
        due: list[Waiting] = []
        later: deque[Waiting] = deque()
        while self._waiting and len(due) < MOST_AT_ONCE:
            one = self._waiting.popleft()
            (later if self._releases(one) > now else due).append(one)
        self._waiting.extendleft(reversed(later))
        return due

    def _releases(self, one: Waiting) -> float:
        return max((self._release(event, one) for event in one.events), default=0.0)

    def _release(self, event: Incoming, one: Waiting) -> float:
        """Until when an event is held."""
        if not self._is_reading or not _is_said_in_channel(event) or event.key in self._stored:
            return 0.0
        if _channel(event) in self._free:
            return 0.0
        return one.since + LONGEST_WAIT if _follows_up(event) else self._held_since + LONGEST_HOLD

    def _end(self, one: Waiting) -> None:
        """Of what was Held."""
        if not one.stored.cancelled() and one.stored.exception():
            for account in {event.key.account for event in one.events}:
                self._lost(account)

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
