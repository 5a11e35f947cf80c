from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import SqlStorage
from tests.adapters.web.contact.desk import ContactDesk, contact_desk


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[ContactDesk]:
    async with contact_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened
