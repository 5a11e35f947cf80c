"""Who leads, and which runs of jobs have been."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, case, or_, update

from bot.errors import StaleWrite
from bot.model.ledger import JobRun, Lease
from storage.models.ledger import job_runs, leases
from storage.moments import Moments
from storage.records import JOB_RUNS
from storage.repositories.context import StorageContext
from storage.upserts import insert_of

_NOBODY = ""
_RELEASE = update(leases).where(leases.c.name == bindparam("which"), leases.c.owner == bindparam("holder"))
_FINISH = (
    update(job_runs)
    .where(job_runs.c.id == bindparam("run"), job_runs.c.outcome == "running")
    .values(
        finished_at=bindparam("ended"),
        outcome=bindparam("result"),
        detail=bindparam("what", type_=job_runs.c.detail.type),
        version=job_runs.c.version + 1,
    )
)
_HISTORY = (
    JOB_RUNS.select().order_by(job_runs.c.scheduled_for.desc(), job_runs.c.started_at.desc()).limit(bindparam("most"))
)
_HISTORY_OF = _HISTORY.where(job_runs.c.job == bindparam("which"))


def _acquisition(dialect: str, moments: Moments) -> Insert:
    statement = insert_of(dialect)(leases).values(
        name=bindparam("which"), owner=bindparam("holder"), expires_at=moments.until, epoch=1
    )
    same = leases.c.owner == statement.excluded.owner
    taken: Insert = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "owner": statement.excluded.owner,
            "expires_at": statement.excluded.expires_at,
            "epoch": leases.c.epoch + case((same, 0), else_=1),
        },
        where=or_(same, leases.c.expires_at <= moments.now),
    )
    return taken.returning(leases.c.name, leases.c.owner, leases.c.expires_at, leases.c.epoch)


class SqlLeases:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        self._acquire = _acquisition(context.database.dialect, context.moments)
        # The row stays, so that its epoch goes on counting.
        self._release = _RELEASE.values(owner=_NOBODY, expires_at=context.moments.now)

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        wanted = {"which": name, "holder": owner, **self._context.moments.parameters(ttl)}
        row = await self._context.database.write(lambda connection: connection.execute(self._acquire, wanted).first())
        return None if row is None else Lease(*row)

    async def release(self, name: str, owner: str) -> None:
        wanted = {"which": name, "holder": owner, **self._context.moments.parameters()}

        def block(connection: Connection) -> None:
            connection.execute(self._release, wanted)

        await self._context.database.write(block)


class SqlJobRuns:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        statement = insert_of(context.database.dialect)(job_runs)
        again = {
            name: statement.excluded[name] for name in ("started_at", "owner", "finished_at", "outcome", "detail", "id")
        }
        self._start: Insert = statement.on_conflict_do_update(
            index_elements=["job", "scheduled_for"],
            set_=again | {"version": job_runs.c.version + 1},
            where=job_runs.c.outcome == "failed",
        ).returning(job_runs.c.id)

    async def start(self, run: JobRun) -> bool:
        """A run that failed may be started again."""
        row = JOB_RUNS.encode(run)
        found = await self._context.database.write(lambda connection: connection.execute(self._start, row).first())
        return found is not None

    async def finish(self, run: JobRun) -> None:
        """Raises StaleWrite if the run has ended, or was never started."""
        wanted = {"run": run.id, "ended": run.finished_at, "result": run.outcome, "what": run.detail}

        def block(connection: Connection) -> None:
            if connection.execute(_FINISH, wanted).rowcount == 0:
                raise StaleWrite(f"the run of {run.job} has ended already")

        await self._context.database.write(block)

    async def history(self, job: str | None = None, limit: int = 50) -> list[JobRun]:
        """The latest due first."""
        statement = _HISTORY if job is None else _HISTORY_OF
        wanted: dict[str, Any] = {"most": limit} if job is None else {"most": limit, "which": job}
        rows = await self._context.database.read(lambda connection: connection.execute(statement, wanted).all())
        return JOB_RUNS.decode_all(rows)
