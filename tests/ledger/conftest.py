"""A home with indexed samples, from the engine's tests, a database with a clock, and what kills processes."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.ports.storage import Storage
from storage.store import open_storage
from tests.engine.conftest import sampled_home as sampled_home
from tests.engine.desk import FakeClock
from tests.ledger.nursery import Nursery


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path / "desk.log") as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def clocked(sqlite_url: str, clock: FakeClock) -> AsyncIterator[Storage]:
    storage = await open_storage(sqlite_url, clock=clock)
    yield storage
    await storage.close()
