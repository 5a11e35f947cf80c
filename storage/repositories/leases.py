"""Who leads: a row a lease, taken over only when it has run out."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, case, or_, select, update

from bot.model.ledger import Lease
from storage.models.ledger import leases
from storage.moments import Moments
from storage.repositories.context import StorageContext
from storage.upserts import insert_of

_NOBODY = ""
_COLUMNS = (leases.c.name, leases.c.owner, leases.c.expires_at, leases.c.epoch, leases.c.since)
_RELEASE = update(leases).where(leases.c.name == bindparam("which"), leases.c.owner == bindparam("holder"))


def _acquisition(dialect: str, moments: Moments, *, seize: bool) -> Insert:
    statement = insert_of(dialect)(leases).values(
        name=bindparam("which"), owner=bindparam("holder"), expires_at=moments.until, epoch=1, since=moments.now
    )
    same = leases.c.owner == statement.excluded.owner
    taken: Insert = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "owner": statement.excluded.owner,
            "expires_at": statement.excluded.expires_at,
            "epoch": leases.c.epoch + case((same, 0), else_=1),
            "since": case((same, leases.c.since), else_=statement.excluded.since),
        },
        where=None if seize else or_(same, leases.c.expires_at <= moments.now),
    )
    return taken.returning(*_COLUMNS)


class SqlLeases:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        self._acquire, self._seize = (
            _acquisition(context.database.dialect, context.moments, seize=seize) for seize in (False, True)
        )
        # The row stays, so that its epoch goes on counting.
        self._release = _RELEASE.values(owner=_NOBODY, expires_at=context.moments.now)
        self._holder = select(*_COLUMNS).where(
            leases.c.name == bindparam("which"), leases.c.expires_at > context.moments.now
        )

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        return await self._take(self._acquire, name, owner, ttl)

    async def seize(self, name: str, owner: str, ttl: timedelta) -> Lease:
        lease = await self._take(self._seize, name, owner, ttl)
        assert lease is not None
        return lease

    async def _take(self, statement: Insert, name: str, owner: str, ttl: timedelta) -> Lease | None:
        wanted = {"which": name, "holder": owner, **self._context.moments.parameters(ttl)}
        row = await self._context.database.write(lambda connection: connection.execute(statement, wanted).first())
        return None if row is None else Lease(*row)

    async def holder(self, name: str) -> Lease | None:
        wanted: dict[str, Any] = {"which": name, **self._context.moments.parameters()}
        row = await self._context.database.read(lambda connection: connection.execute(self._holder, wanted).first())
        return None if row is None else Lease(*row)

    async def release(self, name: str, owner: str) -> None:
        wanted = {"which": name, "holder": owner, **self._context.moments.parameters()}

        def block(connection: Connection) -> None:
            connection.execute(self._release, wanted)

        await self._context.database.write(block)
