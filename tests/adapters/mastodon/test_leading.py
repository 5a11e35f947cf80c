"""One process listens, and another when it dies."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mastodon import leading
from adapters.mastodon.leading import Leading, Seat
from bot.errors import StorageUnavailable
from bot.model.ledger import Lease

TTL = 0.6


@dataclass
class Leases:
    """As the database has them. `is_down`: it cannot be reached, for those named."""

    row: Lease | None = None
    is_down: set[str] = field(default_factory=set)
    hangs: bool = False

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        if self.hangs:
            await asyncio.sleep(3_600)
        if owner.split()[0] in self.is_down:
            raise StorageUnavailable("the database is away")
        now, row = datetime.now(UTC), self.row
        if row and row.owner != owner and row.expires_at > now:
            return None
        return await self.seize(name, owner, ttl)

    async def seize(self, name: str, owner: str, ttl: timedelta) -> Lease:
        now, row = datetime.now(UTC), self.row
        epoch = 1 if row is None else row.epoch + (row.owner != owner)
        self.row = Lease(name, owner, now + ttl, epoch, now)
        return self.row

    async def release(self, name: str, owner: str) -> None:
        if self.row and self.row.owner == owner:
            self.row = Lease(name, "", datetime.now(UTC), self.row.epoch, self.row.since)


@dataclass
class Process:
    name: str
    leases: Leases
    sole: bool = False
    works: int = 0
    begun: int = 0
    task: "asyncio.Task[None] | None" = None
    fails: bool = False

    def start(self) -> "Process":
        self.leading = Leading(Seat(self.leases, self.name, TTL, self.sole), "mastodon/m.example")
        self.task = asyncio.create_task(self.leading.run(self.work))
        return self

    async def work(self) -> None:
        self.begun += 1
        self.works += 1
        try:
            if self.fails:
                raise RuntimeError("a mistake of ours")
            await asyncio.Event().wait()
        finally:
            self.works -= 1

    async def stop(self) -> None:
        assert self.task
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def dies(self) -> None:
        """Without giving the lease back."""
        release, self.leases.release = self.leases.release, _nothing  # type: ignore[method-assign]
        await self.stop()
        self.leases.release = release  # type: ignore[method-assign]


async def _nothing(name: str, owner: str) -> None:
    return None


async def until(holds: object, seconds: float = 10) -> None:
    assert callable(holds)
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading, "LOOK", 0.02)


async def test_of_three_one_listens_and_another_when_it_dies() -> None:
    leases = Leases()
    processes = [Process(name, leases).start() for name in "abc"]
    for _ in range(3):
        await until(lambda: sum(one.works for one in processes) == 1)
        await asyncio.sleep(0.05)
        (holder,) = [one for one in processes if one.works]
        assert holder.leading.leads
        await holder.dies()
        processes.remove(holder)
        if processes:
            assert sum(one.works for one in processes) == 0
    assert leases.row and leases.row.epoch == 3


async def test_who_stops_in_order_lets_the_next_listen_at_once() -> None:
    leases = Leases()
    first = Process("a", leases).start()
    await until(lambda: first.works)
    second = Process("b", leases).start()
    await first.stop()
    await until(lambda: second.works, TTL / 2)
    await second.stop()


async def test_who_cannot_renew_stops_before_another_begins_and_comes_back_as_another() -> None:
    leases = Leases()
    first = Process("a", leases).start()
    await until(lambda: first.works)
    second = Process("b", leases).start()
    leases.is_down.add("a")
    while first.works:
        assert not second.works
        await asyncio.sleep(0.005)
    await until(lambda: second.works)
    leases.is_down.clear()
    await asyncio.sleep(0.1)
    assert not first.works
    await second.stop()
    await until(lambda: first.works)
    assert leases.row and leases.row.epoch == 3
    await first.stop()


async def test_a_database_that_says_nothing_is_no_lease() -> None:
    leases = Leases()
    first = Process("a", leases).start()
    await until(lambda: first.works)
    leases.hangs = True
    await until(lambda: not first.works, 2 * TTL)
    leases.hangs = False
    await until(lambda: first.works)
    await first.stop()


async def test_whose_lease_was_taken_stops() -> None:
    leases = Leases()
    first = Process("a", leases).start()
    await until(lambda: first.works)
    await leases.seize("mastodon/m.example", "b 1", timedelta(seconds=60))
    await until(lambda: not first.works)
    await asyncio.sleep(0.1)
    assert first.begun == 1
    await first.stop()


async def test_the_only_process_there_can_be_does_not_wait_for_a_dead_one() -> None:
    leases = Leases()
    await leases.seize("mastodon/m.example", "dead", timedelta(hours=1))
    first = Process("a", leases, sole=True).start()
    await until(lambda: first.works, 1)
    await first.stop()


async def test_a_mistake_is_not_hidden_and_gives_the_lease_back() -> None:
    leases = Leases()
    first = Process("a", leases, fails=True).start()
    assert first.task
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        await first.task
    assert leases.row and leases.row.owner == ""
