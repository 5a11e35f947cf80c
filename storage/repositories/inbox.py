"""The inbox: what was received, who has it in hand, and what became of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, not_, or_, select, update

from bot.model.ids import new_id
from bot.model.ledger import InboxRow, Progress
from bot.model.messages import Incoming, MessageKey
from bot.model.values import InboxState
from storage.locks import lock_conversations
from storage.models.base import among
from storage.models.ledger import INBOX_OPEN, INBOX_OVER, OUTBOX_OPEN, inbox, outbox
from storage.models.types import Utc
from storage.records import account_key
from storage.repositories.context import StorageContext, count_states
from storage.upserts import upsert

_COLUMNS = (
    inbox.c.id,
    inbox.c.sequence,
    inbox.c.event,
    inbox.c.state,
    inbox.c.owner,
    inbox.c.attempt,
    inbox.c.failures,
    inbox.c.received_at,
)
_FEW = 20  # events, which take less time to store than it takes to go to a thread for them
_HELD = and_(
    inbox.c.id == bindparam("row"),
    inbox.c.owner == bindparam("holder"),
    inbox.c.attempt == bindparam("nth"),
    inbox.c.state == InboxState.PROCESSING,
)
_RETRY = (
    update(inbox)
    .where(_HELD)
    .values(
        state=InboxState.RECEIVED,
        owner=None,
        lease_until=None,
        failures=inbox.c.failures + 1,
        available_at=bindparam("at", type_=Utc),
        error=bindparam("why"),
    )
)
_POSTPONE = (
    update(inbox)
    .where(_HELD)
    .values(
        state=InboxState.RECEIVED,
        owner=None,
        lease_until=None,
        attempt=inbox.c.attempt - 1,
        available_at=bindparam("at", type_=Utc),
        error=bindparam("why"),
    )
)
_SUSPECT = update(inbox).where(_HELD).values(failures=inbox.c.failures + 1)
_IN_HAND = update(inbox).where(among(inbox.c.state, *INBOX_OPEN), inbox.c.state == InboxState.PROCESSING)
_RECOVER = _IN_HAND.values(state=InboxState.RECEIVED, owner=None, lease_until=None)
_RECOVER_OF = _RECOVER.where(inbox.c.owner == bindparam("holder"))
_DEAD: Select[Any] = (
    select(*_COLUMNS)
    .where(among(inbox.c.state, *INBOX_OVER), inbox.c.state == InboxState.DEAD)
    .order_by(inbox.c.sequence.desc())
    .limit(bindparam("most"))
)
_OLDEST_OPEN = select(inbox.c.received_at).where(among(inbox.c.state, *INBOX_OPEN)).order_by(inbox.c.sequence).limit(1)
_ONE_DEAD = select(inbox).where(inbox.c.id == bindparam("row"), inbox.c.state == InboxState.DEAD).with_for_update()
# Deliveries carry keys made of the row's id and a colon, the character before the semicolon.
_UNDELIVERED = (
    select(func.count())
    .select_from(outbox)
    .where(
        outbox.c.key >= bindparam("prefix"),
        outbox.c.key < bindparam("end"),
        outbox.c.account_key == bindparam("account"),
        among(outbox.c.state, *OUTBOX_OPEN),
    )
)
_BY_KEY = select(inbox.c.id, inbox.c.state).where(inbox.c.key == bindparam("event_key"))
_FORGET = inbox.delete().where(inbox.c.sequence == bindparam("place"))


class SqlInboxLedger:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        moments = context.moments
        row = inbox.alias("candidate")
        earlier = inbox.alias("earlier")
        blocked = exists().where(
            earlier.c.conversation_key == row.c.conversation_key,
            earlier.c.sequence < row.c.sequence,
            among(earlier.c.state, *INBOX_OPEN),
        )
        free = (
            select(row.c.sequence)
            .where(
                among(row.c.state, *INBOX_OPEN),
                or_(
                    and_(row.c.state == InboxState.RECEIVED, row.c.available_at <= moments.now),
                    and_(row.c.state == InboxState.PROCESSING, row.c.lease_until <= moments.now),
                ),
                not_(blocked),
            )
            .order_by(row.c.sequence)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True, of=row)
        )
        self._claim = (
            update(inbox)
            .where(inbox.c.sequence.in_(free))
            .values(
                state=InboxState.PROCESSING,
                owner=bindparam("holder"),
                lease_until=moments.until,
                attempt=inbox.c.attempt + 1,
            )
            .returning(*_COLUMNS)
        )
        self._expire = _RECOVER.where(inbox.c.lease_until <= moments.now)
        self._renew = update(inbox).where(_HELD).values(lease_until=moments.until)

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        received_at = self._context.moments.clock()
        rows = [
            {
                "id": new_id(),
                "key": str(event.key),
                "conversation_key": event.conversation.key,
                "event": event,
                "state": InboxState.RECEIVED,
                "attempt": 0,
                "failures": 0,
                "received_at": received_at,
                "available_at": received_at,
            }
            for event in events
        ]

        def block(connection: Connection) -> int:
            lock_conversations(connection, "inbox", (event.conversation.key for event in events))
            statements = upsert(connection.dialect.name)
            for name, value in sorted((reached or {}).items()):
                connection.execute(statements.cursors, {"name": name, "value": value, "version": 1})
            return sum(connection.execute(statements.new_inbox, row).rowcount for row in rows)

        if not rows and not reached:
            return 0
        return await self._context.write(block, "inbox", always=False, brief=len(rows) <= _FEW)

    async def claim(self, owner: str, lease: timedelta, limit: int = 1) -> list[InboxRow]:
        wanted = {"holder": owner, "most": limit, **self._context.moments.parameters(lease)}
        rows = await self._context.database.write(
            lambda connection: connection.execute(self._claim, wanted).all(), brief=True
        )
        return sorted(map(_row, rows), key=lambda row: row.sequence)

    async def renew(self, row: InboxRow, lease: timedelta) -> bool:
        wanted = {**_held(row), **_only_until(self._context.moments.parameters(lease))}
        return await self._context.database.write(
            lambda connection: connection.execute(self._renew, wanted).rowcount > 0
        )

    async def retry(self, row: InboxRow, at: datetime, error: str) -> None:
        wanted = {**_held(row), "at": at, "why": error}
        await self._context.write(lambda connection: connection.execute(_RETRY, wanted).rowcount, "inbox", always=False)

    async def postpone(self, row: InboxRow, at: datetime, why: str) -> None:
        wanted = {**_held(row), "at": at, "why": why}
        await self._context.database.write(lambda connection: connection.execute(_POSTPONE, wanted).rowcount)

    async def suspect(self, row: InboxRow) -> bool:
        return await self._context.database.write(
            lambda connection: connection.execute(_SUSPECT, _held(row)).rowcount > 0
        )

    async def recover(self, owner: str | None = None) -> int:
        def block(connection: Connection) -> int:
            if owner is None:
                return connection.execute(_RECOVER).rowcount
            return connection.execute(_RECOVER_OF, {"holder": owner}).rowcount

        return await self._context.write(block, "inbox", always=False)

    async def expire(self) -> int:
        wanted = self._context.moments.parameters()
        return await self._context.write(
            lambda connection: connection.execute(self._expire, wanted).rowcount, "inbox", always=False
        )

    async def progress(self, key: MessageKey) -> Progress | None:
        def block(connection: Connection) -> Progress | None:
            row = connection.execute(_BY_KEY, {"event_key": str(key)}).first()
            if row is None:
                return None
            state = InboxState(row.state)
            if state in INBOX_OPEN:
                return Progress(row.id, state, 0)  # what comes of it is committed with its end
            undelivered = connection.execute(
                _UNDELIVERED,
                {
                    "prefix": f"{row.id}:",
                    "end": f"{row.id};",
                    "account": account_key(key.platform, key.account),
                },
            ).scalar_one()
            return Progress(row.id, state, undelivered)

        return await self._context.database.read(block, brief=True)

    async def dead(self, limit: int = 100) -> list[InboxRow]:
        """The latest first."""
        rows = await self._context.database.read(lambda connection: connection.execute(_DEAD, {"most": limit}).all())
        return [_row(row) for row in rows]

    async def revive(self, id: UUID) -> bool:
        """The row goes to the end of its conversation: later ones may be in hand already."""
        now = self._context.moments.clock()
        fresh = {
            "state": InboxState.RECEIVED,
            "attempt": 0,
            "failures": 0,
            "available_at": now,
            "finished_at": None,
            "error": None,
        }

        def block(connection: Connection) -> bool:
            found = connection.execute(_ONE_DEAD, {"row": id}).mappings().first()
            if found is None:
                return False
            lock_conversations(connection, "inbox", [found["conversation_key"]])
            connection.execute(_FORGET, {"place": found["sequence"]})
            kept = {name: value for name, value in found.items() if name != "sequence"}
            connection.execute(inbox.insert(), kept | fresh)
            return True

        return await self._context.write(block, "inbox", always=False)

    async def waiting_since(self) -> datetime | None:
        return await self._context.database.read(lambda connection: connection.execute(_OLDEST_OPEN).scalar())

    async def counts(self) -> dict[str, int]:
        return await self._context.database.read(
            lambda connection: count_states(connection, inbox.c.state, InboxState, INBOX_OPEN, INBOX_OVER)
        )


def _row(row: Any) -> InboxRow:
    return InboxRow(*row)


def _held(row: InboxRow) -> dict[str, object]:
    return {"row": row.id, "holder": row.owner, "nth": row.attempt}


def _only_until(parameters: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if name != "now"}
