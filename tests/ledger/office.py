"""Several dispatchers on one storage, in one process and on one clock; handlers fail, wait and lose their database."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.services import Services
from bot.errors import StorageUnavailable
from bot.model.conversations import Message
from bot.model.ids import new_id
from bot.model.knowledge import Retrieval, Thresholds
from bot.model.ledger import Delivery, InboxRow, Progress
from bot.model.messages import ConversationRef, Identity, Incoming, IncomingMessage, MessageKey
from bot.model.values import Audience, InboxState
from bot.ports.knowledge import Query
from bot.ports.storage import Storage
from tests.engine.desk import FakeClock, make_desk
from tests.ledger.watched import watched

LEASE = timedelta(seconds=30)


class Ignorant:
    """A retriever that finds nothing."""

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        return Retrieval((), Thresholds(0.5, 0.4))


@dataclass
class Troubles:
    """What goes wrong, by room. `slow` handlers wait before they commit until they are released."""

    failing: Counter[str] = field(default_factory=Counter)  # handlings that still raise
    broken: set[str] = field(default_factory=set)  # neither an answer nor an apology can be made
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)  # a slow handler has come to its commit
    gone: int = 0  # calls of the database that still fail
    gone_from: int = 0  # or the how manieth of the calls to come will, as the only one

    async def __call__(self, point: str, detail: Any) -> None:
        self.gone_from -= 1
        if self.gone_from == 0:
            raise StorageUnavailable("gone for a test")
        if self.gone and point.startswith("before "):
            self.gone -= 1
            raise StorageUnavailable("gone for a test")
        if point == "before conversations.by_ref" and detail[0].room in self.broken:
            raise RuntimeError("a room is broken for a test")
        if point == "before commit":
            if gate := self.slow.get(room := room_of(detail)):
                self.waiting.set()
                await gate.wait()
            if self.failing[room]:
                self.failing[room] -= 1
                raise RuntimeError("a handler failed for a test")

    def release(self, room: str) -> None:
        if gate := self.slow.pop(room, None):
            gate.set()


def room_of(row: InboxRow) -> str:
    return row.event.conversation.room


@dataclass
class Office:
    """Rooms are of an account of this office's own, so that many offices can share one database."""

    storage: Storage  # without troubles
    clock: FakeClock
    services: Services  # with them
    troubles: Troubles
    account: str = field(default_factory=lambda: str(new_id()))
    said: dict[str, list[IncomingMessage]] = field(default_factory=dict)

    def dispatcher(self, owner: str, workers: int = 4, lease: timedelta = LEASE) -> Dispatcher:
        return Dispatcher(self.services, owner, workers=workers, lease=lease)

    def room(self, name: str) -> ConversationRef:
        return ConversationRef("test", self.account, name)

    async def say(self, room: str, text: str = "") -> IncomingMessage:
        said = self.said.setdefault(room, [])
        event = IncomingMessage(
            key=MessageKey("test", self.account, "message", f"{room}-{len(said)}"),
            conversation=self.room(room),
            author=Identity("test", self.account, room, name=room),
            text=text or f"zebra number {len(said)} has no stripes",
            sent_at=self.clock(),
            private=True,
            audience=Audience.INTERNAL,
        )
        said.append(event)
        await self.hear(event)
        return event

    async def hear(self, *events: Incoming) -> int:
        return await Receiver(self.storage.inbox).receive(*events)

    async def progress(self, event: IncomingMessage) -> Progress:
        found = await self.storage.inbox.progress(event.key)
        assert found is not None
        return found

    async def deliveries(self, room: str) -> list[Delivery]:
        return await self.storage.outbox.of_conversation(self.room(room))

    async def history(self, room: str) -> list[Message]:
        async with self.storage.unit_of_work() as uow:
            conversation = await uow.conversations.by_ref(self.room(room))
            return await uow.conversations.messages(conversation.id) if conversation else []

    async def drain(self) -> None:
        """Handle all there is, however often it has to be tried again."""
        self.troubles.gone_from = 0
        last = self.dispatcher("last")
        for _ in range(100):
            await last.drain()
            counts = (await self.storage.counts()).inbox
            if not counts["received"] + counts["processing"]:
                return
            self.clock.forward(seconds=10)
        raise AssertionError("the inbox is never empty")

    async def check(self) -> dict[str, list[InboxState]]:
        """One answer to each message, in order, whatever it says; how each message ended, by room."""
        ends: dict[str, list[InboxState]] = {}
        for room, said in self.said.items():
            states = [await self.progress(event) for event in said]
            answered = [delivery.key.partition(":")[0] for delivery in await self.deliveries(room)]
            assert answered == [str(state.id) for state in states], f"answers to {room}: {answered}"
            texts = [one.text for one in await self.history(room) if one.author == "person"]
            done = [event.text for event, state in zip(said, states, strict=True) if state.state is InboxState.DONE]
            assert texts == done
            ends[room] = [state.state for state in states]
        return ends


def office_on(storage: Storage, clock: FakeClock | None) -> Office:
    """On a storage that goes by `clock`, or by real time."""
    troubles = Troubles()
    desk = make_desk(watched(storage, troubles), Ignorant())
    services = replace(desk.services, clock=clock) if clock else desk.services
    return Office(storage, clock or desk.clock, services, troubles)
