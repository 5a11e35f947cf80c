"""Each run of a job once for one due time, under the leader's epoch alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import StaleWrite
from bot.model.ledger import SCHEDULER, JobRun, RunOutcome
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE

LEASE = timedelta(minutes=1)


def run(**more: Any) -> JobRun:
    return replace(JobRun("digest", AT, AT + MINUTE, "a", detail={"n": 1}, epoch=1), **more)


def ended(one: JobRun, outcome: RunOutcome = "completed", **more: Any) -> JobRun:
    return replace(one, finished_at=AT + 2 * MINUTE, outcome=outcome, **more)


async def lead(storage: Storage, epoch: int) -> None:
    """Let the scheduler's lease change hands until it is in that epoch."""
    while (lease := await storage.leases.holder(SCHEDULER)) is None or lease.epoch < epoch:
        await storage.leases.seize(SCHEDULER, f"leader {lease.epoch + 1 if lease else 1}", LEASE)


@pytest.fixture(autouse=True)
async def led(storage: Storage) -> None:
    await lead(storage, 1)


async def begun(storage: Storage, **more: Any) -> JobRun:
    started = await storage.job_runs.start(run(**more))
    assert started is not None
    return started


async def test_a_job_runs_once_for_one_due_time(storage: Storage) -> None:
    first = run()
    assert await storage.job_runs.start(first) == first
    assert await storage.job_runs.start(run(owner="b")) is None
    over = ended(first, detail={"n": 2}, effects=3)
    await storage.job_runs.finish(over)
    assert await storage.job_runs.start(run(owner="b")) is None
    with pytest.raises(StaleWrite):
        await storage.job_runs.finish(over)
    await begun(storage, scheduled_for=AT + MINUTE)
    await begun(storage, job="sla")
    assert (await storage.job_runs.history("digest"))[1] == replace(over, version=1)


async def test_a_run_that_failed_may_be_taken_up_again(storage: Storage) -> None:
    first = await begun(storage)
    await storage.job_runs.finish(ended(first, "retrying"))
    second = await begun(storage, owner="b")
    assert (second.attempt, second.owner, second.outcome, second.finished_at) == (2, "b", "running", None)
    with pytest.raises(StaleWrite):
        await storage.job_runs.finish(ended(first))
    await storage.job_runs.finish(ended(second, "failed"))
    third = await begun(storage)
    await storage.job_runs.finish(ended(third))
    [kept] = await storage.job_runs.history()
    assert (kept.id, kept.attempt, kept.outcome) == (third.id, 3, "completed")


async def test_what_a_dead_leader_left_is_taken_up_by_the_next_one(storage: Storage) -> None:
    left = await begun(storage, owner="dead")
    assert await storage.job_runs.unfinished() == [left]
    await lead(storage, 2)
    assert await storage.job_runs.start(run(owner="dead")) is None, "a leader of an earlier epoch starts nothing"
    assert await storage.job_runs.start(run(scheduled_for=AT + MINUTE)) is None
    taken = await begun(storage, epoch=2, owner="b")
    assert (taken.scheduled_for, taken.attempt, taken.epoch, taken.owner) == (AT, 2, 2, "b")
    with pytest.raises(StaleWrite):
        await storage.job_runs.finish(ended(left))
    await storage.job_runs.finish(ended(taken))
    assert await storage.job_runs.unfinished() == []


async def test_a_leader_whose_lease_is_in_other_hands_completes_nothing(storage: Storage) -> None:
    mine = await begun(storage)
    await lead(storage, 2)
    with pytest.raises(StaleWrite):
        await storage.job_runs.finish(ended(mine))
    assert [one.outcome for one in await storage.job_runs.history()] == ["running"]


async def test_a_run_by_hand_asks_no_leader_and_is_left_to_nobody(storage: Storage) -> None:
    by_hand = await begun(storage, epoch=0)
    await lead(storage, 3)
    assert await storage.job_runs.unfinished() == []
    await storage.job_runs.finish(ended(by_hand))


async def test_a_due_time_before_the_latest_run_is_over(storage: Storage) -> None:
    later = await begun(storage, scheduled_for=AT + 2 * MINUTE)
    assert await storage.job_runs.start(run()) is None
    await storage.job_runs.finish(ended(later))
    assert await storage.job_runs.start(run(scheduled_for=AT + MINUTE)) is None
    await begun(storage, scheduled_for=AT + 3 * MINUTE)
    by_hand = await begun(storage, job="sla", scheduled_for=AT + MINUTE, epoch=0)
    await storage.job_runs.finish(ended(by_hand, "failed"))
    await begun(storage, job="sla")


async def test_of_the_runs_without_effect_the_last_is_kept(storage: Storage) -> None:
    await storage.job_runs.finish(ended(await begun(storage, job="other")))
    await storage.job_runs.finish(ended(await begun(storage, epoch=0, scheduled_for=AT - MINUTE)))
    effects = (0, 2, 0, 0, 1, 0, 0)
    for minute, effect in enumerate(effects):
        one = await begun(storage, scheduled_for=AT + minute * MINUTE)
        await storage.job_runs.finish(ended(one, effects=effect))
    kept = [(one.scheduled_for - AT) // MINUTE for one in await storage.job_runs.history("digest")]
    assert kept == [6, 4, 1, -1]
    assert len(await storage.job_runs.history("other")) == 1


async def test_of_many_who_start_a_job_at_once_one_runs_it(storage: Storage) -> None:
    started = await asyncio.gather(*(storage.job_runs.start(run(owner=str(n))) for n in range(8)))
    assert sum(one is not None for one in started) == 1
    await lead(storage, 2)
    taken = await asyncio.gather(*(storage.job_runs.start(run(owner=str(n), epoch=2)) for n in range(8)))
    assert sum(one is not None for one in taken) == 1


async def test_the_latest_runs_come_first(storage: Storage) -> None:
    for minute in (1, 2, 3):
        await begun(storage, scheduled_for=AT + minute * MINUTE)
    await begun(storage, job="sla", scheduled_for=AT)
    assert [one.scheduled_for for one in await storage.job_runs.history(limit=2)] == [AT + 3 * MINUTE, AT + 2 * MINUTE]
    assert [one.job for one in await storage.job_runs.history("sla")] == ["sla"]
