"""Claims: how many a second, beside a bare conditional UPDATE and two INSERTs on the same engine and pool."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, update

from bot.engine.reruns import rerun_when_stale
from bot.model.conversations import Conversation
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import Person, Technician
from bot.model.tickets import Ticket, TicketEvent
from bot.model.values import Language, TicketStatus, Urgency
from bot.tickets import lifecycle
from storage.models.tickets import tickets
from storage.records import DELIVERIES, EVENTS
from storage.store import SqlStorage, open_storage
from storage.upgrade import upgrade
from tests.bench.figures import Baseline, Figure

TECHNICIANS = 20
DOCUMENT = Document((Paragraph("Tess has taken T1 in hand."),))
PLACE = ConversationRef("test", "T", "dm")
_TAKE = (
    update(tickets)
    .where(tickets.c.id == bindparam("ticket"), tickets.c.status == TicketStatus.OPEN)
    .values(status=TicketStatus.IN_PROGRESS, assignee_id=bindparam("technician"), version=tickets.c.version + 1)
)


def claims(rounds: int, folder: Path, server: Callable[[str], str] | None, say: Callable[[str], None]) -> list[Figure]:
    """On both databases, if there is a server for the second."""
    say(f"{rounds:,} claims by {TECHNICIANS} technicians at once")
    figures = [asyncio.run(on("SQLite", f"sqlite:///{folder / 'claims.db'}", rounds))]
    if server:
        figures.append(asyncio.run(on("PostgreSQL", server("claims"), rounds)))
    return figures


async def on(name: str, url: str, rounds: int) -> Figure:
    await upgrade(url)
    storage = await open_storage(url)
    try:
        crowd, waiting = await fill(storage, 2 * rounds)
        # In turns, so that a machine that slows down slows down both.
        ours, bare = 0.0, 0.0
        step = max(1, rounds // 10)
        for start in range(0, rounds, step):
            ours += await timed(crowd, waiting[start : start + step], lambda *pair: claim(storage, *pair))
            there = waiting[rounds + start : rounds + start + step]
            bare += await timed(crowd, there, lambda *pair: bare_claim(storage, *pair))
    finally:
        await storage.close()
    baseline = Baseline("a bare UPDATE and two INSERTs", rounds / bare)
    return Figure(f"claims on {name}", rounds / ours, "/s", (baseline,), round(rounds / bare / 2, 1), "more")


async def fill(storage: SqlStorage, count: int) -> tuple[list[Technician], list[Ticket]]:
    asker = Person("Ada")
    place = Conversation(PLACE, person_id=asker.id, language=Language.EN)
    crowd, waiting = [], []
    async with storage.unit_of_work() as uow:
        uow.people.add(asker)
        uow.conversations.add(place)
        for number in range(TECHNICIANS):
            person = Person(f"Tech {number}")
            technician = Technician(person.id, number)
            uow.people.add(person)
            uow.people.add(technician)
            crowd.append(technician)
        for number in range(1, count + 1):
            ticket = Ticket(
                number, f"Trouble {number}", "", "mail", Urgency.MEDIUM, asker.id, place.id, "asked",
                datetime.now(UTC), Language.EN,
            )  # fmt: skip
            uow.tickets.add(ticket)
            waiting.append(ticket)
        await uow.commit()
    return crowd, waiting


async def timed(
    crowd: list[Technician], waiting: list[Ticket], take: Callable[[Technician, Ticket], Awaitable[None]]
) -> float:
    """Seconds until every ticket is taken, each technician taking one after the other."""

    async def work(number: int, technician: Technician) -> None:
        for ticket in waiting[number::TECHNICIANS]:
            await take(technician, ticket)

    started = time.perf_counter()
    await asyncio.gather(*(work(number, technician) for number, technician in enumerate(crowd)))
    return time.perf_counter() - started


def asked_at(ticket: Ticket) -> ConversationRef:
    return replace(PLACE, room=f"dm-{ticket.number}")


async def claim(storage: SqlStorage, technician: Technician, ticket: Ticket) -> None:
    """As a handler does: read the ticket, take it, tell the asker, commit; again if another was first."""

    async def once() -> None:
        async with storage.unit_of_work() as uow:
            read = await uow.tickets.get(ticket.id)
            assert read
            change = lifecycle.claimed(read, technician.id, technician.person_id, datetime.now(UTC))
            uow.tickets.save(change.ticket)
            uow.tickets.add_event(change.event)
            uow.outbox.add(Delivery(asked_at(ticket), DOCUMENT, f"claim:{ticket.id}"))
            await uow.commit()

    await rerun_when_stale(once, "a claim")


async def bare_claim(storage: SqlStorage, technician: Technician, ticket: Ticket) -> None:
    """The least that takes a ticket once, leaves a trail and tells the asker: nothing is read, nothing is checked."""
    now = datetime.now(UTC)
    event = EVENTS.encode(TicketEvent(ticket.id, "claimed", now, technician.person_id, TicketStatus.IN_PROGRESS))
    delivery = Delivery(asked_at(ticket), DOCUMENT, f"claim:{ticket.id}")

    def block(connection: Connection) -> None:
        taken = connection.execute(_TAKE, {"ticket": ticket.id, "technician": technician.id})
        assert taken.rowcount == 1
        connection.execute(EVENTS.insert, [event])
        connection.execute(DELIVERIES.insert, [DELIVERIES.encode(delivery)])

    await storage._context.database.write(block)
