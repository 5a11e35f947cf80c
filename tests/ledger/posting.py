"""A platform with moods, and who delivers to it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.engine.delivery import Deliverer
from bot.errors import (
    DeliveryRefused,
    OutcomeUnknown,
    PlatformUnavailable,
    RateLimited,
    TargetGone,
    Unfinished,
)
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import OutboxState
from bot.ports.adapters import Inbox
from bot.ports.storage import Storage
from jobs.deliver_outbox import deliver_outbox
from tests.engine.desk import FakeClock

LEASE = timedelta(seconds=30)
FATES = ("posted", "lost answer", "lost call", "rate limited", "away", "halted", "broken", "refused", "hangs")


class Moody:
    """A platform. Each delivery meets its `fates` one after the other, and is posted when there are no more."""

    platform = "test"

    def __init__(self) -> None:
        self.account = str(new_id())
        self.fates: dict[str, list[str]] = defaultdict(list)
        self.posted: list[Delivery] = []
        self.calls = 0

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset({self.account})

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, delivery: Delivery) -> str:
        self.calls += 1
        fate = self.fates[delivery.key].pop(0) if self.fates[delivery.key] else "posted"
        match fate:
            case "rate limited":
                raise RateLimited(7)
            case "away":
                raise PlatformUnavailable("for a test")
            case "refused":
                raise DeliveryRefused("for a test")
            case "gone":
                raise TargetGone("for a test")
            case "lost call":
                raise OutcomeUnknown("for a test")
            case "halted":
                raise Unfinished(RateLimited(7))
            case "halted, away":
                raise Unfinished(PlatformUnavailable("for a test"))
            case "broken":
                raise ValueError("for a test")
            case "hangs":
                await asyncio.sleep(3600)
        self.posted.append(delivery)
        if fate == "lost answer":
            raise OutcomeUnknown("for a test")
        return f"post-{len(self.posted)}"

    def texts(self, room: str) -> list[str]:
        return [one.document.text for one in self.posted if one.conversation.room == room]


class Findable(Moody):
    """The same where one can look what was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.limited = self.looks = self.slow = 0

    async def find_posted(self, delivery: Delivery) -> str | None:
        self.looks += 1
        if self.slow:
            self.slow -= 1
            await asyncio.sleep(3600)
        if self.limited:
            self.limited -= 1
            raise RateLimited(7)
        found = [number for number, one in enumerate(self.posted, 1) if one.id == delivery.id]
        return f"post-{found[0]}" if found else None


class Post:
    def __init__(self, storage: Storage, clock: FakeClock, adapter: Moody, lease: timedelta = LEASE) -> None:
        self.storage = storage
        self.clock = clock
        self.adapter = adapter
        self.deliverer = Deliverer(storage, [adapter], "test", lease=lease, clock=clock)

    def room(self, name: str) -> ConversationRef:
        return ConversationRef("test", self.adapter.account, name)

    async def add(self, room: str, text: str, *fates: str) -> Delivery:
        delivery = Delivery(self.room(room), Document((Paragraph(text),)), str(new_id()))
        self.adapter.fates[delivery.key] = list(fates)
        async with self.storage.unit_of_work() as uow:
            uow.outbox.add(delivery)
            await uow.commit()
        return delivery

    async def state(self, delivery: Delivery) -> OutboxState:
        found = await self.storage.outbox.state(delivery.id)
        assert found is not None
        return found.state

    async def deliver(self) -> None:
        while await self.deliverer.deliver_due():
            pass

    async def deliver_all(self) -> None:
        for _ in range(60):
            await deliver_outbox(self.storage, self.deliverer)
            counts = (await self.storage.counts()).outbox
            if not counts["pending"] + counts["sending"] + counts["unknown"]:
                return
            self.clock.forward(seconds=20)
        raise AssertionError("the outbox is never empty")


@pytest.fixture(params=[Moody, Findable])
def post(request: pytest.FixtureRequest, clocked: Storage, clock: FakeClock) -> Post:
    make: Callable[[], Moody] = request.param
    return Post(clocked, clock, make())
