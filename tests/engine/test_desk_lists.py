"""Lists of tickets: narrowed, sorted, in pages, and of an employee's own only."""

import pytest

from bot.model.values import Role
from tests.engine.desk import TestDesk


@pytest.fixture
async def staffed(desk: TestDesk) -> TestDesk:
    for who in ("tess", "tom"):
        await desk.appoint(who)
    await desk.appoint("lea", Role.LEAD)
    return desk


async def do(desk: TestDesk, command: str, who: str = "tess") -> str:
    """What a technician is answered, in a room of their own with the desk."""
    return await desk.says(command, f"desk-{who}", who=who)


async def many(desk: TestDesk, count: int) -> None:
    for number in range(count):
        await desk.says(f"/ticket new chair number {number} is broken", f"r{number}", who=f"u{number}")


async def test_lists_come_in_pages(staffed: TestDesk) -> None:
    await many(staffed, 17)
    first = await do(staffed, "/ticket list")
    assert "1–15" in first
    assert "17" in first
    second = await staffed.clicks("ticket_list", None, "desk-tess", who="tess")
    assert "16–17" in second
    assert "T17" in second
    assert "No ticket is like that" in await do(staffed, "/ticket list page:9")


async def test_lists_are_narrowed_and_sorted(staffed: TestDesk) -> None:
    await many(staffed, 4)
    await do(staffed, "/ticket claim T2")
    await do(staffed, "/ticket priority T3 urgent")
    await do(staffed, "/ticket category T4 network")
    await do(staffed, "/ticket snooze T1 2h")
    assert references(await do(staffed, "/ticket list @me")) == ["T2"]
    assert references(await do(staffed, "/ticket list urgente")) == ["T3"]
    assert references(await do(staffed, "/ticket list category:network open")) == ["T4"]
    assert references(await do(staffed, "/ticket list snoozed")) == ["T1"]
    assert references(await do(staffed, "/ticket list newest")) == ["T4", "T3", "T2", "T1"]
    assert references(await do(staffed, "/ticket list unassigned tri:anciens")) == ["T1", "T3", "T4"]
    assert references(await do(staffed, "/ticket mine")) == ["T2"]
    assert references(await do(staffed, "/ticket list status:closed")) == []
    assert "I do not know the filter “blue”" in await do(staffed, "/ticket list blue")


def references(said: str) -> list[str]:
    return [line.split(":")[0] for line in said.splitlines() if line.startswith("T") and ":" in line.split()[0]]


async def test_searching_finds_closed_ones_too(staffed: TestDesk) -> None:
    await many(staffed, 3)
    await do(staffed, "/ticket close T2")
    assert references(await do(staffed, "/ticket search number 1")) == ["T2"]
    assert references(await do(staffed, "/ticket chercher NUMBER")) == ["T1", "T3", "T2"]


async def test_an_employee_lists_only_their_own(staffed: TestDesk) -> None:
    await many(staffed, 3)
    assert references(await staffed.says("/ticket list", "r1", who="u1")) == ["T2"]
    assert references(await staffed.says("/ticket list all @tess", "r1", who="u1")) == []
    assert references(await staffed.says("/ticket search chair", "r1", who="u1")) == ["T2"]
