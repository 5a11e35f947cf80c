"""Bringing a database's tables to what this release needs."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, text

from storage.engines import make_folder, short_lived
from storage.locks import lock_number
from storage.schema import HEAD, SchemaState, newer, revision_of, schema_state
from storage.urls import database_url

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def upgrade(url: str) -> bool:
    """Create or upgrade the tables; return whether there was anything to do.

    One transaction: a failed upgrade changes nothing. Of several processes that upgrade at once one does it and the
    others wait. Raises StorageError when the database is of a newer release, StorageUnavailable.
    """
    return await asyncio.to_thread(upgrade_now, url)


def upgrade_now(url: str) -> bool:
    """The same where there is no event loop."""
    address = database_url(url)
    make_folder(address)
    with short_lived(address) as connection:
        lock_schema(connection)
        state = schema_state(connection)
        if state is SchemaState.NEWER:
            raise newer()
        if state is SchemaState.CURRENT:
            return False
        migrate(connection)
        return True


def lock_schema(connection: Connection) -> None:
    """Let nobody else change tables until this transaction ends. On SQLite it is the only writer as it is."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": lock_number("schema")})


def migrate(connection: Connection, to: str = HEAD) -> None:
    """Run the migrations up to a revision, within the transaction that the connection is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    assert revision_of(connection) == to
