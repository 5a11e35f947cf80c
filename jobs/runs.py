"""Running a job for a due time: once to its end, however often it takes and whoever begins it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.engine.services import Services
from bot.errors import StaleWrite, StorageUnavailable
from bot.model.ledger import JobRun, RunOutcome
from jobs.job import Job, Parts
from jobs.reporting import reference_of, report_failure, report_recovery

log = logging.getLogger(__name__)

CRASHES = 3  # attempts beyond a job's own that ended with the process, after which its run is given up
AGAIN = 1.0  # seconds before a database that could not be reached is tried again
REMEMBERED = 20  # runs that are looked through for the last one that ended

T = TypeVar("T")


class Runs:
    """The runs of one term of one leader. Cancelling what runs leaves it to the next."""

    def __init__(self, parts: Parts, owner: str, epoch: int) -> None:
        self._parts = parts
        self._clock = parts.services.clock
        self._ledger = parts.services.storage.job_runs
        self._owner = owner
        self._epoch = epoch
        self._failing: set[str] = set()  # jobs whose last run has failed, which the desk was told
        self.ending = asyncio.Event()  # set: no further attempts are made

    async def resume(self, job: Job) -> None:
        """Take up what the leader before left undone, and make up for due times that nobody was there for."""
        last = await lasting(lambda: self._ledger.history(job.name, REMEMBERED), job.name)
        ended = (run.outcome for run in last if run.epoch and run.outcome in ("completed", "failed"))
        if next(ended, None) == "failed":
            self._failing.add(job.name)
        for left in await lasting(self._ledger.unfinished, job.name):
            if left.job == job.name and left.epoch < self._epoch:
                await self.run(job, left.scheduled_for, taken_up=True)
        due = job.timing.latest(self._clock())
        if not last and job.timing.may_wait:
            await self._pass_over(job, due)  # from here on, what is missed is known to be missed
        elif job.missed == "catch_up" and not (last and last[0].scheduled_for >= due):
            await self.run(job, due)

    async def bury(self, known: set[str]) -> None:
        """Give up what was left of jobs that this release does not know."""
        for left in await lasting(self._ledger.unfinished, "?"):
            if left.job not in known and left.epoch < self._epoch:
                again = replace(left, epoch=self._epoch, owner=self._owner)
                if run := await self._ledger.start(again):
                    await self._end(run, "failed", error="UnknownJob")

    async def run(self, job: Job, due: datetime, *, taken_up: bool = False) -> None:
        """Run the job for that due time until it is completed or has failed; not if there is nothing to do, or it is
        over. Failures are told to the desk."""
        try:
            if not taken_up and not await self._has_work(job):
                return
            while (pause := await self._attempt(job, due)) is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.ending.wait(), pause)
                    return  # the next leader goes on
        except StaleWrite:
            log.warning("job %s, due %s: the run is in other hands by now", job.name, due)

    async def _has_work(self, job: Job) -> bool:
        if job.look is None or job.name in self._failing:
            return True
        try:
            return await job.look(self._parts)
        except StorageUnavailable as error:
            log.warning("job %s waits: the database cannot be reached: %s", job.name, error)
            return False
        except Exception:  # the job's boundary: its run will tell
            log.exception("job %s cannot tell whether there is work", job.name)
            return True

    async def _attempt(self, job: Job, due: datetime) -> float | None:
        """One attempt; the seconds before the next one, or None if there is to be none."""
        new = JobRun(job.name, due, self._clock(), self._owner, epoch=self._epoch)
        run = await lasting(lambda: self._ledger.start(new), job.name)
        if run is None:
            return None
        try:
            if run.attempt > len(job.pauses) + 1 + CRASHES:
                raise RuntimeError(f"begun {run.attempt} times without an end")
            async with asyncio.timeout(job.patience):
                effects = await lasting(lambda: job.run(self._parts), job.name)
        except Exception as error:  # noqa: BLE001  # the job's boundary: written down, and told where it lasts
            return await self._failed(job, run, error)
        if job.name in self._failing:
            await self._tell(lambda: report_recovery(self._parts.services, run), run)
        await self._end(run, "completed", effects)
        self._failing.discard(job.name)
        return None

    async def _failed(self, job: Job, run: JobRun, error: Exception) -> float | None:
        reference, name = reference_of(run), type(error).__name__
        log.error(
            "job %s, due %s, attempt %d failed, reference %s", job.name, run.scheduled_for, run.attempt, reference,
            exc_info=error,
        )  # fmt: skip
        if run.attempt <= len(job.pauses):
            await self._end(run, "retrying", error=name, reference=reference)
            return job.pauses[run.attempt - 1]
        if job.name not in self._failing:
            await self._tell(lambda: report_failure(self._parts.services, run), run)
            self._failing.add(job.name)
        await self._end(run, "failed", error=name, reference=reference)
        return None

    async def _tell(self, tell: Callable[[], Awaitable[None]], run: JobRun) -> None:
        try:
            await lasting(tell, run.job)
        except Exception:  # the job's boundary: that nothing could be said must not hold up the job
            log.exception("the desk could not be told of job %s, reference %s", run.job, reference_of(run))

    async def _pass_over(self, job: Job, due: datetime) -> None:
        new = JobRun(job.name, due, self._clock(), self._owner, epoch=self._epoch)
        if run := await lasting(lambda: self._ledger.start(new), job.name):
            await self._end(run, "skipped")

    async def _end(self, run: JobRun, outcome: RunOutcome, effects: int = 0, **detail: Any) -> None:
        ended = replace(run, finished_at=self._clock(), outcome=outcome, effects=effects, detail=detail)
        await lasting(lambda: self._ledger.finish(ended), run.job)


async def lasting(work: Callable[[], Awaitable[T]], job: str) -> T:
    """Do it again until the database can be reached."""
    while True:
        try:
            return await work()
        except StorageUnavailable as error:
            log.warning("job %s waits: the database cannot be reached: %s", job, error)
            await asyncio.sleep(AGAIN)


class Sweeps:
    """The jobs that run in every process, of which no run is written down. One that fails pauses as its row says; when
    its attempts are used up the desk is told, once in an hour by whichever processes it fails in, and again when it
    works."""

    def __init__(self, parts: Parts, owner: str) -> None:
        self._parts = parts
        self._owner = owner
        self._failures: dict[str, int] = {}
        self._again_at: dict[str, datetime] = {}
        self._told: dict[str, JobRun] = {}

    async def run(self, job: Job) -> None:
        """Raises nothing."""
        now = self._parts.services.clock()
        if (again := self._again_at.get(job.name)) and now < again:
            return
        try:
            async with asyncio.timeout(job.patience):
                await job.run(self._parts)
        except StorageUnavailable as error:
            log.warning("job %s waits: the database cannot be reached: %s", job.name, error)
        except Exception as error:  # noqa: BLE001  # the job's boundary: the next run is not lost with this one
            await self._failed(job, now, error)
        else:
            self._failures.pop(job.name, None)
            self._again_at.pop(job.name, None)
            if run := self._told.pop(job.name, None):
                await self._tell(report_recovery, run)

    async def _failed(self, job: Job, now: datetime, error: Exception) -> None:
        count = self._failures[job.name] = self._failures.get(job.name, 0) + 1
        hour = now.replace(minute=0, second=0, microsecond=0)
        run = JobRun(job.name, hour, now, self._owner, attempt=count)
        log.error("job %s, attempt %d failed, reference %s", job.name, count, reference_of(run), exc_info=error)
        if job.pauses:
            self._again_at[job.name] = now + timedelta(seconds=job.pauses[min(count, len(job.pauses)) - 1])
        if count > len(job.pauses) and job.name not in self._told:
            self._told[job.name] = run
            await self._tell(report_failure, run)

    async def _tell(self, tell: Callable[[Services, JobRun], Awaitable[None]], run: JobRun) -> None:
        try:
            await tell(self._parts.services, run)
        except Exception:  # the job's boundary: that nothing could be said must not hold up the others
            log.exception("the desk could not be told of job %s, reference %s", run.job, reference_of(run))


async def run_by_hand(job: Job, parts: Parts, owner: str) -> JobRun:
    """Run a job now, whoever leads: a run of its own, due at this moment. Raises what the job raises."""
    ledger, clock = parts.services.storage.job_runs, parts.services.clock
    now = clock()
    run = await ledger.start(JobRun(job.name, now, now, owner))
    if run is None:
        raise StaleWrite(f"{job.name} was begun at this very moment")
    try:
        effects = await job.run(parts)
    except BaseException as error:
        detail = {"error": type(error).__name__, "reference": reference_of(run)}
        await ledger.finish(replace(run, finished_at=clock(), outcome="failed", detail=detail))
        raise
    ended = replace(run, finished_at=clock(), outcome="completed", effects=effects)
    await ledger.finish(ended)
    return ended
