"""Locks on PostgreSQL that make the order of numbers in one conversation the order of commits.

A number is taken when a row is inserted, but the row is seen when its transaction commits: without the lock a later
row of the same conversation could be seen first. SQLite has one writer at a time and needs none.
"""

import hashlib
from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text

_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


def lock_conversations(connection: Connection, ledger: str, keys: Iterable[str]) -> None:
    """Hold the conversations until the transaction ends; taken in one order by everybody."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"keys": sorted({lock_number(f"{ledger}\x1e{key}") for key in keys})})


def lock_number(name: str) -> int:
    """A signed 64-bit number for a name."""
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
