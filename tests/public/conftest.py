"""The desk of the engine's tests, heard in public, with technicians and a room in which cards stand."""

import pytest

from bot.model.values import Role
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.conftest import desk, sampled, sampled_home, sampled_index, staffed
from tests.engine.desk import OneDeskRoom, make_desk
from tests.public.stage import Stage

__all__ = ["desk", "sampled", "sampled_home", "sampled_index", "staffed", "stage"]


@pytest.fixture
async def stage(sampled: tuple[SqlStorage, Reader]) -> Stage:
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True, forms=True))
    for who in ("tess", "tom"):
        await made.appoint(who)
    await made.appoint("lea", Role.LEAD)
    stage = Stage(made)
    stage.settle_policy()
    return stage
