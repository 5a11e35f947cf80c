"""Runs jobs at their times with APScheduler, in memory."""

import asyncio
import logging
from collections.abc import Sequence

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import StorageUnavailable
from jobs.schedule import Job

log = logging.getLogger(__name__)


class Scheduler:
    """Starts with `async with`; on leaving, running jobs are waited for."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    async def __aenter__(self) -> "Scheduler":
        for job in self._jobs:
            self._scheduler.add_job(
                self._start,
                IntervalTrigger(seconds=job.seconds, timezone="UTC"),
                args=[job],
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._scheduler.shutdown(wait=False)
        # The scheduler cancels what runs; a job is waited for instead, so that nothing stays half done.
        if self._running:
            await asyncio.wait(self._running)

    async def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def _run(self, job: Job) -> None:
        try:
            await job.run()
        except StorageUnavailable as error:
            log.warning("job %s waits: the database cannot be reached: %s", job.name, error)
        except Exception:  # the job's boundary: the next run is not lost with this one
            log.exception("job %s failed", job.name)
