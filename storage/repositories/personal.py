"""All that the database holds of one person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.ports.personal import Erased
from storage.personal.erasing import erase, in_hand
from storage.personal.gathering import gather
from storage.personal.scope import scope_of
from storage.repositories.context import StorageContext


class _Rehearsed(Exception):  # no error: the way to undo what was only tried
    def __init__(self, erased: Erased | None) -> None:
        self.erased = erased


class SqlPersonalData:
    def __init__(self, context: StorageContext) -> None:
        self._context = context

    async def gather(self, person_id: UUID) -> dict[str, list[dict[str, Any]]] | None:
        return await self._context.database.read(lambda connection: gather(connection, person_id))

    async def in_hand(self, person_id: UUID) -> int:
        def read(connection: Connection) -> int:
            scope = scope_of(connection, person_id)
            return in_hand(connection, scope) if scope else 0

        return await self._context.database.read(read)

    async def erase(self, person_id: UUID, at: datetime, *, rehearse: bool = False) -> Erased | None:
        def block(connection: Connection) -> Erased | None:
            erased = erase(connection, person_id, at)
            if rehearse:
                raise _Rehearsed(erased)
            return erased

        try:
            return await self._context.write(block, "knowledge", "outbox", always=False)
        except _Rehearsed as rehearsed:
            return rehearsed.erased
