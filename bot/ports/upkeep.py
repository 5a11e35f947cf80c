"""What keeps the desk in order beside its work: backups, the folder of documents, old rows."""

from pathlib import Path
from typing import Protocol


class Archive(Protocol):
    async def write(self, file: Path) -> int:
        """Save the whole database to `file`; return how many rows. Raises BackupError, StorageUnavailable."""
        ...

    async def verify(self, file: Path) -> int:
        """Restore `file` into a database made for that alone, and look at what is there; return how many rows.

        Raises BackupError when it is not a whole backup, or nothing can be made of it.
        """
        ...


class KnowledgeFolder(Protocol):
    async def has_changed(self) -> bool:
        """Whether there may be anything new in it."""
        ...

    async def sync(self) -> int:
        """Bring the articles to the state of the folder; return how many changed. Raises LoadError."""
        ...
