"""Which runs of jobs have been: one completed run a due time, whoever leads."""

from typing import Any

from sqlalchemy import BindParameter, Connection, Insert, bindparam, delete, exists, or_, select, update

from bot.errors import StaleWrite
from bot.model.ledger import SCHEDULER, JobRun
from storage.models.ledger import job_runs, leases
from storage.models.types import Utc
from storage.records import JOB_RUNS
from storage.repositories.context import StorageContext
from storage.upserts import insert_of

_EPOCH: BindParameter[int] = bindparam("run_epoch")
# A run by hand has epoch 0, and asks nobody.
_LEADS = or_(_EPOCH == 0, select(leases.c.epoch).where(leases.c.name == SCHEDULER).scalar_subquery() == _EPOCH)
_SAME = (job_runs.c.job == bindparam("which")) & (job_runs.c.scheduled_for == bindparam("due", type_=Utc))
_ENDED_BADLY = job_runs.c.outcome.in_(("retrying", "failed"))
_LEFT = (job_runs.c.outcome == "running") & (job_runs.c.epoch < _EPOCH)
_TAKE_UP = (
    update(job_runs)
    .where(_SAME, or_(_ENDED_BADLY, _LEFT), _LEADS)
    .values(
        id=bindparam("new_id", type_=job_runs.c.id.type),
        epoch=_EPOCH,
        owner=bindparam("holder"),
        started_at=bindparam("begun", type_=Utc),
        finished_at=None,
        outcome="running",
        attempt=job_runs.c.attempt + 1,
        version=job_runs.c.version + 1,
    )
    .returning(*JOB_RUNS.columns)
)
_later = job_runs.alias("later")
_OVER = exists().where(
    _later.c.job == bindparam("which"),
    _later.c.scheduled_for >= bindparam("due", type_=Utc),
    or_(
        _later.c.scheduled_for == bindparam("due", type_=Utc),
        _later.c.epoch > 0,
        _later.c.outcome == "completed",  # by hand
    ),
)
_MAY_BEGIN = select(~_OVER & _LEADS)
_FINISH = (
    update(job_runs)
    .where(
        job_runs.c.id == bindparam("run"),
        job_runs.c.epoch == _EPOCH,
        job_runs.c.outcome == "running",
        _LEADS,
    )
    .values(
        finished_at=bindparam("ended", type_=Utc),
        outcome=bindparam("result"),
        detail=bindparam("what", type_=job_runs.c.detail.type),
        effects=bindparam("count"),
        version=job_runs.c.version + 1,
    )
)
_FOLD = delete(job_runs).where(
    job_runs.c.job == bindparam("which"),
    job_runs.c.scheduled_for < bindparam("due", type_=Utc),
    job_runs.c.outcome == "completed",
    job_runs.c.effects == 0,
    job_runs.c.epoch > 0,
)
_UNFINISHED = (
    JOB_RUNS.select()
    .where(job_runs.c.outcome.in_(("running", "retrying")), job_runs.c.epoch > 0)
    .order_by(job_runs.c.scheduled_for)
)
_HISTORY = (
    JOB_RUNS.select().order_by(job_runs.c.scheduled_for.desc(), job_runs.c.started_at.desc()).limit(bindparam("most"))
)
_HISTORY_OF = _HISTORY.where(job_runs.c.job == bindparam("which"))


class SqlJobRuns:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        self._begin: Insert = (
            insert_of(context.database.dialect)(job_runs)
            .on_conflict_do_nothing(index_elements=["job", "scheduled_for"])
            .returning(job_runs.c.id)
        )

    async def start(self, run: JobRun) -> JobRun | None:
        row = JOB_RUNS.encode(run)
        wanted = {
            "which": run.job, "due": run.scheduled_for, "run_epoch": run.epoch, "new_id": run.id, "holder": run.owner,
            "begun": run.started_at,
        }  # fmt: skip

        def block(connection: Connection) -> JobRun | None:
            if taken := connection.execute(_TAKE_UP, wanted).first():
                return JOB_RUNS.decode(taken)
            if not connection.execute(_MAY_BEGIN, wanted).scalar_one():
                return None
            return run if connection.execute(self._begin, row).first() else None

        return await self._context.database.write(block)

    async def finish(self, run: JobRun) -> None:
        wanted: dict[str, Any] = {
            "run": run.id, "run_epoch": run.epoch, "ended": run.finished_at, "result": run.outcome,
            "what": run.detail, "count": run.effects,
        }  # fmt: skip

        def block(connection: Connection) -> None:
            if connection.execute(_FINISH, wanted).rowcount == 0:
                raise StaleWrite(f"the run of {run.job} is in other hands")
            if run.outcome == "completed" and run.epoch > 0 and not run.effects:
                connection.execute(_FOLD, {"which": run.job, "due": run.scheduled_for})

        await self._context.database.write(block)

    async def unfinished(self) -> list[JobRun]:
        rows = await self._context.database.read(lambda connection: connection.execute(_UNFINISHED).all())
        return JOB_RUNS.decode_all(rows)

    async def history(self, job: str | None = None, limit: int = 50) -> list[JobRun]:
        statement = _HISTORY if job is None else _HISTORY_OF
        wanted: dict[str, Any] = {"most": limit} if job is None else {"most": limit, "which": job}
        rows = await self._context.database.read(lambda connection: connection.execute(statement, wanted).all())
        return JOB_RUNS.decode_all(rows)
