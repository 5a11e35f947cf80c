"""Whether what a technician wrote has reached the person is always said to them, whatever happens on the way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.delivery import FAILURES, Deliverer
from bot.engine.services import NothingToSearch
from bot.errors import OutcomeUnknown
from bot.model.ledger import Delivery
from jobs.deliver_outbox import deliver_outbox
from storage.store import open_storage
from tests.engine.desk import LEASE, FakeClock, TestDesk, Wire, make_desk


class Died(BaseException):
    """The process did, at this point."""


class Unsure(Wire):
    """Nobody knows whether what is posted in these rooms arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.unsure: set[str] = set()

    async def send(self, delivery: Delivery) -> str:
        if delivery.conversation.room in self.unsure:
            raise OutcomeUnknown("for a test")
        return await super().send(delivery)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[TestDesk]:
    clock = FakeClock()
    storage = await open_storage(sqlite_url, clock=clock)
    made = make_desk(storage, NothingToSearch())
    made.clock.at = clock.at
    made.wire = Unsure()
    made.deliverer = delivering(made, clock)
    await made.appoint("tess")
    await made.says("/ticket new my chair is broken")
    yield made
    await storage.close()


def delivering(desk: TestDesk, clock: FakeClock) -> Deliverer:
    return Deliverer(desk.storage, [desk.wire], "test", lease=LEASE, clock=clock, texts=desk.services.texts)


def marks(desk: TestDesk) -> list[str | None]:
    return [one.reaction for one in desk.wire.posted if one.reaction]


async def test_a_reply_that_is_given_up_is_said_not_to_have_arrived(desk: TestDesk) -> None:
    clock = desk.deliverer._clock
    assert isinstance(clock, FakeClock) and isinstance(desk.wire, Unsure)
    desk.wire.unsure.add("dm")
    await desk.says("/ticket reply T1 Which chair?", "desk-tess", who="tess")
    for _ in range(FAILURES + 1):
        clock.forward(minutes=2)
        await deliver_outbox(desk.storage, desk.deliverer)
    assert marks(desk) == ["undelivered"]


async def test_a_process_that_dies_before_it_says_so_leaves_it_to_the_next(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = desk.deliverer._clock
    assert isinstance(clock, FakeClock) and desk.deliverer._confirmations

    async def die(*_: Any, **__: Any) -> None:
        raise Died

    monkeypatch.setattr(desk.deliverer._confirmations, "tell", die)
    with pytest.raises(Died):
        await desk.says("/ticket reply T1 Which chair?", "desk-tess", who="tess")
    clock.forward(seconds=LEASE.total_seconds() + 1)
    await deliver_outbox(desk.storage, delivering(desk, clock))
    clock.forward(seconds=timedelta(minutes=1).total_seconds())
    await deliver_outbox(desk.storage, delivering(desk, clock))
    assert marks(desk) == ["delivered"]
