"""A run of a job: completed once for its due time, taken up where it was left, and reported once when it fails."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StorageUnavailable
from bot.model.ledger import JobRun
from jobs.job import Job, Parts
from jobs.runs import CRASHES, Runs, Sweeps, run_by_hand
from jobs.timing import Daily, Every
from tests.jobs.making import START, Stage, Work, make_job, until
from tests.ledger.watched import watched

MINUTE = timedelta(minutes=1)


async def left_behind(stage: Stage, job: Job, *, attempts: int = 1) -> None:
    """A run that was begun by leaders who died at it."""
    for number in range(attempts):
        lease = await stage.lease(f"dead {number}")
        started = await stage.storage.job_runs.start(JobRun(job.name, START, START, "dead", epoch=lease.epoch))
        assert started and started.attempt == number + 1


async def test_a_due_time_is_run_once(stage: Stage) -> None:
    work = Work(effects=3)
    job, runs = make_job(work), await stage.leader()
    await runs.run(job, START)
    await runs.run(job, START)
    [run] = await stage.storage.job_runs.history()
    assert (run.outcome, run.attempt, run.effects, run.epoch, run.owner) == ("completed", 1, 3, 1, "a")
    assert work.begun == 1


async def test_two_leaders_after_one_another_run_a_due_time_once(stage: Stage) -> None:
    work = Work()
    job = make_job(work)
    await (await stage.leader("a")).run(job, START)
    await (await stage.leader("b")).run(job, START)
    assert work.begun == 1


async def test_a_failure_is_tried_again_and_nobody_is_bothered(stage: Stage) -> None:
    work = Work(fails=2)
    await (await stage.leader()).run(make_job(work), START)
    assert await stage.outcomes() == [("completed", 3)]
    assert await stage.told() == []


async def test_a_job_that_fails_to_the_end_is_reported_once_and_so_is_its_recovery(stage: Stage) -> None:
    work = Work(fails=6)
    job, runs = make_job(work), await stage.leader()
    await runs.run(job, START)
    await runs.run(job, START + MINUTE)
    [run, _] = await stage.storage.job_runs.history()
    assert (run.outcome, run.attempt) == ("failed", 3)
    assert run.detail["error"] == "ValueError" and "secret" not in str(run.detail)
    [told] = await stage.told()
    assert "job" in told and "16 Nov 10:00" in told and "guichet jobs history --job job" in told
    reference = (await stage.storage.job_runs.history())[1].detail["reference"]
    assert reference in told and reference.startswith("J-")

    await runs.run(job, START + 2 * MINUTE)
    assert await stage.outcomes() == [("failed", 3), ("failed", 3), ("completed", 1)]
    [_, recovered] = await stage.told()
    assert "works again" in recovered
    await runs.run(job, START + 3 * MINUTE)
    assert len(await stage.told()) == 2


async def test_the_next_leader_knows_what_was_reported(stage: Stage) -> None:
    work = Work(fails=6)
    job, first = make_job(work), await stage.leader("a")
    await first.run(job, START - MINUTE)
    second = await stage.leader("b")
    await second.resume(job)
    assert len(await stage.told()) == 1, "still failing is no news"
    stage.clock.forward(minutes=1)
    await (await stage.leader("c")).resume(job)
    assert await stage.outcomes() == [("failed", 3), ("failed", 3), ("completed", 1)]
    assert len(await stage.told()) == 2


async def test_a_failing_job_is_run_even_where_there_is_nothing_to_do_so_that_its_recovery_is_told(
    stage: Stage,
) -> None:
    work = Work(fails=3, effects=0)

    async def nothing(parts: Parts) -> bool:
        return bool(work.fails)

    job, runs = make_job(work, look=nothing), await stage.leader()
    await runs.run(job, START)
    await runs.run(job, START + MINUTE)
    assert len(await stage.told()) == 2
    await runs.run(job, START + 2 * MINUTE)
    assert work.begun == 4


async def test_where_there_is_nothing_to_do_there_is_no_run(stage: Stage) -> None:
    busy = False

    async def look(parts: Parts) -> bool:
        return busy

    work = Work()
    job, runs = make_job(work, look=look), await stage.leader()
    await runs.run(job, START)
    assert await stage.outcomes() == [] and work.begun == 0
    busy = True
    await runs.run(job, START + MINUTE)
    assert await stage.outcomes() == [("completed", 1)]


async def test_a_look_that_fails_is_no_reason_to_do_nothing(stage: Stage) -> None:
    async def look(parts: Parts) -> bool:
        raise ValueError

    await (await stage.leader()).run(make_job(Work(), look=look), START)
    assert await stage.outcomes() == [("completed", 1)]


async def test_a_run_that_was_left_by_a_dead_leader_is_taken_up_for_the_same_due_time(stage: Stage) -> None:
    job = make_job(work := Work())
    await left_behind(stage, job)
    stage.clock.forward(seconds=20)
    await (await stage.leader("b")).resume(job)
    [run] = await stage.storage.job_runs.history()
    assert (run.scheduled_for, run.outcome, run.attempt, run.owner) == (START, "completed", 2, "b")
    assert work.begun == 1


async def test_a_run_that_kills_every_leader_is_given_up(stage: Stage) -> None:
    job = make_job(work := Work())
    await left_behind(stage, job, attempts=len(job.pauses) + 1 + CRASHES)
    await (await stage.leader("b")).resume(job)
    assert work.begun == 0
    [(outcome, attempt)] = await stage.outcomes()
    assert (outcome, attempt) == ("failed", len(job.pauses) + 2 + CRASHES)
    assert len(await stage.told()) == 1


async def test_a_leader_whose_lease_is_taken_while_it_runs_completes_nothing(stage: Stage) -> None:
    work = Work(go=asyncio.Event())
    assert work.go
    job, old = make_job(work), await stage.leader("old")
    running = asyncio.create_task(old.run(job, START))
    await work.begins.wait()
    new = await stage.leader("new")
    work.go.set()
    await running
    assert await stage.outcomes() == [("running", 1)]
    await new.resume(job)
    [run] = await stage.storage.job_runs.history()
    assert (run.outcome, run.attempt, run.owner) == ("completed", 2, "new")
    await old.run(job, START + MINUTE)
    assert work.begun == 2, "who does not lead begins nothing"


async def test_a_leader_that_ends_leaves_the_next_attempt_to_the_next(stage: Stage) -> None:
    work = Work(fails=1)
    job, runs = make_job(work, pauses=(60,)), await stage.leader("a")
    running = asyncio.create_task(runs.run(job, START))

    async def is_waiting() -> bool:
        return await stage.outcomes() == [("retrying", 1)]

    await until(is_waiting)
    runs.ending.set()
    await running
    await (await stage.leader("b")).resume(job)
    assert await stage.outcomes() == [("completed", 2)]


async def test_after_a_downtime_the_latest_due_time_is_made_up_for_once(stage: Stage) -> None:
    job = make_job(work := Work())
    await (await stage.leader("a")).run(job, START)
    stage.clock.forward(hours=5, seconds=20)
    for owner in ("b", "c"):
        await (await stage.leader(owner)).resume(job)
    assert [run.scheduled_for for run in await stage.storage.job_runs.history()] == [START + 300 * MINUTE, START]
    assert work.begun == 2


async def test_a_job_that_skips_waits_for_its_next_due_time(stage: Stage) -> None:
    job = make_job(work := Work(), missed="skip")
    await (await stage.leader("a")).run(job, START)
    stage.clock.forward(hours=5)
    await (await stage.leader("b")).resume(job)
    assert work.begun == 1


async def test_a_daily_job_has_missed_nothing_before_the_desk_was_there(stage: Stage) -> None:
    zone = stage.parts.settings.zone
    daily = make_job(work := Work(), timing=Daily(START.astimezone(zone).time(), zone))
    stage.clock.forward(hours=2)
    await (await stage.leader("a")).resume(daily)
    assert await stage.outcomes() == [("skipped", 1)] and work.begun == 0
    stage.clock.forward(hours=47)  # nobody was there at its time, two days in a row
    await (await stage.leader("b")).resume(daily)
    assert [run.scheduled_for for run in await stage.storage.job_runs.history()] == [START + timedelta(days=2), START]
    assert await stage.outcomes() == [("skipped", 1), ("completed", 1)]


async def test_what_is_left_of_a_job_that_is_no_more_is_given_up(stage: Stage) -> None:
    await left_behind(stage, make_job(Work()))
    runs = await stage.leader("b")
    await runs.bury({"other"})
    [run] = await stage.storage.job_runs.history()
    assert (run.outcome, run.detail) == ("failed", {"error": "UnknownJob"})


async def test_an_attempt_has_an_end(stage: Stage) -> None:
    job = make_job(Work(go=asyncio.Event()), pauses=(), patience=0.05)
    await (await stage.leader()).run(job, START)
    [run] = await stage.storage.job_runs.history()
    assert (run.outcome, run.detail["error"]) == ("failed", "TimeoutError")


async def test_a_database_that_is_gone_for_a_while_is_waited_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.runs.AGAIN", 0.01)
    gone = ["before job_runs.start", "before job_runs.finish", "before job_runs.finish"]

    async def fail(point: str, _: object) -> None:
        if point in gone:
            gone.remove(point)
            raise StorageUnavailable("gone")

    lease = await stage.lease()
    services = replace(stage.parts.services, storage=watched(stage.storage, fail))
    job = make_job(work := Work())
    await Runs(replace(stage.parts, services=services), "a", lease.epoch).run(job, START)
    assert await stage.outcomes() == [("completed", 1)] and work.begun == 1 and not gone


async def test_an_effect_before_a_crash_is_not_repeated(stage: Stage) -> None:
    """The process dies after the report went out and before the run is written down as failed."""
    job = make_job(Work(fails=9), pauses=())
    lease = await stage.lease()

    async def die(point: str, _: object) -> None:
        if point == "before job_runs.finish":
            raise asyncio.CancelledError

    services = replace(stage.parts.services, storage=watched(stage.storage, die))
    with pytest.raises(asyncio.CancelledError):
        await Runs(replace(stage.parts, services=services), "a", lease.epoch).run(job, START)
    assert await stage.outcomes() == [("running", 1)]
    assert len(await stage.told()) == 1
    await (await stage.leader("b")).resume(job)
    assert await stage.outcomes() == [("failed", 2)]
    assert len(await stage.told()) == 1


async def test_a_run_by_hand_is_a_run_of_its_own(stage: Stage) -> None:
    job, runs = make_job(Work(effects=0)), await stage.leader()
    await runs.run(job, START)
    stage.clock.forward(seconds=5)
    done = await run_by_hand(job, stage.parts, "hand")
    assert (done.outcome, done.effects, done.epoch) == ("completed", 0, 0)
    stage.clock.forward(seconds=5)
    with pytest.raises(ValueError, match="secret"):
        await run_by_hand(make_job(Work(fails=1)), stage.parts, "hand")
    assert [run.outcome for run in await stage.storage.job_runs.history()] == ["failed", "completed", "completed"]
    assert await stage.told() == [], "whoever runs it by hand sees for themselves"


async def test_a_sweep_that_fails_stops_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    sweeps, job = Sweeps(stage.parts, "a"), make_job(work := Work(fails=1), everywhere=True)
    await sweeps.run(job)
    assert "job job, attempt 1 failed" in caplog.text
    assert await stage.outcomes() == [] and await stage.told() == []
    await sweeps.run(job)
    assert len(work.done) == 1 and await stage.told() == [], "a failure that passes bothers nobody"


async def test_a_sweep_that_goes_on_failing_backs_off_and_the_desk_hears_it_once_and_that_it_works_again(
    stage: Stage,
) -> None:
    job = make_job(work := Work(fails=6), pauses=(5, 60), everywhere=True)
    here, there = Sweeps(stage.parts, "a"), Sweeps(stage.parts, "b")
    begun = []
    for _ in range(40):
        await here.run(job)
        begun.append(work.begun)
        stage.clock.forward(seconds=5)
    assert begun[:4] == [1, 2, 2, 2], "tried again after 5 seconds, then after 60"
    assert begun[14] == 3 and work.begun == 5
    (told,) = await stage.told()
    assert "job has failed" in told and "attempts: 3" in told and "secret" not in told
    for _ in range(3):
        await there.run(make_job(Work(fails=1), pauses=(), everywhere=True))
    assert len(await stage.told()) == 1, "it fails in another process, too: the desk knows"
    for _ in range(2):
        stage.clock.forward(minutes=2)
        await here.run(job)
    assert work.done and "works again" in (await stage.told())[1]
    await here.run(job)
    assert len(await stage.told()) == 2


async def test_a_sweep_that_hangs_is_broken_off(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    job = make_job(Work(go=asyncio.Event()), everywhere=True, patience=0.05)
    await asyncio.wait_for(Sweeps(stage.parts, "a").run(job), 5)
    assert "attempt 1 failed" in caplog.text


async def test_every_is_due_at_the_same_times_after_a_restart(stage: Stage) -> None:
    job = make_job(work := Work(), timing=Every(60))
    for seconds in (5, 31, 20):  # 09:00:05, 09:00:36, 09:00:56
        stage.clock.forward(seconds=seconds)
        await (await stage.leader(f"restart {seconds}")).resume(job)
    assert work.begun == 1 and [one.scheduled_for for one in await stage.storage.job_runs.history()] == [START]
