"""The desk of the engine's tests, where buttons open forms."""

from collections.abc import AsyncIterator

import pytest

from bot.model.values import Role
from bot.reception import DeskReception
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.conftest import sampled, sampled_home, sampled_index  # noqa: F401  # fixtures
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> AsyncIterator[TestDesk]:  # noqa: F811
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True, forms=True))
    for who in ("tess", "tom"):
        await made.appoint(who)
    await made.appoint("lea", Role.LEAD)
    yield made


@pytest.fixture
def reception(desk: TestDesk) -> DeskReception:
    return DeskReception(desk.services)
