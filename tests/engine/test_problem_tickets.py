"""Tickets and the problem behind them: joined, told, resolved with it; and suggested where they read alike."""

from bot.model.values import ClosedReason, TicketStatus
from jobs.suggest_problems import suggest_problems
from tests.engine.outage import TECHNICIAN_ROOM, Outage, open_tickets, problem

SECRET = "GW-7"


async def test_joined_tickets_are_told_and_resolved_with_it_unless_unjoined(outage: Outage) -> None:
    await open_tickets(outage, "the vpn wont connect from home", "cannot reach the vpn", "vpn licence is missing")
    await outage.announce()
    shown = await outage.command("/ticket problem join P1 T1 T2 T3")
    assert SECRET in shown, "the technician reads what the askers will read"
    assert outage.to(await outage.settle()) == {}
    await outage.command("/ticket problem unjoin T3")
    told = outage.to(await outage.tell())
    assert told.keys() == {("test", "p1"), ("test", "p2")}
    await outage.command("/ticket problem end P1 The gateway was replaced.")
    await outage.confirm()
    over = outage.to(await outage.tell())
    assert over.keys() == {("test", "p1"), ("test", "p2")}
    assert "Is it fixed for you?" in over["test", "p1"][0] and "replaced" in over["test", "p1"][0]
    assert [one.status for one in await outage.desk.tickets()] == [
        TicketStatus.RESOLVED,
        TicketStatus.RESOLVED,
        TicketStatus.OPEN,
    ]
    await outage.says("yes", "p1", "p1")
    await outage.says("no, still nothing", "p2", "p2")
    first, second, _ = await outage.desk.tickets()
    assert (first.closed_reason, second.status) == (ClosedReason.CONFIRMED, TicketStatus.OPEN)
    assert outage.to(await outage.tell()) == {}, "who is not settled is not told again"


async def test_a_ticket_of_somebody_who_was_told_joins_by_itself(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.presses("human", "r1", "ann", value="")
    (ticket,) = await outage.desk.tickets()
    assert ticket.problem_id == (await problem(outage)).id
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    assert len(outage.to(await outage.tell())["test", "r1"]) == 1


async def test_several_tickets_that_read_alike_are_suggested_once(outage: Outage) -> None:
    texts = ("VPN is down, error 809", "vpn keeps failing with error 809 today", "the vpn shows error 809")
    await open_tickets(outage, *texts[:2])
    assert await suggest_problems(outage.desk.services) == 0
    await open_tickets(outage, texts[2], "my mailbox is full", first="q")
    assert await suggest_problems(outage.desk.services) == 1
    assert await suggest_problems(outage.desk.services) == 0
    await outage.settle()
    (said,) = [text for text in outage.desk.posts("desk") if "read alike" in text]
    assert all(f"T{number}" in said for number in (1, 2, 3)) and "T4" not in said
    await open_tickets(outage, "error 809 of the vpn", first="s")
    assert await suggest_problems(outage.desk.services) == 0, "the group has only grown"
    answer = await outage.presses("ticket_problem", "desk", "tess", sub="make")
    assert "joined P1" in answer
    assert [bool(ticket.problem_id) for ticket in await outage.desk.tickets()][:3] == [True, True, True]
    assert (await problem(outage)).words


async def test_a_ticket_that_reads_like_a_known_problem_is_offered_to_join_it_once(outage: Outage) -> None:
    await open_tickets(outage, "the vpn wont connect from home")
    await outage.announce()
    assert await suggest_problems(outage.desk.services) == 1
    assert await suggest_problems(outage.desk.services) == 0
    await outage.settle()
    await outage.presses("ticket_problem", "desk", "tess", sub="join")
    (ticket,) = await outage.desk.tickets()
    assert ticket.problem_id == (await problem(outage)).id
    assert "Part of P1" in await outage.command("/ticket show T1")
    assert "Part of P1" not in await outage.says("/ticket show T1", "p1", "p1")


async def test_what_is_not_the_same_is_not_suggested_again(outage: Outage) -> None:
    await open_tickets(outage, "VPN is down, error 809", "vpn keeps failing with error 809", "the vpn shows error 809")
    assert "read alike" in await outage.command("/ticket problem suggest")
    await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="different")
    assert "No open tickets" in await outage.command("/ticket problem suggest")
    assert await suggest_problems(outage.desk.services) == 0


async def test_tickets_of_different_hours_are_not_suggested(outage: Outage) -> None:
    for number, text in enumerate(("VPN is down, error 809", "vpn fails with error 809", "the vpn shows error 809")):
        await open_tickets(outage, text, first=f"h{number}")
        outage.desk.clock.forward(minutes=40)
    assert await suggest_problems(outage.desk.services) == 0
