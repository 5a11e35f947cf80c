"""Running blocks of statements: reads at once, writes each in one transaction.

A block is a plain function of a SQLAlchemy connection, the same for both databases. It touches nothing but its
connection and returns its result, so that it can be run again.

Each block runs as a whole in a thread. On PostgreSQL there are as many as connections; on SQLite readers have a few
and writers have one, which is their queue. Going to the thread once per block instead of once per call of the driver
made a transaction of twenty statements sixteen times as fast as aiosqlite (0.45 ms, not 7.4), and a message on
PostgreSQL a tenth cheaper than SQLAlchemy's async engine, whose import also slowed down every start.

On SQLite a brief block does without: reading or writing a few rows by their keys takes half as long as going to the
thread and back while Python is busy, and a write that would have to wait for another goes there all the same.
"""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, LifoQueue
from time import monotonic
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Transaction
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.errors import StorageUnavailable
from storage.engines import (
    PATIENCE,
    is_busy,
    is_deadlock,
    is_unavailable,
    meaningful_errors,
    postgresql_engine,
    sqlite_engine,
    transaction,
    where,
)

T = TypeVar("T")
Block = Callable[[Connection], T]

_TRIES = 4


class Database(Protocol):
    url: URL
    dialect: str

    async def read(self, block: Block[T], *, brief: bool = False) -> T:
        """Run statements that change nothing. `brief`: they find few rows by a key, so that on SQLite, where readers
        wait for nobody, going to a thread for them would take longer than they do."""
        ...

    async def write(self, block: Block[T], *, brief: bool = False) -> T:
        """Run a block in a write transaction: all of it or nothing. `brief`: it touches few rows by their keys, the
        same; where another writer is at work it waits in a thread all the same."""
        ...

    async def close(self) -> None: ...


class SqliteDatabase:
    dialect = "sqlite"

    def __init__(self, url: URL, readers: int = 2) -> None:
        self.url = url
        self._engine = sqlite_engine(url)
        self._shared = url.database is None  # in memory there is one connection for everything
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="guichet-read")
        self._writers = ThreadPoolExecutor(1, thread_name_prefix="guichet-write")
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._writer: Connection | None = None
        self._locked_at = -math.inf  # when a writer gave up waiting for another process
        self._prompt: Connection | None = None  # writes at once or not at all
        self._queued = 0  # writes that are in the thread or wait for it
        self._all: list[Connection] = []

    async def read(self, block: Block[T], *, brief: bool = False) -> T:
        if self._shared:
            return await self.write(block)
        if brief:
            return self._read(block)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, block)

    async def write(self, block: Block[T], *, brief: bool = False) -> T:
        if brief and not self._queued and not self._shared:
            with meaningful_errors(self.url):
                if (at_once := self._at_once()) is not None:
                    connection, begun = at_once
                    with begun:
                        return block(connection)
        self._queued += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writers, self._write, block, monotonic())
        finally:
            self._queued -= 1

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        self._all.append(connection)
        return connection

    def _read(self, block: Block[T]) -> T:
        with meaningful_errors(self.url):
            # As many connections as threads at most, so an empty queue means that this thread has none yet. Readers
            # never begin a transaction: each statement sees the latest commit.
            try:
                connection = self._idle.get_nowait()
            except Empty:
                connection = self._connect()
            try:
                return block(connection)
            finally:
                self._idle.put(connection)

    def _write(self, block: Block[T], asked: float) -> T:
        # Whoever queued while another process would not let go of the file does not wait as long once more, one after
        # the other.
        if asked < self._locked_at:
            raise StorageUnavailable(f"database {where(self.url)}: another process holds it")
        begun = monotonic()
        try:
            with meaningful_errors(self.url):
                if self._writer is None:
                    self._writer = self._connect()
                with transaction(self._writer):
                    return block(self._writer)
        except StorageUnavailable:
            if monotonic() - begun > 0.9 * PATIENCE:
                self._locked_at = monotonic()
            raise

    def _at_once(self) -> tuple[Connection, Transaction] | None:
        """A transaction, begun; None while another process writes."""
        if self._prompt is None:
            self._prompt = self._connect()
            driver: Any = self._prompt.connection.driver_connection
            driver.execute("PRAGMA busy_timeout=0")  # outside of any transaction
        try:
            return self._prompt, transaction(self._prompt)
        except OperationalError as error:
            if not is_busy(error):
                raise
            return None

    def _close(self) -> None:
        self._readers.shutdown()
        self._writers.shutdown()
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._engine.dispose()


class PostgresqlDatabase:
    dialect = "postgresql"

    def __init__(self, url: URL, pool_size: int = 5) -> None:
        self.url = url
        self._engine = postgresql_engine(url, pool_size)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._threads = ThreadPoolExecutor(2 * pool_size, thread_name_prefix="guichet-database")

    async def read(self, block: Block[T], *, brief: bool = False) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, block)

    async def write(self, block: Block[T], *, brief: bool = False) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._write, block)

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _read(self, block: Block[T]) -> T:
        with meaningful_errors(self.url):
            for attempt in range(_TRIES):
                try:
                    with self._reading.connect() as connection:
                        return block(connection)
                except DBAPIError as error:
                    # A server that was restarted leaves dead connections in the pool; the first to notice clears it.
                    if attempt == _TRIES - 1 or not (error.connection_invalidated and is_unavailable(error)):
                        raise
            raise AssertionError

    def _write(self, block: Block[T]) -> T:
        with meaningful_errors(self.url):
            for attempt in range(_TRIES):
                committing = False
                try:
                    with self._engine.connect() as connection, connection.begin() as transaction:
                        result = block(connection)
                        committing = True
                        transaction.commit()
                        return result
                except DBAPIError as error:
                    lost = error.connection_invalidated and not committing  # a lost commit may have gone through
                    if attempt == _TRIES - 1 or not (is_deadlock(error) or lost):
                        raise
            raise AssertionError

    def _close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()


def connect(url: URL, pool_size: int = 5) -> Database:
    """A database that is opened when it is first used."""
    return SqliteDatabase(url) if url.get_backend_name() == "sqlite" else PostgresqlDatabase(url, pool_size)
