"""Tickets that became one and are two again: each asker reads what is theirs, whoever else acts at the same time."""

import pytest

from bot.model.values import TicketStatus
from tests.engine.at_work import do
from tests.engine.desk import TestDesk

SECRET = "xylophone"


@pytest.fixture
async def opened(desk: TestDesk) -> TestDesk:
    """Ada's ticket T1 and Bob's T2."""
    for who in ("tess", "tom"):
        await desk.appoint(who)
    await desk.says("/ticket new my chair is broken")
    await desk.says("/ticket new the chair of Ada fell apart", "bobs", who="bob")
    return desk


async def test_two_tickets_merged_into_each_other_at_once_are_merged_once(opened: TestDesk) -> None:
    await opened.receive(
        opened.message("/ticket merge T1 T2", "desk-tess", who="tess"),
        opened.message("/ticket merge T2 T1", "desk-tom", who="tom"),
    )
    await opened.settle()
    merged = [one for one in await opened.tickets() if one.merged_into_id]
    assert len(merged) == 1
    assert "T" in await opened.says(f"{merged[0].reference} is still broken", "dm" if merged[0].number == 1 else "bobs",
                                    who="ada" if merged[0].number == 1 else "bob")  # fmt: skip


async def test_nothing_is_merged_into_what_is_closed_at_the_same_time(opened: TestDesk) -> None:
    await opened.receive(
        opened.message("/ticket merge T2 T1", "desk-tess", who="tess"),
        opened.message("/ticket close T1", "desk-tom", who="tom"),
    )
    await opened.settle()
    one, two = await opened.tickets()
    assert one.status is TicketStatus.CLOSED
    if two.merged_into_id:  # the merge was first
        async with opened.storage.unit_of_work() as uow:
            kinds = [event.kind for event in await uow.tickets.events(one.id)]
        assert kinds.index("absorbed") < kinds.index("closed")


async def test_once_parted_nothing_of_the_other_reaches_who_was_merged(opened: TestDesk) -> None:
    await do(opened, "/ticket merge T2 T1")
    opened.clock.forward(minutes=1)
    await opened.says("T2 the armrest is broken too", "bobs2", who="bob")
    await do(opened, f"/ticket reply T1 first {SECRET}")
    assert SECRET in opened.posts("bobs2")[-1]
    await do(opened, "/ticket unmerge T2")
    before = len(opened.posts("bobs")), len(opened.posts("bobs2"))
    await do(opened, f"/ticket reply T1 second {SECRET}")
    assert SECRET in opened.posts()[-1]
    assert (len(opened.posts("bobs")), len(opened.posts("bobs2"))) == before
    await do(opened, "/ticket reply T2 yours")
    assert "yours" in opened.posts("bobs")[-1]


async def test_once_parted_a_yes_to_the_other_is_no_answer(opened: TestDesk) -> None:
    await do(opened, "/ticket merge T2 T1")
    await do(opened, "/ticket resolve T1 glued")
    await do(opened, "/ticket unmerge T2")
    await opened.says("yes", "bobs", who="bob")
    assert [one.status for one in await opened.tickets()] == [TicketStatus.RESOLVED, TicketStatus.OPEN]


async def test_who_asked_another_merged_ticket_stays(opened: TestDesk) -> None:
    await opened.says("/ticket new another chair is broken", "bobs3", who="bob")
    await do(opened, "/ticket merge T2 T1")
    await do(opened, "/ticket merge T3 T1")
    await do(opened, "/ticket unmerge T2")
    await do(opened, f"/ticket reply T1 {SECRET}")
    assert SECRET in opened.posts("bobs3")[-1]
    assert not [post for post in opened.posts("bobs") if SECRET in post]


async def test_what_the_asker_says_of_a_merged_ticket_goes_to_the_other(opened: TestDesk) -> None:
    await do(opened, "/ticket merge T2 T1")
    assert "T1" in await opened.says("/ticket reopen T2", "bobs", who="bob")
    assert len(await opened.tickets()) == 2
    await do(opened, "/ticket resolve T1 glued")
    await opened.clicks("reopen", "T2", "bobs", who="bob")
    assert [one.status for one in await opened.tickets()] == [TicketStatus.OPEN, TicketStatus.CLOSED]


async def test_who_comes_back_after_the_end_gets_a_ticket_in_their_own_words(opened: TestDesk) -> None:
    await do(opened, "/ticket merge T2 T1")
    await do(opened, "/ticket close T1")
    said = await opened.clicks("reopen", "T2", "bobs", who="bob")
    assert "T3" in said and "my chair" not in said
    assert (await opened.tickets())[2].title == "the chair of Ada fell apart"


async def test_parted_from_a_ticket_that_became_part_of_a_third_nothing_of_that_is_read_either(
    opened: TestDesk,
) -> None:
    await opened.says("/ticket new chairs break everywhere", "cems", who="cem")
    await do(opened, "/ticket merge T2 T1")
    await do(opened, "/ticket merge T1 T3")
    await do(opened, "/ticket reply T3 to all")
    assert [room for room in ("dm", "bobs", "cems") if "to all" in opened.posts(room)[-1]] == ["dm", "bobs", "cems"]
    await do(opened, "/ticket unmerge T2")
    await do(opened, f"/ticket reply T3 {SECRET}")
    assert [room for room in ("dm", "bobs", "cems") if SECRET in opened.posts(room)[-1]] == ["dm", "cems"]
