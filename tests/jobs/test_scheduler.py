"""Jobs run at their times, on the leader alone; sweeps run everywhere."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.model.ledger import SCHEDULER
from jobs.job import Job
from jobs.scheduler import Scheduler
from jobs.timing import Every
from storage.store import SqlStorage
from tests.jobs.making import LEASE, Stage, Work, make_stage, until

SECONDS = 1.0


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.leadership.LOOK", 0.05)


@pytest.fixture
def stage(storage: SqlStorage) -> Stage:
    """With the clock on the wall."""
    from dataclasses import replace

    made = make_stage(storage)
    services = replace(made.parts.services, clock=lambda: datetime.now(UTC))
    return Stage(storage, made.desk, replace(made.parts, services=services))


def scheduler(stage: Stage, owner: str, *jobs: Job, **more: Any) -> Scheduler:
    return Scheduler(jobs, stage.parts, owner, lease_seconds=SECONDS, settled=0, **more)


def often(work: Work, name: str = "often", seconds: float = 0.2, **more: Any) -> Job:
    return Job(name, Every(seconds), work, pauses=(0.01,), **more)


async def test_of_two_schedulers_on_one_storage_one_runs_the_jobs_and_both_sweep(stage: Stage) -> None:
    works = {name: (Work(), Work()) for name in "ab"}
    async with (
        scheduler(stage, "a", often(works["a"][0]), often(works["a"][1], "sweep", everywhere=True)),
        scheduler(stage, "b", often(works["b"][0]), often(works["b"][1], "sweep", everywhere=True)),
    ):
        await asyncio.sleep(2)
    led = {name: work.begun for name, (work, _) in works.items()}
    assert sorted(led.values())[0] == 0 and max(led.values()) >= 5
    assert all(sweep.begun >= 5 for _, sweep in works.values())
    runs = await stage.storage.job_runs.history(limit=100)
    assert {run.job for run in runs} == {"often"} and {run.outcome for run in runs} == {"completed"}
    assert len(runs) == sum(led.values())
    step = timedelta(seconds=0.2)
    assert all(later.scheduled_for - earlier.scheduled_for >= step for later, earlier in pairwise(runs))
    assert all((run.scheduled_for - datetime(1970, 1, 1, tzinfo=UTC)) % step == timedelta() for run in runs)


async def test_leaving_waits_for_what_runs_and_lets_the_next_one_lead(stage: Stage) -> None:
    work = Work(go=asyncio.Event())
    assert work.go
    async with scheduler(stage, "a", often(work)) as _:
        await work.begins.wait()
        asyncio.get_running_loop().call_later(0.3, work.go.set)
    assert work.done
    assert {run.outcome for run in await stage.storage.job_runs.history()} == {"completed"}
    assert await stage.storage.leases.holder(SCHEDULER) is None


async def test_a_leader_that_loses_its_lease_breaks_off_and_the_other_goes_on(stage: Stage) -> None:
    stuck, work = Work(go=asyncio.Event()), Work()
    async with scheduler(stage, "a", often(stuck)):
        await stuck.begins.wait()
        await stage.storage.leases.seize(SCHEDULER, "thief", LEASE)

        async def has_stopped() -> bool:
            return not any("often" in task.get_name() for task in asyncio.all_tasks())

        await until(has_stopped)
        begun = stuck.begun
        await asyncio.sleep(0.5)
        assert stuck.begun == begun, "jobs are gone from memory"
        [left] = await stage.storage.job_runs.history()
        assert left.outcome == "running"
        async with scheduler(stage, "b", often(work), sole=True):

            async def is_done() -> bool:
                return bool(work.done)

            await until(is_done)
    first = (await stage.storage.job_runs.history(limit=100))[-1]
    assert (first.scheduled_for, first.outcome, first.attempt, first.owner) == (
        left.scheduled_for, "completed", 2, "b",
    )  # fmt: skip


@pytest.mark.parametrize("overlap", ["never", "queue"])
async def test_due_times_during_a_run_pass_or_queue(stage: Stage, overlap: Any) -> None:
    work = Work(go=asyncio.Event())
    assert work.go
    seconds = 0.4
    async with scheduler(stage, "a", often(work, seconds=seconds, overlap=overlap)):
        await work.begins.wait()
        await asyncio.sleep(2.5 * seconds)
        assert work.begun == 1
        work.go.set()

        async def has_run_again() -> bool:
            return len(work.done) >= 2

        await until(has_run_again)
        again, before = (await stage.storage.job_runs.history(limit=100))[-2::-1][0], work.done[0]
    waited = (again.started_at - before).total_seconds()
    if overlap == "queue":
        assert again.scheduled_for < before and waited < 0.2, "the latest of them is run at once"
    else:
        assert again.scheduled_for > before, "the next one is waited for"


async def test_a_process_that_is_soon_over_does_not_lead(stage: Stage) -> None:
    work = Work()
    async with Scheduler((often(work),), stage.parts, "ask", lease_seconds=SECONDS):
        await asyncio.sleep(0.5)
    assert work.begun == 0 and await stage.storage.leases.holder(SCHEDULER) is None


async def test_a_job_that_fails_does_not_hold_up_the_others(stage: Stage) -> None:
    good, bad = Work(), Work(fails=1000)
    async with scheduler(stage, "a", often(good, "good"), often(bad, "bad")):
        await asyncio.sleep(1.5)
    assert len(good.done) >= 4 and bad.begun >= 2
    assert len([line for line in await stage.told() if "bad" in line]) == 1
