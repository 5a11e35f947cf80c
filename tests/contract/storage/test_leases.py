"""Leadership by lease, and each run of a job once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import StaleWrite
from bot.model.ledger import JobRun
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE

LONG = timedelta(minutes=1)
EXPIRED = timedelta(seconds=-1)


async def test_a_lease_has_one_holder_who_may_renew_it(storage: Storage) -> None:
    first = await storage.leases.acquire("scheduler", "a", LONG)
    assert first is not None and (first.name, first.owner, first.epoch) == ("scheduler", "a", 1)
    assert first.expires_at.tzinfo is UTC and timedelta() < first.expires_at - datetime.now(UTC) < 2 * LONG
    assert await storage.leases.acquire("scheduler", "b", LONG) is None
    again = await storage.leases.acquire("scheduler", "a", 2 * LONG)
    assert again is not None and again.epoch == 1 and again.expires_at > first.expires_at
    other = await storage.leases.acquire("mastodon", "b", LONG)
    assert other is not None and other.epoch == 1


async def test_a_lease_that_ran_out_is_taken_over_in_a_new_epoch(storage: Storage) -> None:
    await storage.leases.acquire("scheduler", "a", EXPIRED)
    taken = await storage.leases.acquire("scheduler", "b", LONG)
    assert taken is not None and (taken.owner, taken.epoch) == ("b", 2)
    assert await storage.leases.acquire("scheduler", "a", LONG) is None


async def test_a_released_lease_is_free_and_its_epoch_goes_on(storage: Storage) -> None:
    await storage.leases.acquire("scheduler", "a", LONG)
    await storage.leases.release("scheduler", "b")
    assert await storage.leases.acquire("scheduler", "b", LONG) is None
    await storage.leases.release("scheduler", "a")
    taken = await storage.leases.acquire("scheduler", "b", LONG)
    assert taken is not None and taken.epoch == 2
    await storage.leases.release("nothing", "a")


async def test_of_many_who_ask_at_once_one_holds_the_lease(storage: Storage) -> None:
    for _ in range(3):
        found = await asyncio.gather(*(storage.leases.acquire("x", f"o{n}", LONG) for n in range(8)))
        [winner] = [lease for lease in found if lease is not None]
        await storage.leases.release("x", winner.owner)


def run(**more: object) -> JobRun:
    return replace(JobRun("digest", AT, AT + MINUTE, "a", detail={"n": 1}), **more)  # type: ignore[arg-type]


async def test_a_job_runs_once_for_one_due_time(storage: Storage) -> None:
    first = run()
    assert await storage.job_runs.start(first)
    assert not await storage.job_runs.start(run(owner="b"))
    ended = replace(first, finished_at=AT + 2 * MINUTE, outcome="completed", detail={"n": 2})
    await storage.job_runs.finish(ended)
    assert not await storage.job_runs.start(run(owner="b"))
    assert await storage.job_runs.start(run(scheduled_for=AT + MINUTE))
    assert await storage.job_runs.start(run(job="sla"))
    assert (await storage.job_runs.history("digest"))[1] == replace(ended, version=1)


async def test_a_job_that_failed_may_run_again(storage: Storage) -> None:
    first = run()
    await storage.job_runs.start(first)
    await storage.job_runs.finish(replace(first, finished_at=AT, outcome="failed"))
    second = run(owner="b")
    assert await storage.job_runs.start(second)
    with pytest.raises(StaleWrite):
        await storage.job_runs.finish(replace(first, finished_at=AT, outcome="completed"))
    await storage.job_runs.finish(replace(second, finished_at=AT, outcome="completed"))
    [kept] = await storage.job_runs.history()
    assert (kept.id, kept.owner, kept.outcome) == (second.id, "b", "completed")


async def test_of_many_who_start_a_job_at_once_one_runs_it(storage: Storage) -> None:
    started = await asyncio.gather(*(storage.job_runs.start(run(owner=str(n))) for n in range(8)))
    assert sum(started) == 1


async def test_the_latest_runs_come_first(storage: Storage) -> None:
    for minute in (1, 3, 2):
        await storage.job_runs.start(run(scheduled_for=AT + minute * MINUTE))
    await storage.job_runs.start(run(job="sla", scheduled_for=AT))
    assert [one.scheduled_for for one in await storage.job_runs.history(limit=2)] == [AT + 3 * MINUTE, AT + 2 * MINUTE]
    assert [one.job for one in await storage.job_runs.history("sla")] == ["sla"]
