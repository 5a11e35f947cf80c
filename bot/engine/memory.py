"""What adapters keep beyond their process, in the database."""

from dataclasses import replace

from bot.engine.reruns import rerun_when_stale
from bot.model.ledger import Cursor
from bot.ports.storage import Storage


class KeptInStorage:
    """The Memory that adapters are given."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def recall(self, name: str) -> str | None:
        async with self._storage.unit_of_work() as uow:
            found = await uow.cursors.get(name)
        return found.value if found else None

    async def keep(self, name: str, value: str) -> None:
        async def once() -> None:
            async with self._storage.unit_of_work() as uow:
                found = await uow.cursors.get(name)
                if found and found.value == value:
                    return
                uow.cursors.save(replace(found, value=value) if found else Cursor(name, value))
                await uow.commit()

        await rerun_when_stale(once, f"what is kept as {name}")

    async def kept(self, prefix: str) -> dict[str, str]:
        async with self._storage.unit_of_work() as uow:
            return {cursor.name: cursor.value for cursor in await uow.cursors.starting_with(prefix)}

    async def forget(self, name: str) -> None:
        async def once() -> None:
            async with self._storage.unit_of_work() as uow:
                if found := await uow.cursors.get(name):
                    uow.cursors.remove(found)
                    await uow.commit()

        await rerun_when_stale(once, f"what is kept as {name}")
