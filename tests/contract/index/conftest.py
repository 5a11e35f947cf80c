"""Every engine that can hold the index: a new one is a line in `ENGINES`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.port import KnowledgeIndex
from tests.knowledge.servers import local_server

Open = Callable[[Path], Awaitable[KnowledgeIndex]]


async def open_server(folder: Path) -> KnowledgeIndex:
    """On the client's local mode, which stands in for a server."""
    index = local_server(folder)
    await index.refresh()
    return index


ENGINES: dict[str, Open] = {"embedded": EmbeddedIndex.open, "server": open_server}


@pytest.fixture(params=ENGINES)
def open_index(request: pytest.FixtureRequest) -> Open:
    """Opens an engine's index at a place; what an earlier one left there is found again."""
    return ENGINES[request.param]


@pytest.fixture
async def index(open_index: Open, tmp_path: Path) -> AsyncIterator[KnowledgeIndex]:
    opened = await open_index(tmp_path / "index")
    yield opened
    await opened.close()
