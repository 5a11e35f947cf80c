"""A thousand tickets, twenty technicians in three processes: each ticket goes to one, and the others are told."""

import subprocess
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from bot.model.messages import ConversationRef
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter
from storage.store import SqlStorage
from tests.ledger.claims import Crowd, arguments, fill, wanted

TICKETS, TECHNICIANS, EVERY = 1_000, 20, 8  # each ticket is wanted by two or three of them
ROOT = Path(__file__).resolve().parents[2]


async def test_each_ticket_is_claimed_once_and_the_losers_are_told(storage: SqlStorage, database_url: str) -> None:
    await fill(storage, TECHNICIANS, TICKETS)
    crowds = [Crowd(database_url, first, last, TICKETS, EVERY) for first, last in ((0, 7), (7, 14), (14, TECHNICIANS))]
    processes = [
        subprocess.Popen(arguments(crowd), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: ASYNC220
        for crowd in crowds
    ]
    try:
        for process in processes:
            assert process.stdout and process.stdout.readline() == "ready\n"
        started = time.perf_counter()
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.wait(timeout=300) for process in processes] == [0, 0, 0]
        seconds = time.perf_counter() - started
    finally:
        for process in processes:
            process.kill()
            process.communicate()

    tries = Counter(
        ticket for crowd in crowds for who in range(crowd.first, crowd.last) for ticket in wanted(crowd, who)
    )
    assert set(tries) == set(range(1, TICKETS + 1))
    assert min(tries.values()) >= 2
    tickets = storage.unit_of_work().tickets
    found = await tickets.find(TicketFilter(statuses=(TicketStatus.IN_PROGRESS,)), limit=TICKETS + 1)
    assert len(found) == TICKETS
    for ticket in found[::50]:
        events = await tickets.events(ticket.id)
        assert [event.kind for event in events] == ["opened", "claimed"]
        assert events[1].detail["set"]["assignee_id"] == [None, str(ticket.assignee_id)]

    async with storage.unit_of_work() as uow:
        answers: Counter[str] = Counter()
        for crowd in crowds:
            for who in range(crowd.first, crowd.last):
                for number in wanted(crowd, who):
                    place = await uow.conversations.by_ref(ConversationRef("test", "T", f"desk-{who}-{number}"))
                    assert place
                    said = [one.text for one in await uow.conversations.messages(place.id) if one.author == "bot"]
                    assert len(said) == 1, said
                    answers["won" if "is yours" in said[0] else "lost" if "Tech" in said[0] else said[0]] += 1
    assert answers == {"won": TICKETS, "lost": tries.total() - TICKETS}
    claims = await storage._context.database.read(
        lambda connection: connection.execute(
            text("select count(*) from ticket_events where kind = 'claimed'")
        ).scalar()
    )
    assert claims == TICKETS
    print(f"\n{tries.total():,} claims of {TICKETS:,} tickets in {seconds:.1f} s on {storage.dialect}")
