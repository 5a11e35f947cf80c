"""What the desk is told of jobs: that one has failed, once, and that it works again."""

from babel.dates import format_datetime

from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.engine.working import working
from bot.model.ledger import JobRun


def reference_of(run: JobRun) -> str:
    """What an operator finds in the log."""
    return f"J-{run.id.hex[-8:].upper()}"


async def report_failure(services: Services, run: JobRun) -> None:
    """In the desk's rooms: which job, for which due time, and what to do."""
    await _say(services, run, "desk.job_failed")


async def report_recovery(services: Services, run: JobRun) -> None:
    await _say(services, run, "desk.job_recovered")


async def _say(services: Services, run: JobRun, key: str) -> None:
    language = services.policy.desk_language

    async def once() -> None:
        async with working(services, f"{key}:{run.job}:{run.scheduled_for.isoformat()}") as work:
            due = format_datetime(run.scheduled_for, "d MMM HH:mm", tzinfo=work.zone, locale=str(language))
            values = {"job": run.job, "due": due, "reference": reference_of(run), "attempts": run.attempt}
            for ref in services.desk.rooms:
                place = await work.place(ref)
                work.post(place, work.line(key, language, **values), language=language, key=ref.key)

    await rerun_when_stale(once, f"the report on {run.job}")
