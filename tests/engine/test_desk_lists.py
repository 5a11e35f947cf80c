"""Lists of tickets: narrowed, sorted, in pages, and of an employee's own only."""

import pytest

from bot.commands import desk_off
from bot.tickets.lifecycle import TRACKED, rebuilt
from tests.engine.at_work import do
from tests.engine.desk import TestDesk


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
    assert "T17" in await do(staffed, "/ticket list page:9")


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


async def test_ones_own_turn_comes_first_and_then_what_is_due_soonest(staffed: TestDesk) -> None:
    await many(staffed, 6)
    await do(staffed, "/ticket claim T2")
    await do(staffed, "/ticket claim T5")
    await do(staffed, "/ticket deadline T5 in 2 hours")
    await do(staffed, "/ticket deadline T4 demain 9h")
    await do(staffed, "/ticket claim T3", "tom")
    await do(staffed, "/ticket wait T3 which one?", "tom")
    await do(staffed, "/ticket claim T6", "tom")
    assert references(await do(staffed, "/ticket list")) == ["T5", "T2", "T4", "T1", "T6", "T3"]
    assert references(await do(staffed, "/ticket list", "tom")) == ["T6", "T4", "T1", "T5", "T2", "T3"]
    assert references(await do(staffed, "/ticket list due")) == ["T5", "T4", "T2", "T1", "T6", "T3"]
    await do(staffed, "/ticket snooze T5 1h")
    assert references(await do(staffed, "/ticket list @tess turn")) == ["T2", "T5"]


async def test_an_employees_turn_is_what_waits_on_them(staffed: TestDesk) -> None:
    for thing in ("chair", "lamp", "desk"):
        await staffed.says(f"/ticket new my {thing} is broken")
    await do(staffed, "/ticket close T1")
    await do(staffed, "/ticket wait T3 which one?")
    assert references(await staffed.says("/ticket mine")) == ["T3", "T2", "T1"]


@pytest.mark.parametrize("listed", ["/ticket mine", "/ticket search chair", "/ticket list"])
async def test_every_list_has_pages_filters_and_sorts(staffed: TestDesk, listed: str) -> None:
    await many(staffed, 17)
    for number in range(1, 18):
        await do(staffed, f"/ticket claim T{number}")
    await do(staffed, "/ticket priority T17 urgent")
    await do(staffed, "/ticket category T16 network")
    first = references(await do(staffed, f"{listed} sort:oldest"))
    assert first == [f"T{number}" for number in range(1, 16)]
    second = await staffed.clicks(f"ticket_{listed.split()[1]}", None, "desk-tess", who="tess")
    assert references(second) == ["T16", "T17"]
    assert references(await do(staffed, f"{listed} priority:urgent")) == ["T17"]
    assert references(await do(staffed, f"{listed} category:NET status:en-cours assignee:tess")) == ["T16"]
    assert references(await do(staffed, f"{listed} tri:récents page:2")) == ["T2", "T1"]


async def test_a_deadline_in_words_is_noted_shown_and_taken_away(staffed: TestDesk) -> None:
    await many(staffed, 1)
    assert "needed by Tue 17 Nov 9:00" in await do(staffed, "/ticket deadline T1 tomorrow 9:00")
    assert "Needed by: Tue 17 Nov 9:00" in await do(staffed, "/ticket show T1")
    assert "by Tue 17 Nov 14:00" in await do(staffed, "/ticket échéance T1 demain 14h")
    assert "Try" in await do(staffed, "/ticket deadline T1 bananas")
    assert "/ticket deadline" in await do(staffed, "/ticket deadline T1")
    assert (await staffed.tickets())[0].deadline_at is not None
    await do(staffed, "/ticket deadline T1 off")
    assert (await staffed.tickets())[0].deadline_at is None
    assert "for technicians" in await staffed.says("/ticket deadline T1 2h", "r0", who="u0")


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("I want to talk to a human, I have a client meeting at 14:30", "Mon 16 Nov 14:30"),
        ("je veux parler à quelqu'un, j'ai une réunion demain à 9h", "Tue 17 Nov 9:00"),
    ],
)
async def test_a_deadline_that_the_person_names_is_on_the_card_by_the_clock(
    staffed: TestDesk, said: str, until: str
) -> None:
    await staffed.says(said)
    assert f"Needed by: {until}" in staffed.posts("desk")[-1]


async def test_one_that_is_named_later_is_noted_too(staffed: TestDesk) -> None:
    await many(staffed, 1)
    await staffed.says("T1 I need it before noon", "r0", who="u0")
    assert "Needed by: Mon 16 Nov 12:00 (« before noon »)" in await do(staffed, "/ticket show T1")
    (ticket,) = await staffed.tickets()
    events = await staffed.storage.unit_of_work().tickets.events(ticket.id)
    assert rebuilt(events) == {name: getattr(ticket, name) for name in TRACKED}


async def test_a_long_history_is_shown_from_its_end_in_pages(staffed: TestDesk) -> None:
    await staffed.says("/ticket new the chair is broken", "r", who="ada")
    for number in range(12):
        await staffed.says(f"/ticket note T1 note number {number}", "desk-tess", who="tess")
        await staffed.says(f"/ticket reply T1 answer number {number}", "desk-tess", who="tess")
    first = await do(staffed, "/ticket show T1")
    assert "answer number 11" in first and "answer number 1\n" not in first
    assert "note number 11" in first and "note number 6" not in first
    assert "Internal notes (8–12 of 12)" in first
    earlier = await staffed.clicks("ticket_show", None, "desk-tess", who="tess")
    assert "note number 6" in earlier and "Opened" not in earlier
    assert "the chair is broken" in earlier
    assert "nothing earlier" in await do(staffed, "/ticket show T1 page:9")
    assert "note number" not in await staffed.says("/ticket show T1 page:2", "r", who="ada")


async def test_an_old_and_wordy_ticket_fits_into_two_messages(staffed: TestDesk) -> None:
    await staffed.says("/ticket new the chair is broken", "r", who="ada")
    for number in range(15):
        await staffed.says(f"/ticket note T1 {number} {'wordy ' * 400}", "desk-tess", who="tess")
        await staffed.says(f"/ticket reply T1 {number} {'wordy ' * 400}", "desk-tess", who="tess")
    assert len(await do(staffed, "/ticket show T1")) < 14_000


async def test_of_many_tickets_the_rest_is_a_button_away(staffed: TestDesk) -> None:
    for number in range(7):
        await staffed.says(f"/ticket new chair number {number} is broken", f"r{number}", who="ada")
    said = await staffed.says("where is my ticket?", "r-status", who="ada")
    assert "And 2 more." in said
    assert "Tickets (7 of 7)" in await staffed.clicks("ticket_mine", None, "r-status", who="ada")


async def test_who_leaves_with_many_tickets_reads_of_some(staffed: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_off, "MOST_SHOWN", 2)
    await many(staffed, 4)
    for number in range(1, 5):
        await do(staffed, f"/ticket claim T{number}")
    said = await do(staffed, "/desk off")
    assert "Handed over (4)" in said and "And 2 more." in said and said.count("→") == 2
