"""One-time codes for signing in by e-mail."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, null, select, update

from bot.model.people import SignInCode
from storage.models.people import sign_in_codes as codes
from storage.models.types import Utc
from storage.records import SIGN_IN_CODES
from storage.repositories.context import StorageContext

_NOW = bindparam("now", type_=Utc)
_GOOD = (
    codes.c.email == bindparam("of"),
    codes.c.consumed_at == null(),
    codes.c.expires_at > _NOW,
    codes.c.attempts < bindparam("most"),
)
# The row's lock decides between two who submit the same code: the second finds it consumed.
_CONSUME = update(codes).where(*_GOOD, codes.c.code_hash == bindparam("hash")).values(consumed_at=_NOW)
_MISS = update(codes).where(*_GOOD).values(attempts=codes.c.attempts + 1)
_RECENT = select(func.count()).where(
    codes.c.email == bindparam("of"), codes.c.requested_at >= bindparam("since", type_=Utc)
)
_FORGET = delete(codes).where(codes.c.expires_at < bindparam("before", type_=Utc))


class SqlSignInCodes:
    def __init__(self, context: StorageContext) -> None:
        self._context = context

    async def add(self, code: SignInCode) -> None:
        row = SIGN_IN_CODES.encode(code)

        def block(connection: Connection) -> None:
            connection.execute(SIGN_IN_CODES.insert, row)

        await self._context.database.write(block)

    async def consume(self, email: str, code_hash: str, now: datetime, most_attempts: int = 5) -> bool:
        wanted = {"of": email, "hash": code_hash, "now": now, "most": most_attempts}

        def block(connection: Connection) -> bool:
            if connection.execute(_CONSUME, wanted).rowcount:
                return True
            connection.execute(_MISS, {name: value for name, value in wanted.items() if name != "hash"})
            return False

        return await self._context.database.write(block)

    async def recent(self, email: str, since: datetime) -> int:
        wanted = {"of": email, "since": since}
        return int(
            await self._context.database.read(lambda connection: connection.execute(_RECENT, wanted).scalar_one())
        )

    async def forget(self, before: datetime) -> int:
        return await self._context.database.write(
            lambda connection: connection.execute(_FORGET, {"before": before}).rowcount
        )
