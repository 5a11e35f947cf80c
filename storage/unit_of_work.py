"""A unit of work: reads at once, writes together at the end."""

from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy import Connection, bindparam

from bot.errors import StorageError
from bot.model.ledger import Cursor, Delivery, InboxRow
from bot.model.messages import ConversationRef
from bot.ports import storage as ports
from storage.changes import Changes, Finished
from storage.models.ledger import cursors
from storage.records import CURSORS
from storage.repositories.attachments import SqlAttachments
from storage.repositories.base import Repository
from storage.repositories.categories import SqlCategories
from storage.repositories.contact import SqlContact
from storage.repositories.context import StorageContext
from storage.repositories.conversations import SqlConversations
from storage.repositories.knowledge import SqlKnowledge
from storage.repositories.people import SqlPeople
from storage.repositories.problems import SqlProblems
from storage.repositories.public import SqlPublic
from storage.repositories.reports import SqlReports
from storage.repositories.tickets import SqlTickets
from storage.writes import apply

_CURSOR = CURSORS.select().where(cursors.c.name == bindparam("name"))
_CURSORS = (
    CURSORS.select()
    .where(cursors.c.name >= bindparam("first"), cursors.c.name < bindparam("beyond"))
    .order_by(cursors.c.name)
)
_LAST = chr(0x10FFFF)  # names are compared letter by letter: nothing that starts as they do comes after this


class SqlInboxWrites(Repository):
    __slots__ = ()

    def done(self, row: InboxRow, *, dismissed: bool = False) -> None:
        self._changes.finished.append(Finished(row, dismissed=dismissed))

    def dead(self, row: InboxRow, error: str) -> None:
        self._changes.finished.append(Finished(row, error))

    def reconsider(self, conversation: ConversationRef, since: datetime) -> None:
        self._changes.reconsidered[conversation.key] = since


class SqlOutboxWrites(Repository):
    __slots__ = ()

    def add(self, delivery: Delivery) -> None:
        if delivery.conversation.is_public and delivery.public is None:
            raise ValueError("only public replies are said in public")
        self._changes.outbox.append(delivery)

    def withdraw(self, message_id: UUID) -> None:
        self._changes.outbox.append(message_id)


class SqlCursors(Repository):
    __slots__ = ()

    async def get(self, name: str) -> Cursor | None:
        return await self._one(CURSORS, _CURSOR, name=name)

    async def starting_with(self, prefix: str) -> list[Cursor]:
        return await self._all(CURSORS, _CURSORS, first=prefix, beyond=prefix + _LAST)

    def save(self, cursor: Cursor) -> None:
        self._changes.save_cursor(cursor)

    def remove(self, cursor: Cursor) -> None:
        self._changes.remove(cursor)


class SqlUnitOfWork:
    __slots__ = (
        "_changes",
        "_context",
        "attachments",
        "categories",
        "contact",
        "conversations",
        "cursors",
        "inbox",
        "knowledge",
        "outbox",
        "people",
        "problems",
        "public",
        "reports",
        "tickets",
    )

    def __init__(self, context: StorageContext) -> None:
        self._context = context
        self._changes = changes = Changes()
        database = context.database
        self.people: ports.People = SqlPeople(database, changes)
        self.conversations: ports.Conversations = SqlConversations(database, changes)
        self.tickets: ports.Tickets = SqlTickets(database, changes)
        self.attachments: ports.Attachments = SqlAttachments(database, changes)
        self.problems: ports.Problems = SqlProblems(database, changes)
        self.public: ports.Public = SqlPublic(database, changes)
        self.contact: ports.Contact = SqlContact(database, changes)
        self.knowledge: ports.Knowledge = SqlKnowledge(database, changes)
        self.categories: ports.Categories = SqlCategories(database, changes)
        self.reports: ports.Reports = SqlReports(database, changes)
        self.inbox: ports.InboxWrites = SqlInboxWrites(database, changes)
        self.outbox: ports.OutboxWrites = SqlOutboxWrites(database, changes)
        self.cursors: ports.Cursors = SqlCursors(database, changes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._changes.swap(Changes())

    async def commit(self) -> None:
        if not self._changes:
            return
        context, changes = self._context, Changes()
        listener = context.listener
        changes.swap(self._changes)
        topics: list[ports.Topic] = []
        if changes.outbox:
            topics.append("outbox")
        if changes.base_changed:
            topics.append("knowledge")

        def block(connection: Connection) -> None:
            apply(connection, changes, context.moments)

        try:
            await context.database.write(block, brief=changes.is_brief)
        except StorageError:
            changes.swap(self._changes)  # nothing was applied
            raise
        if listener is not None:
            listener.tell(*topics)
        # A finished row lets the next message of its conversation be taken up: here, before anybody else asks.
        if changes.finished:
            topics.append("inbox")
        context.signals.changed(*topics)
