"""The files of messages: what they are called, whose they are, and which are still to be fetched."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from bot.model.tickets import Attachment
from storage.models import conversations as c
from storage.models import tickets as t
from storage.models.types import Utc
from storage.records import ATTACHMENTS
from storage.repositories.base import VALUES, Repository, portions

_GET = ATTACHMENTS.select().where(t.attachments.c.id == bindparam("id"))
_OF = ATTACHMENTS.select().where(t.attachments.c.message_id.in_(VALUES)).order_by(t.attachments.c.id)
_DUE = (
    ATTACHMENTS.select()
    .join(c.messages, c.messages.c.id == t.attachments.c.message_id)
    .join(c.conversations, c.conversations.c.id == c.messages.c.conversation_id)
    .where(
        t.attachments.c.next_at.is_not(None),
        t.attachments.c.next_at <= bindparam("now", type_=Utc),
        c.conversations.c.platform.in_(VALUES),
    )
    .order_by(t.attachments.c.next_at, t.attachments.c.id)
    .limit(bindparam("most"))
)
_STORED = select(t.attachments.c.stored_as).where(t.attachments.c.stored_as.in_(VALUES))


class SqlAttachments(Repository):
    __slots__ = ()

    def add(self, attachment: Attachment) -> None:
        self._changes.add(attachment)

    def save(self, attachment: Attachment) -> None:
        self._changes.save(attachment)

    async def get(self, id: UUID) -> Attachment | None:
        return await self._one(ATTACHMENTS, _GET, id=id)

    async def of(self, message_ids: Collection[UUID]) -> list[Attachment]:
        return await self._among(ATTACHMENTS, _OF, message_ids)

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> list[Attachment]:
        return await self._all(ATTACHMENTS, _DUE, values=list(platforms), now=now, most=limit)

    async def stored_among(self, keys: Collection[str]) -> set[str]:
        def read(connection: Connection) -> set[str]:
            return {
                key for part in portions(keys) for key in connection.execute(_STORED, {"values": part}).scalars() if key
            }

        return await self._database.read(read)
