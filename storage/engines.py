"""Engines for both databases, and the meaning of their errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Transaction, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import DatabaseDamaged, StaleWrite, StorageError, StorageUnavailable

PATIENCE = 15.0  # seconds that a writer waits for another
_PRAGMAS = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
# prepare_threshold: a pooler hands every transaction to another session, which knows no prepared statements of ours.
# The others: a server whose machine or network is gone says nothing. Without them that is noticed after two hours.
_POSTGRESQL_ARGUMENTS = {
    "prepare_threshold": None,
    "connect_timeout": 10,
    "application_name": "guichet",
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_UNAVAILABLE_SQLITE = (
    "BUSY",
    "LOCKED",
    "IOERR",
    "CANTOPEN",
    "FULL",
    "READONLY",
    "CORRUPT",
    "NOTADB",
    "PERM",
    "PROTOCOL",
)
_DAMAGED_SQLITE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_DEADLOCK = ("40P01", "40001")


def sqlite_engine(url: URL) -> Engine:
    """An engine for one SQLite file. Connections are not pooled and may move between threads.

    A connection begins no transaction by itself: `transaction` does.
    """
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": PATIENCE}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        _keep_a_log(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    return engine


def transaction(connection: Connection, statement: str = "BEGIN IMMEDIATE") -> Transaction:
    """A transaction on SQLite, begun with the statement.

    At the driver: SQLAlchemy's event for it would make every statement of every connection dearer. Raises DBAPIError.
    """
    begun = connection.begin()
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement)
    except sqlite3.Error as error:
        begun.rollback()
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True) from error
    return begun


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Write-ahead logging, which stays on once it is: set it in a new file, however many open that file at once.

    SQLite refuses the change at once, without its time-out, while another connection makes it: ask again until then.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or monotonic() > deadline:
                raise
            sleep(0.02)


def postgresql_engine(url: URL, pool_size: int = 5) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=15,
        pool_use_lifo=True,
        connect_args=_POSTGRESQL_ARGUMENTS,
        hide_parameters=True,
    )


@contextmanager
def short_lived(url: URL, begin: str = "BEGIN IMMEDIATE", **options: Any) -> Iterator[Connection]:
    """A connection of its own in one transaction, for work outside the running desk (upgrades, backups). It blocks."""
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        engine, options = sqlite_engine(url), {}
    else:
        engine = create_engine(url, poolclass=NullPool, connect_args=_POSTGRESQL_ARGUMENTS, hide_parameters=True)
    try:
        with meaningful_errors(url), engine.connect() as connection:
            connection = connection.execution_options(**options)
            with transaction(connection, begin) if is_sqlite else connection.begin():
                yield connection
    finally:
        engine.dispose()


def make_folder(url: URL) -> None:
    """The folder of a SQLite file."""
    if url.get_backend_name() == "sqlite" and url.database:
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"cannot create the folder of {url.database}: {error.strerror}") from error


@contextmanager
def meaningful_errors(url: URL) -> Iterator[None]:
    """Errors of the drivers as errors of ours: no statement, no data and no password in their messages."""
    try:
        yield
    except IntegrityError as error:
        if is_duplicate(error):
            raise StaleWrite("another writer was first") from error
        if is_orphan(error):
            raise StaleWrite("what a row points to is gone by now") from error
        raise StorageError(f"the database refuses a row: {_reason(error, url)}") from error
    except DBAPIError as error:
        if is_unavailable(error):
            kind = DatabaseDamaged if is_damaged(error) else StorageUnavailable
            raise kind(f"database {where(url)}: {_reason(error, url)}") from error
        raise
    except PoolTimeout as error:
        raise StorageUnavailable(f"database {where(url)}: all connections are busy") from error
    except OSError as error:
        raise StorageUnavailable(f"database {where(url)}: {error.strerror or type(error).__name__}") from error


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else writes to the file at present."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def where(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    host = url.host or url.query.get("host", "")
    return f"{url.database} on {host or 'localhost'}"


def is_duplicate(error: IntegrityError) -> bool:
    name = getattr(error.orig, "sqlite_errorname", "")
    return name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY") or _state(error) == "23505"


def is_orphan(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_FOREIGNKEY" or _state(error) == "23503"


def is_deadlock(error: DBAPIError) -> bool:
    """Two writers waited for each other; the database undid one. Trying again is safe."""
    return _state(error) in _DEADLOCK


def is_damaged(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorname", "").startswith(_DAMAGED_SQLITE)


def is_unavailable(error: DBAPIError) -> bool:
    if name := getattr(error.orig, "sqlite_errorname", ""):
        return name.removeprefix("SQLITE_").startswith(_UNAVAILABLE_SQLITE)
    state = _state(error)
    refused = state[:2] in ("08", "28", "53", "57", "58") or state in ("3D000", "25006")
    broken = error.connection_invalidated or type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")
    return refused or (not state and broken)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _reason(error: DBAPIError, url: URL) -> str:
    text = str(error.orig).strip().splitlines()
    reason = text[0] if text else type(error.orig).__name__
    return reason.replace(url.password, "…") if url.password else reason
