"""Conversations, messages, and the steps that messages went through."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, not_, or_, select

from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.messages import ConversationRef
from bot.model.values import Audience, TicketStatus
from storage.models.base import among
from storage.models.conversations import conversations, messages, processing_steps
from storage.models.ledger import outbox
from storage.models.tickets import ticket_places, tickets
from storage.models.types import Utc
from storage.records import CONVERSATIONS, MESSAGES, STEPS
from storage.repositories.base import FEW, VALUES, Repository, portions

_GET = CONVERSATIONS.select().where(conversations.c.id == bindparam("id"))
_BY_IDS = CONVERSATIONS.select().where(conversations.c.id.in_(VALUES))
_BY_REF = CONVERSATIONS.select().where(conversations.c.ref_key == bindparam("key"))
_PUBLIC = (
    select(messages.c.conversation_id)
    .where(
        messages.c.conversation_id.in_(VALUES), messages.c.author == "person", messages.c.audience == Audience.PUBLIC
    )
    .distinct()
)
_MESSAGE = MESSAGES.select().where(messages.c.id == bindparam("id"))
_BY_NATIVE_ID = (
    MESSAGES.select()
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.native_id == bindparam("native_id"))
    .order_by(messages.c.sent_at.desc(), messages.c.id.desc())
    .limit(1)
)
_PERHAPS_POSTED = (
    MESSAGES.select()
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.native_id.is_(None),
        exists().where(outbox.c.message_id == messages.c.id, among(outbox.c.state, "sending", "unknown")),
    )
    .order_by(messages.c.sent_at, messages.c.id)
)
_LATEST = (
    MESSAGES.select()
    .where(messages.c.conversation_id == bindparam("conversation"))
    .order_by(messages.c.sent_at.desc(), messages.c.id.desc())
    .limit(bindparam("most"))
)
_OWN = select(conversations.c.id).where(conversations.c.person_id == bindparam("person"))
_LAST_ASKED = (
    MESSAGES.select()
    .where(
        messages.c.person_id == bindparam("person"),
        messages.c.author == "person",
        messages.c.outcome.is_not(None),
        not_(messages.c.deleted),
        messages.c.conversation_id.in_(_OWN),
    )
    .order_by(messages.c.sent_at.desc(), messages.c.id.desc())
    .limit(bindparam("most"))
)
_HERE = (conversations.c.platform == bindparam("platform"), conversations.c.account == bindparam("account"))
_REF = (conversations.c.platform, conversations.c.account, conversations.c.room)
_OPEN = exists().where(tickets.c.id == ticket_places.c.ticket_id, tickets.c.status != TicketStatus.CLOSED)
_LIVE_THREADS = select(*_REF, conversations.c.thread).where(
    *_HERE,
    conversations.c.thread.is_not(None),
    or_(
        conversations.c.last_message_at >= bindparam("since", type_=Utc),
        exists().where(ticket_places.c.conversation_id == conversations.c.id, _OPEN),
    ),
)
_LIVE_CARDS = (
    select(*_REF, messages.c.native_id)
    .join(ticket_places, ticket_places.c.conversation_id == conversations.c.id)
    .join(messages, messages.c.id == ticket_places.c.card_id)
    .where(
        *_HERE,
        ticket_places.c.side == "desk",
        messages.c.native_id.is_not(None),
        conversations.c.thread.is_(None),
        _OPEN,
    )
)
_COPIES = MESSAGES.select().where(messages.c.relay_of == bindparam("id")).order_by(messages.c.id)
_STEPS = (
    STEPS.select().where(processing_steps.c.message_id == bindparam("message")).order_by(processing_steps.c.position)
)


class SqlConversations(Repository):
    __slots__ = ()

    def add(self, record: Conversation | Message) -> None:
        self._changes.add(record)

    def save(self, record: Conversation | Message) -> None:
        self._changes.save(record)

    def add_steps(self, steps: Sequence[ProcessingStep]) -> None:
        self._changes.steps.extend(steps)

    async def get(self, id: UUID) -> Conversation | None:
        return await self._one(CONVERSATIONS, _GET, id=id)

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Conversation]:
        return {found.id: found for found in await self._among(CONVERSATIONS, _BY_IDS, ids)}

    async def by_ref(self, ref: ConversationRef) -> Conversation | None:
        return await self._one(CONVERSATIONS, _BY_REF, key=ref.key)

    async def message(self, id: UUID) -> Message | None:
        return await self._one(MESSAGES, _MESSAGE, id=id)

    async def public_among(self, ids: Collection[UUID]) -> set[UUID]:
        def read(connection: Connection) -> set[UUID]:
            return {id for part in portions(ids) for (id,) in connection.execute(_PUBLIC, {"values": part})}

        return await self._database.read(read) if ids else set()

    async def message_by_native_id(self, conversation_id: UUID, native_id: str) -> Message | None:
        return await self._one(MESSAGES, _BY_NATIVE_ID, conversation=conversation_id, native_id=native_id)

    async def perhaps_posted(self, conversation_id: UUID) -> list[Message]:
        return await self._few(MESSAGES, _PERHAPS_POSTED, conversation=conversation_id)

    async def live_threads(self, platform: str, account: str, since: datetime) -> list[ConversationRef]:
        wanted = {"platform": platform, "account": account}

        def read(connection: Connection) -> list[ConversationRef]:
            threads = connection.execute(_LIVE_THREADS, {**wanted, "since": since}).all()
            cards = connection.execute(_LIVE_CARDS, wanted).all()
            return list(dict.fromkeys(ConversationRef(*row) for row in (*threads, *cards)))

        return await self._database.read(read)

    async def last_asked(self, person_id: UUID, limit: int = 20) -> list[Message]:
        return await self._all(MESSAGES, _LAST_ASKED, person=person_id, most=limit)

    async def copies(self, message_id: UUID) -> list[Message]:
        return await self._few(MESSAGES, _COPIES, id=message_id)

    async def messages(self, conversation_id: UUID, limit: int = 200) -> list[Message]:
        latest = await self._all(MESSAGES, _LATEST, brief=limit <= FEW, conversation=conversation_id, most=limit)
        return latest[::-1]

    async def steps(self, message_id: UUID) -> list[ProcessingStep]:
        return await self._all(STEPS, _STEPS, message=message_id)
