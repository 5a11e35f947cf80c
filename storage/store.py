"""The storage that the desk works with: everything of bot.ports.storage on one database."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.errors import UpgradeNeeded
from bot.model.ledger import LedgerCounts
from bot.ports import storage as ports
from storage.database import connect
from storage.engines import make_folder
from storage.files.database import DatabaseFiles
from storage.moments import Moments
from storage.repositories.context import StorageContext
from storage.repositories.expired import SqlExpired
from storage.repositories.inbox import SqlInboxLedger
from storage.repositories.installations import SqlInstallations
from storage.repositories.job_runs import SqlJobRuns
from storage.repositories.leases import SqlLeases
from storage.repositories.outbox import SqlOutboxLedger
from storage.repositories.personal import SqlPersonalData
from storage.repositories.sign_in_codes import SqlSignInCodes
from storage.schema import SchemaState, newer, schema_state
from storage.signals import Listener, Signals
from storage.unit_of_work import SqlUnitOfWork
from storage.upgrade import migrate, upgrade
from storage.urls import database_url


class SqlStorage:
    """Made by `open_storage`; `close` it."""

    def __init__(self, context: StorageContext) -> None:
        self._context = context
        self._inbox = SqlInboxLedger(context)
        self._outbox = SqlOutboxLedger(context)
        self.inbox: ports.InboxLedger = self._inbox
        self.outbox: ports.OutboxLedger = self._outbox
        self.files: ports.FileStore = DatabaseFiles(context)
        self.leases: ports.Leases = SqlLeases(context)
        self.job_runs: ports.JobRuns = SqlJobRuns(context)
        self._expired = SqlExpired(context)
        self.sign_in_codes: ports.SignInCodes = SqlSignInCodes(context)
        self.installations: ports.Installations = SqlInstallations(context)
        self.personal: ports.PersonalData = SqlPersonalData(context)

    @property
    def dialect(self) -> str:
        return self._context.database.dialect

    def unit_of_work(self) -> ports.UnitOfWork:
        return SqlUnitOfWork(self._context)

    async def changed(self, topic: ports.Topic, timeout: float) -> None:
        """Returns at once if something was committed since this task's last return from here.

        What this process commits is never missed. What others commit is heard on PostgreSQL; on SQLite, or behind a
        pooler that does not pass notifications on, it is found after `timeout`. A task that waits here for the first
        time goes by the latest return of any task; several consumers of a topic keep a task each.
        """
        if self._context.listener is not None:
            self._context.listener.start()
        await self._context.signals.wait(topic, timeout)

    async def listening(self, timeout: float) -> bool:
        """Whether, within `timeout` seconds, this storage hears at once what other processes commit."""
        listener = self._context.listener
        if listener is None:
            return False
        listener.start()
        try:
            await asyncio.wait_for(listener.listening.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def counts(self) -> LedgerCounts:
        return LedgerCounts(inbox=await self._inbox.counts(), outbox=await self._outbox.counts())

    async def purge(self, kind: ports.Expiring, before: datetime, limit: int = 500) -> int:
        return await self._expired.purge(kind, before, limit)

    async def close(self) -> None:
        if self._context.listener is not None:
            await self._context.listener.stop()
        await self._context.database.close()


async def open_storage(
    url: str, *, create: bool = True, pool_size: int = 5, clock: Callable[[], datetime] | None = None
) -> SqlStorage:
    """Open the database at `url`: a file or sqlite:///file, or postgresql://….

    With `create` an empty database gets its tables. One of an older release is not touched: UpgradeNeeded says to
    upgrade. One of a newer release is refused too. Raises StorageUnavailable when it cannot be reached. `clock`, for
    tests, takes the place of the database's and of this machine's.
    """
    address = database_url(url)
    if create:
        make_folder(address)
    database = connect(address, pool_size)
    try:
        state = await database.read(schema_state)
        if state is SchemaState.EMPTY and create:
            if address.database is None:
                await database.write(migrate)
            else:
                await upgrade(url)
        elif state is SchemaState.NEWER:
            raise newer()
        elif state is not SchemaState.CURRENT:
            raise UpgradeNeeded("the database is empty or of an older release: run `guichet db upgrade`")
    except BaseException:
        await database.close()
        raise
    signals = Signals()
    listener = Listener(database, signals) if database.dialect == "postgresql" else None
    return SqlStorage(StorageContext(database, Moments(database.dialect, clock), signals, listener))
