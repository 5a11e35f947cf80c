"""What every repository does: read records through a codec, and note changes."""

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Executable, bindparam

from storage.changes import Changes
from storage.codec import Codec
from storage.database import Database

R = TypeVar("R")
_MOST_PARAMETERS = 1000
FEW = 20  # records, which take less time to read than it takes to go to a thread for them


class Repository:
    __slots__ = ("_changes", "_database")

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    async def _one(self, codec: Codec[R], statement: Executable, **parameters: Any) -> R | None:
        row = await self._database.read(
            lambda connection: connection.execute(statement, parameters).first(), brief=True
        )
        return None if row is None else self._remembered(codec, [codec.decode(row)])[0]

    async def _all(self, codec: Codec[R], statement: Executable, *, brief: bool = False, **parameters: Any) -> list[R]:
        rows = await self._database.read(
            lambda connection: connection.execute(statement, parameters).all(), brief=brief
        )
        return self._remembered(codec, codec.decode_all(rows))

    async def _few(self, codec: Codec[R], statement: Executable, **parameters: Any) -> list[R]:
        """Records of which there are few by their nature, found by a key: where a ticket is shown, say."""
        return await self._all(codec, statement, brief=True, **parameters)

    async def _among(self, codec: Codec[R], statement: Executable, values: Collection[Any]) -> list[R]:
        """Records of a statement that takes a list named `values`, however long it is."""
        if not values:
            return []

        def read(connection: Connection) -> list[Any]:
            return [row for part in portions(values) for row in connection.execute(statement, {"values": part})]

        return self._remembered(codec, codec.decode_all(await self._database.read(read, brief=len(values) <= FEW)))

    def _remembered(self, codec: Codec[R], records: list[R]) -> list[R]:
        if codec.wide:
            self._changes.read.update((codec.identity(record), record) for record in records)
        return records


def portions(values: Collection[Any]) -> Iterator[list[Any]]:
    """Distinct values in portions that fit into one statement."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _MOST_PARAMETERS):
        yield distinct[start : start + _MOST_PARAMETERS]


VALUES: BindParameter[Any] = bindparam("values", expanding=True)
