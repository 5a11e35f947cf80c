"""An announced problem has one card in the desk's room, edited in place, with a count that keeps up."""

import pytest

from bot.model.documents import Fields
from bot.problems import telling
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk
from tests.engine.outage import DRAFT, Outage, open_tickets


@pytest.fixture
async def outage(sampled: tuple[SqlStorage, Reader]) -> Outage:
    desk = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True))
    await desk.appoint("tess")
    return Outage(desk)


def cards(desk: TestDesk) -> list[tuple[str | None, dict[str, str]]]:
    """What was posted as the problem's card, in order: what it replaced, and its fields."""
    found = []
    for one in desk.wire.posted:
        block = one.document.blocks[0] if one.document.blocks else None
        if one.conversation.room == "desk" and isinstance(block, Fields) and block.title.startswith("P1"):
            found.append((one.replaces, dict(block.items)))
    return found


async def test_one_card_that_counts(outage: Outage) -> None:
    desk = outage.desk
    await outage.command(DRAFT)
    assert cards(desk) == []
    await outage.confirm()
    ((replaced, fields),) = cards(desk)
    assert replaced is None
    assert (fields["People told"], fields["Waiting to hear that it is over"]) == ("0", "0")
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.says("mon vpn ne marche plus", "r2", "bob")
    await outage.presses("problem_subscribe", "r1", "ann")
    posted = cards(desk)
    assert len({replaced for replaced, _ in posted[1:]}) == 1
    assert posted[1][0] is not None
    assert (posted[-1][1]["People told"], posted[-1][1]["Waiting to hear that it is over"]) == ("2", "1")


async def test_it_says_when_it_is_over_and_the_room_is_told_under_it(outage: Outage) -> None:
    desk = outage.desk
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.presses("problem_subscribe", "r1", "ann")
    await outage.command("/ticket problem end P1 | en: It was a disk.")
    await outage.confirm()
    await outage.tell()
    replaced, fields = cards(desk)[-1]
    assert replaced is not None
    assert "over" in fields["Status"].lower()
    assert fields["Waiting to hear that it is over"] == "0"
    lines = [one for one in desk.wire.posted if one.conversation.room == "desk" and one.conversation.thread]
    assert lines
    assert {one.conversation.thread for one in lines} == {replaced}


async def test_taken_back_it_says_so(outage: Outage) -> None:
    await outage.announce()
    await outage.presses("ticket_problem", "desk-tess", "tess", sub="undo")
    assert len(cards(outage.desk)) == 2
    assert cards(outage.desk)[-1][0] is not None


async def test_it_counts_those_who_are_told_in_portions(outage: Outage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PORTION", 1)
    texts = ("cannot reach the vpn", "the vpn hangs", "vpn refuses my certificate")
    await open_tickets(outage, *texts)
    await outage.command("/ticket problem make T1 T2 T3")
    await outage.command(DRAFT.replace("announce VPN down", "announce P1 VPN down"))
    await outage.confirm()
    await outage.tell()
    fields = cards(outage.desk)[-1][1]
    assert (fields["People told"], fields["Waiting to hear that it is over"]) == ("3", "3")
    assert fields["Tickets"] == "T1, T2, T3"
    await outage.command("/ticket problem unjoin T2")
    assert cards(outage.desk)[-1][1]["Tickets"] == "T1, T3"
