"""Every engine that can hold the index: a new one is a line in `ENGINES`, and a way to open it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.port import KnowledgeIndex
from knowledge.index.server import ServerIndex
from tests.fakes.qdrant import FakeQdrant, in_memory, running
from tests.knowledge.servers import local_server

Open = Callable[[Path], Awaitable[KnowledgeIndex]]

ENGINES = ("embedded", "local", "server")  # local: qdrant-client without a server; server: over HTTP


@pytest.fixture(params=ENGINES)
async def open_index(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens an engine's index at a place; what an earlier one left there is found again."""
    match request.param:
        case "embedded":
            yield EmbeddedIndex.open
        case "local":
            yield open_local
        case _:
            async with running(FakeQdrant(in_memory(), key="secret")) as server:

                async def open_server(place: Path) -> KnowledgeIndex:
                    index = ServerIndex.to(server.url, key="secret", alias=place.name)
                    await index.refresh()
                    return index

                yield open_server


async def open_local(folder: Path) -> KnowledgeIndex:
    index = local_server(folder)
    await index.refresh()
    return index


@pytest.fixture
async def index(open_index: Open, tmp_path: Path) -> AsyncIterator[KnowledgeIndex]:
    opened = await open_index(tmp_path / "index")
    yield opened
    await opened.close()
