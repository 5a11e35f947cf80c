"""A ticket that was opened while the desk had no room is shown once it has one."""

from dataclasses import replace

import pytest

from bot.model.documents import Actions
from jobs.announce_tickets import NOT_BEFORE, announce_tickets, anything_unannounced
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk


@pytest.fixture
def blind(sampled: tuple[SqlStorage, Reader]) -> TestDesk:
    """A desk whose room nobody has found yet."""
    return make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(rooms=()))


def with_its_room(desk: TestDesk) -> TestDesk:
    return TestDesk(desk.storage, replace(desk.services, desk=OneDeskRoom(cards=True)), desk.wire, desk.clock)


async def test_its_card_comes_once(blind: TestDesk) -> None:
    await blind.says("/ticket new the chair is broken")
    await blind.says("/ticket new the lamp is broken", "other", who="bob")
    assert not blind.posts("desk") and not await anything_unannounced(blind.services)
    desk = with_its_room(blind)
    assert await anything_unannounced(desk.services)
    assert await announce_tickets(desk.services) == 2
    assert not await anything_unannounced(desk.services) and await announce_tickets(desk.services) == 0
    await desk.settle()
    first, second = desk.posts("desk")
    assert "T1" in first and "chair" in first and "T2" in second
    buttons = [
        one.action
        for block in desk.wire.posted[-1].document.blocks
        if isinstance(block, Actions)
        for one in block.buttons
    ]
    assert {"ticket_claim", "ticket_resolve"} <= set(buttons)


async def test_what_is_over_or_old_is_left_to_the_lists(blind: TestDesk) -> None:
    await blind.appoint("tess")
    await blind.says("/ticket new the chair is broken")
    await blind.says("/ticket not-a-request T1", "desk-tess", who="tess")
    await blind.says("/ticket new the lamp is broken", "other", who="bob")
    desk = with_its_room(blind)
    desk.clock.forward(seconds=NOT_BEFORE.total_seconds() + 1)
    assert not await anything_unannounced(desk.services)


async def test_a_ticket_with_its_card_gets_no_other(desk: TestDesk) -> None:
    shown = with_its_room(desk)
    await shown.says("/ticket new the chair is broken")
    assert len(shown.posts("desk")) == 1
    assert not await anything_unannounced(shown.services)
