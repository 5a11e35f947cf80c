"""The bytes of attachments, for platforms that show them as files of their own."""

from uuid import UUID

from bot.errors import FileMissing, FileRefused
from bot.ports.files import FileStore
from bot.ports.storage import Storage


class StoredContent:
    """The SharedFiles that adapters are given."""

    def __init__(self, storage: Storage, store: FileStore) -> None:
        self._storage = storage
        self._store = store

    async def content(self, id: UUID) -> bytes | None:
        async with self._storage.unit_of_work() as uow:
            found = await uow.attachments.get(id)
        if found is None or found.problem:
            raise FileRefused((found and found.problem) or "gone")
        if found.stored_as is None:
            return None
        try:
            return b"".join([portion async for portion in self._store.open(found.stored_as)])
        except FileMissing as error:
            raise FileRefused("gone") from error
