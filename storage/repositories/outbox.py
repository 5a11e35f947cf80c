"""The outbox: what is to be sent, by whom it is being sent, and what came of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Update, and_, bindparam, case, exists, not_, or_, select, true, update

from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, MessageKey
from bot.model.values import InboxState, OutboxState
from storage.models.base import among
from storage.models.conversations import messages
from storage.models.ledger import OUTBOX_OPEN, OUTBOX_OVER, outbox
from storage.models.types import Utc
from storage.records import DELIVERIES, account_key
from storage.repositories.context import StorageContext, count_states
from storage.upserts import upsert

_IN_HAND = ("sending", "unknown")
_HELD = and_(outbox.c.id == bindparam("row"), outbox.c.attempt == bindparam("nth"), among(outbox.c.state, *_IN_HAND))
_GIVE_BACK = (
    update(outbox)
    .where(_HELD)
    .values(
        state=bindparam("new_state"),
        available_at=bindparam("at", type_=Utc),
        repeated=bindparam("perhaps_shown"),
        error=bindparam("why"),
        owner=None,
        lease_until=None,
    )
)
_FAILED = (
    update(outbox)
    .where(_HELD)
    .values(
        state=OutboxState.FAILED,
        finished_at=bindparam("now", type_=Utc),
        error=bindparam("why"),
        owner=None,
        lease_until=None,
    )
)
_SENT = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.state != OutboxState.SENT)
    .values(
        state=OutboxState.SENT,
        external_id=bindparam("posted_as"),
        finished_at=bindparam("at", type_=Utc),
        owner=None,
        lease_until=None,
        error=None,
    )
)
_POSTED = (
    update(messages)
    .where(messages.c.id == bindparam("message"))
    .values(native_id=bindparam("posted_as"), version=messages.c.version + 1)
)
_STATE = DELIVERIES.select().where(outbox.c.id == bindparam("row"))
_OF_CONVERSATION = (
    DELIVERIES.select()
    .where(outbox.c.conversation_key == bindparam("conversation"), outbox.c.number > bindparam("after"))
    .order_by(outbox.c.number)
)


class SqlOutboxLedger:
    def __init__(self, context: StorageContext) -> None:
        self._context = context
        moments = context.moments
        row = outbox.alias("candidate")
        earlier = outbox.alias("earlier")
        blocked = exists().where(
            earlier.c.conversation_key == row.c.conversation_key,
            earlier.c.number < row.c.number,
            among(earlier.c.state, *OUTBOX_OPEN),
        )
        due = or_(row.c.available_at.is_(None), row.c.available_at <= moments.now)
        free = (
            select(row.c.number)
            .where(
                among(row.c.state, *OUTBOX_OPEN),
                or_(
                    # Spelt out: SQLite plans a statement anew each time that a partial index depends on a parameter.
                    and_(among(row.c.state, "pending"), due),
                    and_(
                        among(row.c.state, "unknown"),
                        due,
                        or_(row.c.lease_until.is_(None), row.c.lease_until <= moments.now),
                    ),
                ),
                row.c.account_key.in_(bindparam("accounts", expanding=True)),
                not_(blocked),
            )
            .order_by(row.c.number)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True, of=row)
        )
        self._claim = (
            update(outbox)
            .where(outbox.c.number.in_(free))
            .values(
                state=case((outbox.c.state == OutboxState.UNKNOWN, outbox.c.state), else_=OutboxState.SENDING),
                owner=bindparam("holder"),
                lease_until=moments.until,
                attempt=outbox.c.attempt + 1,
            )
            .returning(*DELIVERIES.columns)
        )
        lapsed = outbox.c.lease_until <= moments.now
        served = outbox.c.account_key.in_(bindparam("accounts", expanding=True))
        unfinished = update(outbox).where(among(outbox.c.state, *OUTBOX_OPEN), or_(lapsed, served))
        self._unlock = unfinished.where(outbox.c.state == OutboxState.UNKNOWN).values(owner=None, lease_until=None)
        self._expire = unfinished.where(outbox.c.state == OutboxState.SENDING).values(
            state=OutboxState.UNKNOWN, available_at=None, repeated=true(), owner=None, lease_until=None
        )

    async def claim(
        self, owner: str, lease: timedelta, accounts: Collection[tuple[str, str]], limit: int = 10
    ) -> list[Delivery]:
        """`attempt` counts each time a row is taken in hand and is what `sent` and the like recognise the holder by."""
        if not accounts:
            return []
        wanted = {
            "holder": owner,
            "most": limit,
            "accounts": [account_key(*account) for account in accounts],
            **self._context.moments.parameters(lease),
        }
        rows = await self._context.database.write(
            lambda connection: connection.execute(self._claim, wanted).all(), brief=True
        )
        return sorted(DELIVERIES.decode_all(rows), key=lambda delivery: delivery.number)

    async def sent(self, delivery: Delivery, external_id: str, at: datetime) -> None:
        """Believed whoever says so and however late: a delivery that has arrived has arrived."""
        where = delivery.conversation
        heard = {
            "id": new_id(),
            "key": str(MessageKey(where.platform, where.account, "message", external_id)),
            "conversation_key": where.key,
            "event": None,
            "state": InboxState.DONE,
            "attempt": 0,
            "failures": 0,
            "received_at": at,
            "available_at": at,
            "finished_at": at,
        }

        def block(connection: Connection) -> None:
            found = connection.execute(_SENT, {"row": delivery.id, "posted_as": external_id, "at": at})
            if found.rowcount == 0:
                return
            if delivery.message_id is not None:
                connection.execute(_POSTED, {"message": delivery.message_id, "posted_as": external_id})
            connection.execute(upsert(connection.dialect.name).new_inbox, heard)

        await self._context.write(block, "outbox", brief=True)

    async def postpone(self, delivery: Delivery, at: datetime, error: str) -> None:
        """`repeated` is kept as the given delivery has it: a caller that has made sure may clear it."""
        await self._give_back(delivery, OutboxState.PENDING, at, error, delivery.repeated)

    async def unknown(self, delivery: Delivery, at: datetime, error: str) -> None:
        """From now on the delivery is `repeated`."""
        await self._give_back(delivery, OutboxState.UNKNOWN, at, error, True)

    async def failed(self, delivery: Delivery, error: str) -> None:
        await self._change(_FAILED, {**_held(delivery), "now": self._context.moments.clock(), "why": error})

    async def expire(self, accounts: Collection[tuple[str, str]] = ()) -> int:
        """Looks into unknown outcomes that were in hand there are free again, too."""
        wanted = {"accounts": [account_key(*account) for account in accounts], **self._context.moments.parameters()}

        def block(connection: Connection) -> int:
            connection.execute(self._unlock, wanted)
            return connection.execute(self._expire, wanted).rowcount

        return await self._context.write(block, "outbox", always=False)

    async def state(self, id: UUID) -> Delivery | None:
        row = await self._context.database.read(lambda connection: connection.execute(_STATE, {"row": id}).first())
        return None if row is None else DELIVERIES.decode(row)

    async def of_conversation(self, ref: ConversationRef, after: int = 0) -> list[Delivery]:
        wanted = {"conversation": ref.key, "after": after}
        rows = await self._context.database.read(lambda connection: connection.execute(_OF_CONVERSATION, wanted).all())
        return DELIVERIES.decode_all(rows)

    async def counts(self) -> dict[str, int]:
        return await self._context.database.read(
            lambda connection: count_states(connection, outbox.c.state, OutboxState, OUTBOX_OPEN, OUTBOX_OVER)
        )

    async def _give_back(
        self, delivery: Delivery, state: OutboxState, at: datetime, error: str, perhaps_shown: bool
    ) -> None:
        await self._change(
            _GIVE_BACK,
            {**_held(delivery), "new_state": state, "at": at, "why": error, "perhaps_shown": perhaps_shown},
        )

    async def _change(self, statement: Update, wanted: dict[str, Any]) -> None:
        await self._context.write(
            lambda connection: connection.execute(statement, wanted).rowcount, "outbox", always=False
        )


def _held(delivery: Delivery) -> dict[str, Any]:
    return {"row": delivery.id, "nth": delivery.attempt}
