"""Every file store there is: a folder, and a database of either kind. Two of a kind share what they store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports.files import FileStore
from storage.files.disk import DiskFiles
from storage.store import open_storage


@pytest.fixture(params=["disk", "sqlite", "postgresql"])
async def replicas(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[FileStore, FileStore]]:
    """The same store as two processes have it."""
    if request.param == "disk":
        yield DiskFiles(tmp_path / "files"), DiskFiles(tmp_path / "files")
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    one, other = await open_storage(url), await open_storage(url)
    yield one.files, other.files
    await one.close()
    await other.close()


@pytest.fixture
def store(replicas: tuple[FileStore, FileStore]) -> FileStore:
    return replicas[0]
