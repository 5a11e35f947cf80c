"""`guichet jobs`: what runs by itself, when it last did, and running it now."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import click

from bot.app import now, open_desk, parts_of
from bot.cli.common import print_json, run_async
from bot.cli.desk import services_at
from bot.errors import GuichetError, InvalidInput
from bot.model.ledger import SCHEDULER, JobRun, Lease
from bot.settings import Settings, load_settings
from jobs.job import Job
from jobs.runs import run_by_hand
from jobs.schedule import schedule


@dataclass(frozen=True, slots=True)
class Listed:
    job: Job
    next_due: datetime
    last: JobRun | None


@click.group(name="jobs")
def command() -> None:
    """What runs by itself: the schedule, the runs, and running one now."""


@command.command(name="list")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def list_command(as_object: bool) -> None:
    """Every job with its schedule, when it is next due and how it last went; and which process leads."""
    settings = load_settings()
    leader, rows = run_async(listed(settings))
    if as_object:
        return print_json({"leader": leader_object(leader), "jobs": [job_object(row) for row in rows]})
    zone = settings.zone
    for row in rows:
        job = row.job
        due = "in every process" if job.everywhere else f"next {row.next_due.astimezone(zone):%d %b %H:%M:%S}"
        click.echo(f"{job.name:<22}  {job.timing!s:<15}  {due:<20}  {outcome(row, settings)}")
    if leader:
        click.echo(f"Led by {leader.owner} since {leader.since.astimezone(zone):%d %b %H:%M:%S} (term {leader.epoch}).")
    else:
        click.echo("Nobody leads: jobs run while guichet run (or chat) does.")
    return None


@command.command(name="run")
@click.argument("name")
def run_command(name: str) -> None:
    """Run a job now, once, in this process, whoever leads."""
    run = run_async(ran(load_settings(), name))
    assert run.finished_at
    took = (run.finished_at - run.started_at).total_seconds()
    click.echo(f"{run.job}: {effects(run)} ({took:.1f} s)")


@command.command(name="history")
@click.option("--job", "name", help="Only this job.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def history_command(name: str | None, limit: int, as_array: bool) -> None:
    """Runs, the latest first. Of runs that found nothing to do only the last is kept."""
    settings = load_settings()
    runs = run_async(history(settings, name, limit))
    if as_array:
        return print_json([run_object(run) for run in runs])
    for run in runs:
        took = f"{(run.finished_at - run.started_at).total_seconds():.1f} s" if run.finished_at else "-"
        due = f"{run.scheduled_for.astimezone(settings.zone):%d %b %Y %H:%M:%S}"
        attempt = f"attempt {run.attempt}" if run.attempt > 1 else ""
        words = (due, f"{run.job:<22}", f"{run.outcome:<9}", f"{took:>8}", effects(run), attempt, trouble(run), by(run))
        click.echo("  ".join(word for word in words if word.strip()))
    if not runs:
        click.echo("No runs.", err=True)
    return None


async def listed(settings: Settings) -> tuple[Lease | None, list[Listed]]:
    async with open_desk(settings) as desk:
        runs, at = desk.storage.job_runs, now()
        rows = [
            Listed(job, job.timing.after(at), next(iter(await runs.history(job.name, 1)), None))
            for job in schedule(settings)
        ]
        return await desk.storage.leases.holder(SCHEDULER), rows


async def ran(settings: Settings, name: str) -> JobRun:
    job = named(settings, name)
    async with open_desk(settings) as desk:
        parts = parts_of(desk, await services_at(desk))
        try:
            return await run_by_hand(job, parts, desk.owner)
        except GuichetError:
            raise
        except Exception as error:  # the job's boundary: in a line, as everything that a command refuses
            raise GuichetError(f"{job.name} failed: {type(error).__name__}: {error}") from error


async def history(settings: Settings, name: str | None, limit: int) -> list[JobRun]:
    async with open_desk(settings) as desk:
        runs = await desk.storage.job_runs.history(name, limit)
    if not runs and name:
        named(settings, name)  # runs of jobs that are no more can be looked at, too
    return runs


def named(settings: Settings, name: str) -> Job:
    """Raises InvalidInput, with the nearest name there is."""
    jobs = {job.name: job for job in schedule(settings)}
    if found := jobs.get(name.replace("-", "_")):
        return found
    if name == "sync_knowledge":
        raise InvalidInput("sync_knowledge follows a folder: set GUICHET_KNOWLEDGE, or use guichet kb sync DIRECTORY")
    nearest = get_close_matches(name, jobs, 1, 0.4)
    hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(jobs)}"
    raise InvalidInput(f"there is no job {name!r}: {hint}")


def outcome(row: Listed, settings: Settings) -> str:
    if row.job.everywhere:
        return "-"
    if row.last is None:
        return "nothing to do so far" if row.job.look else "never ran"
    at = row.last.finished_at or row.last.started_at
    words = [f"{row.last.outcome} {at.astimezone(settings.zone):%d %b %H:%M:%S}", effects(row.last), trouble(row.last)]
    return "  ".join(word for word in words if word)


def effects(run: JobRun) -> str:
    if run.outcome != "completed":
        return ""
    return f"{run.effects} done" if run.effects else "nothing to do"


def trouble(run: JobRun) -> str:
    return " ".join(str(run.detail[key]) for key in ("error", "reference") if key in run.detail)


def by(run: JobRun) -> str:
    return f"by {run.owner}" if run.epoch else f"by hand, {run.owner}"


def leader_object(leader: Lease | None) -> dict[str, Any] | None:
    if leader is None:
        return None
    return {"owner": leader.owner, "since": leader.since.isoformat(), "epoch": leader.epoch}


def job_object(row: Listed) -> dict[str, Any]:
    job = row.job
    return {
        "name": job.name,
        "schedule": str(job.timing),
        "next_due": row.next_due.isoformat(),
        "everywhere": job.everywhere,
        "missed": job.missed,
        "overlap": job.overlap,
        "last": run_object(row.last) if row.last else None,
    }


def run_object(run: JobRun) -> dict[str, Any]:
    return {
        "job": run.job,
        "due": run.scheduled_for.isoformat(),
        "outcome": run.outcome,
        "attempt": run.attempt,
        "effects": run.effects,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "owner": run.owner,
        "epoch": run.epoch,
        "detail": run.detail,
    }
