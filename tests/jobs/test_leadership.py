"""Of any number of processes one leads, another one soon after its death, and none that cannot be sure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.errors import StorageUnavailable
from bot.model.ledger import SCHEDULER, Lease
from bot.ports.storage import Storage
from jobs.leadership import Leadership
from tests.jobs.making import LEASE, until
from tests.ledger.watched import watched

SECONDS = 1.0


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.leadership.LOOK", 0.05)


@dataclass
class Candidate:
    storage: Storage
    owner: str
    sole: bool = False
    terms: list[Lease] = field(default_factory=list)
    leads: bool = False
    task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.leadership = Leadership(self.storage.leases, self.owner, SECONDS, self.won, self.lost, sole=self.sole)

    async def won(self, lease: Lease) -> None:
        self.terms.append(lease)
        self.leads = True

    async def lost(self) -> None:
        self.leads = False

    async def is_leading(self) -> bool:
        return self.leads

    def start(self) -> None:
        self.task = asyncio.create_task(self.leadership.run())

    async def die(self) -> None:
        """Without giving anything back."""
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


@asynccontextmanager
async def seeking(*candidates: Candidate) -> AsyncIterator[None]:
    for one in candidates:
        one.start()
    try:
        yield
    finally:
        for one in candidates:
            await one.die()


async def test_one_of_several_leads_and_keeps_leading(storage: Storage) -> None:
    candidates = [Candidate(storage, f"p{number}") for number in range(4)]
    async with seeking(*candidates):
        await asyncio.sleep(2.5 * SECONDS)
        [leader] = [one for one in candidates if one.leads]
        assert [len(one.terms) for one in candidates if one is not leader] == [0, 0, 0]
        assert len(leader.terms) == 1


async def test_after_its_death_another_leads_within_the_lease_in_a_new_epoch(storage: Storage) -> None:
    first, second = Candidate(storage, "a"), Candidate(storage, "b")
    async with seeking(first):
        await until(first.is_leading)
        async with seeking(second):
            await first.die()
            died = datetime.now(UTC)
            await until(second.is_leading)
            took = (datetime.now(UTC) - died).total_seconds()
    assert took < SECONDS + 0.5
    assert second.terms[0].epoch == first.terms[0].epoch + 1


async def test_who_gives_up_is_followed_at_once(storage: Storage) -> None:
    first, second = Candidate(storage, "a"), Candidate(storage, "b")
    async with seeking(first):
        await until(first.is_leading)
        async with seeking(second):
            await first.die()
            await first.leadership.give_up()
            await until(second.is_leading, SECONDS / 2)


async def test_a_leader_whose_lease_is_taken_stops(storage: Storage) -> None:
    first = Candidate(storage, "a")
    async with seeking(first):
        await until(first.is_leading)
        await storage.leases.seize(SCHEDULER, "thief", LEASE)

        async def has_stopped() -> bool:
            return not first.leads

        await until(has_stopped, 2 * SECONDS)
        await asyncio.sleep(0.2)
        assert not first.leads
        await storage.leases.release(SCHEDULER, "thief")
        await until(first.is_leading)
        assert [lease.epoch for lease in first.terms] == [1, 3]


async def test_a_leader_that_cannot_reach_the_database_stops_before_its_lease_ends(storage: Storage) -> None:
    gone = asyncio.Event()

    async def fail(point: str, _: object) -> None:
        if point == "before leases.acquire" and gone.is_set():
            raise StorageUnavailable("gone")

    first = Candidate(watched(storage, fail), "a")
    async with seeking(first):
        await until(first.is_leading)
        gone.set()

        async def has_stopped() -> bool:
            return not first.leads

        await until(has_stopped, SECONDS)
        gone.clear()
        await until(first.is_leading)
        # Whatever was broken off carries an earlier epoch, so that it is taken up.
        assert [lease.epoch for lease in first.terms] == [1, 2]


async def test_a_database_that_does_not_answer_is_not_waited_for_beyond_the_lease(storage: Storage) -> None:
    stuck = asyncio.Event()

    async def hang(point: str, _: object) -> None:
        if point == "before leases.acquire" and stuck.is_set():
            await asyncio.sleep(60)

    first = Candidate(watched(storage, hang), "a")
    async with seeking(first):
        await until(first.is_leading)
        stuck.set()

        async def has_stopped() -> bool:
            return not first.leads

        await until(has_stopped, 1.5 * SECONDS)


async def test_a_short_trouble_is_sat_out(storage: Storage) -> None:
    troubles = [1, 2, 3]

    async def fail(point: str, _: object) -> None:
        if point == "before leases.acquire" and first.terms and troubles:
            troubles.pop()
            raise StorageUnavailable("gone")

    first = Candidate(watched(storage, fail), "a")
    async with seeking(first):
        await until(first.is_leading)
        await asyncio.sleep(1.5 * SECONDS)
        assert first.leads and not troubles and len(first.terms) == 1


async def test_the_only_process_on_a_database_leads_at_once(storage: Storage) -> None:
    await storage.leases.acquire(SCHEDULER, "killed", LEASE)
    only = Candidate(storage, "b", sole=True)
    async with seeking(only):
        await until(only.is_leading, 1.0)
    assert only.terms[0].epoch == 2
