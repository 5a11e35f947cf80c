"""Storing in the order of arrival, in as few transactions as the load allows."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.model.messages import Incoming
from bot.ports.adapters import Inbox

MOST_AT_ONCE = 50  # of those that wait, in one transaction
LONGEST_HOLD = 1.5  # seconds: what waits longer would be acknowledged too late


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
        self._waiting: deque[tuple[Sequence[Incoming], asyncio.Future[int]]] = deque()
        self._storing: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self._open.set()

    async def receive(self, *events: Incoming) -> int:
        """Returns when they are stored: how many of those that went in together were new. Raises StorageUnavailable."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, done))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        return await done

    async def receive_first(self, *events: Incoming) -> int:
        """The same for what was said earlier: it does not wait for its turn."""
        return await self._inbox.receive(*[await self._place(event) for event in events])

    def hold(self) -> None:
        """What comes now waits, for a moment, until what was said before it is stored."""
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    async def _store(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_HOLD):
                await self._open.wait()
        self._open.set()
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
            try:
                events = [await self._place(event) for some, _ in taken for event in some]
                new = await self._inbox.receive(*events)
            except Exception as error:  # noqa: BLE001  # told to each of those who wait
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(new)
