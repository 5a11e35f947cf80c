"""Files in the database, in portions: what several replicas share without anything beside it."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, null, select, update

from bot.errors import FileMissing
from bot.ports.files import StoredFile
from storage.files.portions import portioned
from storage.models.files import file_parts, files
from storage.models.types import Utc
from storage.repositories.base import VALUES, portions
from storage.repositories.context import StorageContext

_WHOLE = select(files.c.id).where(files.c.id == bindparam("wanted"), files.c.stored_at != null())
_PART = select(file_parts.c.data).where(
    file_parts.c.file_id == bindparam("wanted"), file_parts.c.number == bindparam("nth")
)
_FINISH = (
    update(files)
    .where(files.c.id == bindparam("this"))
    .values(stored_at=bindparam("now", type_=Utc), size=bindparam("length"), sha256=bindparam("digest"))
)
_BEFORE = bindparam("before", type_=Utc)
_STORED = select(files.c.id).where(files.c.stored_at < _BEFORE).order_by(files.c.id)
_LEFT = select(files.c.id).where(files.c.stored_at == null(), files.c.begun_at < _BEFORE)


class DatabaseFiles:
    """Each portion is a transaction of its own: a file never holds up other writers for longer than that. The row of a
    file says when it was whole; until then nobody sees it."""

    def __init__(self, context: StorageContext) -> None:
        self._database = context.database
        self._moments = context.moments

    async def put(self, chunks: AsyncIterable[bytes]) -> StoredFile:
        id, digest, size, number = uuid4(), hashlib.sha256(), 0, 0
        try:
            await self._begin(id)
            async for portion in portioned(chunks):
                digest.update(portion)
                size += len(portion)
                await self._add(id, number, portion)
                number += 1
            wanted = {"this": id, "now": self._moments.clock(), "length": size, "digest": digest.hexdigest()}
            finished = await self._database.write(lambda connection: connection.execute(_FINISH, wanted).rowcount)
            if not finished:
                raise FileMissing("the file was discarded while it was being stored")
        except BaseException:
            await asyncio.shield(self._remove([id]))
            raise
        return StoredFile(id.hex, size, digest.hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        wanted = {"wanted": _id(key)}
        if await self._database.read(lambda connection: connection.execute(_WHOLE, wanted).first()) is None:
            raise FileMissing("no such file")
        number = 0
        while (portion := await self._part(wanted | {"nth": number})) is not None:
            yield portion
            number += 1

    async def delete(self, key: str) -> None:
        try:
            await self._remove([_id(key)])
        except FileMissing:
            return

    async def keys(self, before: datetime) -> AsyncIterator[str]:
        for id in await self._found(before, stored=True):
            yield id.hex

    async def discard_unfinished(self, before: datetime) -> int:
        left = await self._found(before, stored=False)
        await self._remove(left)
        return len(left)

    async def _begin(self, id: UUID) -> None:
        row = {"id": id, "begun_at": self._moments.clock(), "stored_at": None, "size": 0, "sha256": ""}
        await self._database.write(lambda connection: connection.execute(files.insert(), row))

    async def _add(self, id: UUID, number: int, portion: bytes) -> None:
        row = {"file_id": id, "number": number, "data": portion}
        await self._database.write(lambda connection: connection.execute(file_parts.insert(), row))

    async def _part(self, wanted: dict[str, object]) -> bytes | None:
        return await self._database.read(lambda connection: connection.execute(_PART, wanted).scalar())

    async def _found(self, before: datetime, *, stored: bool) -> list[UUID]:
        statement, wanted = _STORED if stored else _LEFT, {"before": before}
        return await self._database.read(lambda connection: list(connection.execute(statement, wanted).scalars()))

    async def _remove(self, ids: list[UUID]) -> None:
        def block(connection: Connection) -> None:
            for part in portions(ids):
                connection.execute(delete(file_parts).where(file_parts.c.file_id.in_(VALUES)), {"values": part})
                connection.execute(delete(files).where(files.c.id.in_(VALUES)), {"values": part})

        await self._database.write(block)


def _id(key: str) -> UUID:
    """Raises FileMissing for what is no key."""
    try:
        id = UUID(key)
    except ValueError as error:
        raise FileMissing("no such file") from error
    if id.hex != key:
        raise FileMissing("no such file")
    return id
