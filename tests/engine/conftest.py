"""A desk on SQLite with the sample articles, indexed once for all tests of a worker."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.app import SAMPLES, SAMPLES_ORIGIN
from bot.categories import Categories
from bot.model.values import Role
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from knowledge.sync import sync_folder
from storage.store import SqlStorage, open_storage
from tests.engine.desk import TestDesk, make_desk
from tests.engine.outage import Outage
from tests.homes import copy_file, copy_home


@pytest.fixture(scope="session")
def sampled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that holds the samples, and their index: to be copied."""
    home = tmp_path_factory.mktemp("sampled")

    async def fill() -> None:
        storage = await open_storage(str(home / "guichet.db"))
        index = await EmbeddedIndex.open(home / "index")
        report = await sync_folder(storage.unit_of_work, SAMPLES, Categories.load(None), SAMPLES_ORIGIN)
        assert not report.errors
        await IndexFollower(storage.unit_of_work, index).catch_up()
        await index.close()
        await storage.close()

    asyncio.run(fill())
    return home


@pytest.fixture(scope="session")
def sampled_index(sampled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The index of the samples, open for all tests of a worker that only search."""
    copied = tmp_path_factory.mktemp("searched") / "index"
    copy_home(sampled_home / "index", copied)
    index = asyncio.run(EmbeddedIndex.open(copied))
    yield index
    asyncio.run(index.close())


@pytest.fixture
async def sampled(
    sampled_home: Path, sampled_index: Reader, tmp_path: Path
) -> AsyncIterator[tuple[SqlStorage, Reader]]:
    """A database of its own with the samples, and their index, which the test shares with others."""
    file = tmp_path / "home" / "guichet.db"
    file.parent.mkdir()
    copy_file(sampled_home / file.name, file)
    storage = await open_storage(str(file))
    yield storage, sampled_index
    await storage.close()


@pytest.fixture
def desk(sampled: tuple[SqlStorage, Reader]) -> TestDesk:
    storage, index = sampled
    return make_desk(storage, HybridRetriever(index))


@pytest.fixture
async def staffed(desk: TestDesk) -> TestDesk:
    """With the technicians tess and tom, and lea, who leads."""
    for who in ("tess", "tom"):
        await desk.appoint(who)
    await desk.appoint("lea", Role.LEAD)
    return desk


@pytest.fixture
async def outage(desk: TestDesk) -> Outage:
    """The desk on two platforms, with the technicians tess and tom."""
    await desk.appoint("tess")
    await desk.appoint("tom")
    return Outage(desk)
