"""Taking a file in: bounded, looked at, and stored, as its bytes come."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from bot.attachments.kinds import HEAD, Kinds
from bot.attachments.names import extension_of, safe_name
from bot.errors import FileRefused
from bot.model.messages import IncomingFile
from bot.ports.files import FileStore, StoredFile

MEGABYTE = 1024 * 1024
MOST_FILES = 5  # of a message


@dataclass(frozen=True, slots=True)
class Taken:
    stored: StoredFile
    media_type: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What is taken of files, and where it goes."""

    store: FileStore
    kinds: Kinds
    most_bytes: int = 25 * MEGABYTE

    async def take(self, name: str, chunks: AsyncIterable[bytes]) -> Taken:
        """Store a file as it comes. Raises FileRefused as soon as it is clear that it is not taken; nothing of it is
        stored then. Raises StorageUnavailable, and what `chunks` raises."""
        looked = Looked(chunks, self, name)
        stored = await self.store.put(looked)
        assert looked.media_type is not None
        return Taken(stored, looked.media_type)

    async def receive(self, name: str, chunks: AsyncIterable[bytes]) -> IncomingFile:
        """The same for a message that is about to be told: what is not taken says why."""
        name = safe_name(name)
        try:
            taken = await self.take(name, chunks)
        except FileRefused as error:
            return IncomingFile("", name, "", 0, problem=error.reason)
        key = taken.stored.key
        return IncomingFile(key, name, taken.media_type, taken.stored.size, stored_as=key)

    def objection(self, file: IncomingFile) -> str | None:
        """Why a file is not worth fetching, by what its platform says of it."""
        if file.size > self.most_bytes:
            return "too_large"
        name = safe_name(file.name)
        is_picture = not extension_of(name) and file.media_type.startswith("image/")  # its bytes tell of what kind
        return None if is_picture or self.kinds.may_be(name) else "wrong_type"


class Looked:
    """The chunks of a file, once its beginning has been looked at, for as long as they are not too many."""

    def __init__(self, chunks: AsyncIterable[bytes], rules: Intake, name: str) -> None:
        self._chunks = chunks
        self._rules = rules
        self._name = name
        self.media_type: str | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        head, size = b"", 0
        async for chunk in self._chunks:
            size += len(chunk)
            if size > self._rules.most_bytes:
                raise FileRefused("too_large")
            if self.media_type is not None:
                yield chunk
                continue
            head += chunk
            if len(head) >= HEAD:
                self._look(head)
                yield head
        if not size:
            raise FileRefused("empty")
        if self.media_type is None:
            self._look(head)
            yield head

    def _look(self, head: bytes) -> None:
        self.media_type = self._rules.kinds.media_type(self._name, head[:HEAD])
        if self.media_type is None:
            raise FileRefused("wrong_type")
