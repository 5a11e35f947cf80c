"""Database addresses as people write them, and as SQLAlchemy wants them."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import StorageError

# What poolers and other libraries put into addresses, and libpq would refuse.
_NOT_LIBPQ = {"pgbouncer", "supa", "connection_limit", "pool_timeout", "pool_mode", "schema", "statement_cache_size"}


def database_url(url: str) -> URL:
    """The address of a SQLite file (a path, `sqlite:///…`) or a PostgreSQL database (`postgres://…`).

    Raises StorageError for any other.
    """
    if "://" not in url:
        return URL.create("sqlite", database=str(Path(url).expanduser()) if url != ":memory:" else None)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError("the database address cannot be read: give a file or postgresql://user@host/name") from None
    kind = parsed.get_backend_name() if parsed.drivername != "postgres" else "postgresql"
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg").difference_update_query(_NOT_LIBPQ)
    if kind == "sqlite":
        database = None if parsed.database in (None, "", ":memory:") else parsed.database
        return URL.create("sqlite", database=database)
    raise StorageError(f"databases of kind {kind!r} are not supported: use SQLite or PostgreSQL")
