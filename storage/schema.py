"""Which release made a database's tables. Plain SQL: Alembic is imported only where there is something to upgrade."""

from enum import Enum
from typing import Any

from sqlalchemy import Connection, Select, column, inspect, select, table

from bot.errors import StorageError
from storage.database import connect
from storage.urls import database_url

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
)  # in order; a test holds it against the migrations
HEAD = REVISIONS[-1]
VERSION_TABLE = "guichet_version"  # a name of our own: others in the database may use Alembic too
_VERSION: Select[Any] = select(column("version_num")).select_from(table(VERSION_TABLE))


class SchemaState(Enum):
    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None when it has no tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.execute(_VERSION).scalar()
    return None if revision is None else str(revision)


def schema_state(connection: Connection) -> SchemaState:
    revision = revision_of(connection)
    if revision is None:
        return SchemaState.EMPTY
    if revision not in REVISIONS:
        return SchemaState.NEWER
    return SchemaState.CURRENT if revision == HEAD else SchemaState.BEHIND


def newer() -> StorageError:
    return StorageError(
        "the database was made by a newer release of guichet than this one: install that release, or restore a backup"
    )


async def current(url: str) -> str | None:
    """The revision of the database at `url`, None when it is empty. Raises StorageUnavailable."""
    database = connect(database_url(url))
    try:
        return await database.read(revision_of)
    finally:
        await database.close()


async def pending(url: str) -> tuple[str, ...]:
    """Revisions that `upgrade` would apply. Raises StorageError when the database is of a newer release."""
    revision = await current(url)
    if revision is None:
        return REVISIONS
    if revision not in REVISIONS:
        raise newer()
    return REVISIONS[REVISIONS.index(revision) + 1 :]
