"""Tickets are announced where those work who know about them."""

from dataclasses import dataclass

import pytest

from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import DESK_ROOM, OneDeskRoom, TestDesk, make_desk

NETWORK = ConversationRef("test", "T", "desk-network")


@dataclass(frozen=True)
class TwoRooms(OneDeskRoom):
    rooms: tuple[ConversationRef, ...] = (DESK_ROOM, NETWORK)

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return (NETWORK,) if category.split("/")[0] == "network" else (DESK_ROOM,)

    def shows_cards(self, ref: ConversationRef) -> bool:
        return ref.room in (DESK_ROOM.room, NETWORK.room)


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> TestDesk:
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=TwoRooms())
    await made.appoint("tess")
    return made


def rooms(posted: list[Delivery]) -> list[str]:
    return [one.conversation.room for one in posted if one.conversation in (DESK_ROOM, NETWORK)]


async def test_a_card_stands_in_the_room_of_its_category_alone(desk: TestDesk) -> None:
    await desk.says("/ticket new the wifi is down in building B")
    assert rooms(desk.wire.posted) == [NETWORK.room]
    await desk.says("/ticket new my chair is broken", "other", who="bob")
    assert rooms(desk.wire.posted) == [NETWORK.room, DESK_ROOM.room]


async def test_news_of_a_ticket_go_to_its_room(desk: TestDesk) -> None:
    await desk.says("/ticket new the wifi is down in building B")
    await desk.says("T1 in building C, too")
    news = [one for one in desk.wire.posted if "building C" in one.document.text]
    assert {one.conversation.room for one in news} == {NETWORK.room}


async def test_a_ticket_that_is_moved_is_shown_where_it_belongs(desk: TestDesk) -> None:
    await desk.says("/ticket new my chair is broken")
    await desk.says("/ticket category T1 network", "desk-tess", who="tess")
    assert sorted(rooms(desk.wire.posted)) == [DESK_ROOM.room, DESK_ROOM.room, NETWORK.room]
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    assert sorted(rooms(desk.wire.posted[-3:])) == sorted([DESK_ROOM.room, NETWORK.room])
