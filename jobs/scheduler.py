"""Runs the jobs at their times: sweeps in every process, all others where the leader is."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.model.ledger import Lease
from jobs.job import Job, Parts
from jobs.leadership import Leadership
from jobs.runs import Runs, Sweeps
from jobs.timing import Timing

log = logging.getLogger(__name__)

SETTLED = 2.0  # seconds before a process seeks to lead: one that answers a single question is over by then
STOP = 30.0  # seconds that running jobs have to end when the process does
STALE = 60  # seconds after which a due time has been missed by a job that does not catch up


class Scheduler:
    """Runs from `async with` on; leaving waits for what runs, and lets another process lead.

    APScheduler is the alarm clock: in memory, for the jobs that are this process's to run. What a due time is, whether
    it needs a run, and whose it is, is decided here and in the database.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        parts: Parts,
        owner: str,
        *,
        lease_seconds: float,
        sole: bool = False,
        settled: float = SETTLED,
    ) -> None:
        self._sweeps = [job for job in jobs if job.everywhere]
        self._swept = Sweeps(parts, owner)
        self._led = [job for job in jobs if not job.everywhere]
        self._parts = parts
        self._owner = owner
        self._settled = settled
        self._runs: Runs | None = None  # while this process leads
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._alarms = AsyncIOScheduler(timezone="UTC")
        self._leadership = Leadership(
            parts.services.storage.leases, owner, lease_seconds, self._lead, self._stop_leading, sole=sole
        )
        self._leading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for job in self._sweeps:
            self._set_alarm(job)
        self._alarms.start()
        self._leading = asyncio.create_task(self._seek_to_lead())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._alarms.shutdown(wait=False)
        if self._runs:
            self._runs.ending.set()
        if self._in_hand:  # the lease is renewed meanwhile
            await asyncio.wait(self._in_hand.values(), timeout=STOP)
        assert self._leading is not None
        self._leading.cancel()
        with suppress(asyncio.CancelledError):
            await self._leading
        await self._break_off(list(self._in_hand))
        await self._leadership.give_up()

    async def _seek_to_lead(self) -> None:
        await asyncio.sleep(self._settled)
        await self._leadership.run()

    async def _lead(self, lease: Lease) -> None:
        self._runs = runs = Runs(self._parts, self._owner, lease.epoch)
        for job in self._led:
            self._begin(job.name, self._run_due(job, runs, resuming=True))
            self._set_alarm(job)
        self._begin("?", runs.bury({job.name for job in self._led}))

    async def _stop_leading(self) -> None:
        self._runs = None
        for job in self._led:
            self._alarms.remove_job(job.name)
        await self._break_off(["?", *(job.name for job in self._led)])

    async def _break_off(self, names: Sequence[str]) -> None:
        tasks = [task for name in names if (task := self._in_hand.get(name))]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _set_alarm(self, job: Job) -> None:
        self._alarms.add_job(
            self._ring,
            DueTimes(job.timing),
            args=[job],
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=STALE if job.missed == "skip" else None,
        )

    async def _ring(self, job: Job) -> None:
        """A due time has come. It passes if the job still runs: a job that queues will see it then."""
        if job.name in self._in_hand:
            return
        if job.everywhere:
            self._begin(job.name, self._swept.run(job))
        elif self._runs:
            self._begin(job.name, self._run_due(job, self._runs))

    async def _run_due(self, job: Job, runs: Runs, *, resuming: bool = False) -> None:
        due = job.timing.latest(self._parts.services.clock())
        await (runs.resume(job) if resuming else runs.run(job, due))
        while job.overlap == "queue" and not runs.ending.is_set():
            if (later := job.timing.latest(self._parts.services.clock())) <= due:
                return
            due = later
            await runs.run(job, due)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"job {name}")
        self._in_hand[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        if self._in_hand.get(name) is task:
            del self._in_hand[name]
        if not task.cancelled() and (error := task.exception()):
            log.error("job %s: its run could not be written down", name, exc_info=error)


class DueTimes(BaseTrigger):  # type: ignore[misc]  # the library is untyped
    """A job's timing, as APScheduler asks for it."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return self._timing.after(now)
