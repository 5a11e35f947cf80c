"""Workspaces that gave the desk a token."""

from sqlalchemy import Connection, bindparam, delete

from bot.model.installations import Installation
from storage.models.installations import installations as table
from storage.records import INSTALLATIONS
from storage.repositories.context import StorageContext

_ALL = INSTALLATIONS.select().where(table.c.platform == bindparam("of")).order_by(table.c.installed_at, table.c.id)
_FORGET = delete(table).where(table.c.platform == bindparam("of"), table.c.account == bindparam("at"))


class SqlInstallations:
    def __init__(self, context: StorageContext) -> None:
        self._context = context

    async def all(self, platform: str) -> list[Installation]:
        rows = await self._context.database.read(lambda connection: connection.execute(_ALL, {"of": platform}).all())
        return INSTALLATIONS.decode_all(rows)

    async def keep(self, installation: Installation) -> None:
        def block(connection: Connection) -> None:
            connection.execute(_FORGET, {"of": installation.platform, "at": installation.account})
            connection.execute(INSTALLATIONS.insert, INSTALLATIONS.encode(installation))

        await self._context.database.write(block)

    async def forget(self, platform: str, account: str) -> bool:
        wanted = {"of": platform, "at": account}
        return await self._context.database.write(lambda connection: bool(connection.execute(_FORGET, wanted).rowcount))
