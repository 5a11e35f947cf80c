"""What jobs are given in tests: a desk with one room, a clock that is set by hand, and jobs that say what they did."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import IndexUnavailable
from bot.model.knowledge import Retrieval
from bot.model.ledger import SCHEDULER, Lease
from bot.ports.knowledge import Query
from bot.ports.storage import Storage
from bot.settings import Settings
from jobs.job import Job, Parts
from jobs.runs import Runs
from jobs.timing import Every
from tests.engine.desk import FakeClock, TestDesk, make_desk

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    """Wait for something that takes a moment."""
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, "it does not come"
        await asyncio.sleep(0.01)


class NoArticles:
    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        raise IndexUnavailable("there is none here")


class NoArchive:
    async def write(self, file: Path) -> int:
        raise AssertionError("no backup is wanted here")

    verify = write


@dataclass
class Stage:
    """A desk on a storage, and whoever leads its jobs."""

    storage: Storage
    desk: TestDesk
    parts: Parts

    @property
    def clock(self) -> FakeClock:
        return self.desk.clock

    async def lease(self, owner: str = "a") -> Lease:
        """Taken, whoever has it."""
        return await self.storage.leases.seize(SCHEDULER, owner, LEASE)

    async def leader(self, owner: str = "a") -> Runs:
        return Runs(self.parts, owner, (await self.lease(owner)).epoch)

    async def told(self, room: str = "desk") -> list[str]:
        """What was said in a room, after everything was delivered."""
        await self.desk.settle()
        return self.desk.posts(room)

    async def outcomes(self, job: str = "job") -> list[tuple[str, int]]:
        """Each run's outcome and attempts, the first due first."""
        runs = await self.storage.job_runs.history(job)
        return [(run.outcome, run.attempt) for run in reversed(runs)]


def make_stage(storage: Storage, **settings: Any) -> Stage:
    desk = make_desk(storage, NoArticles())
    desk.clock.at = START
    parts = Parts(Settings.model_validate(settings), desk.services, NoArchive())
    return Stage(storage, desk, parts)


@dataclass
class Work:
    """A job's work: it fails as often as it is told to, and waits for `go` if there is one."""

    fails: int = 0
    effects: int = 1
    go: asyncio.Event | None = None
    begun: int = 0
    begins: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[datetime] = field(default_factory=list)

    async def __call__(self, parts: Parts) -> int:
        self.begun += 1
        self.begins.set()
        if self.go:
            await self.go.wait()
        if self.fails > 0:
            self.fails -= 1
            raise ValueError("secret of a person")
        self.done.append(parts.services.clock())
        return self.effects


def make_job(work: Work, *, pauses: Sequence[float] = (0, 0), **more: Any) -> Job:
    return Job("job", more.pop("timing", Every(60)), work, pauses=tuple(pauses), **more)
