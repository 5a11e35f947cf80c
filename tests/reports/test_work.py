"""What needs a human now, how the pipeline does, and what has not been handled, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.errors import GuichetError
from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.ids import first_id_at, made_at, new_id
from bot.model.people import Person
from bot.model.reports import Span, StepTimes
from bot.model.tickets import SlaTarget, Ticket, TicketEvent
from bot.model.values import TicketStatus
from bot.ports.storage import Storage
from tests.contract.storage.makers import delivery, room, said, ticket

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def promised(due: datetime, met: datetime | None = None) -> tuple[SlaTarget, ...]:
    return (SlaTarget("first_contact", 3600, due - HOUR, due, met_at=met),)


async def keep(storage: Storage, made: list[Ticket], asker: Person, place: Conversation, *events: TicketEvent) -> None:
    async with storage.unit_of_work() as uow:
        uow.people.add(asker)
        uow.conversations.add(place)
        for one in made:
            uow.tickets.add(one)
        for event in events:
            uow.tickets.add_event(event)
        await uow.commit()


async def test_what_needs_a_human_says_why_and_the_longest_due_is_first(storage: Storage) -> None:
    asker, place = Person("Ada"), Conversation(room())
    busy = {"status": TicketStatus.IN_PROGRESS, "claimed_at": NOW}

    def one(number: int, **more: object) -> Ticket:
        return ticket(asker, place, number, created_at=NOW - number * HOUR, **more)

    unclaimed = one(1)
    overdue = one(2, sla=promised(NOW - 2 * HOUR), **busy)
    fresh = one(3, sla=promised(NOW + HOUR))
    worked_on = one(4, sla=promised(NOW - HOUR, met=NOW - 2 * HOUR), **busy)
    answered, replied, reopened = one(5, **busy), one(6, **busy), one(7, reopened=1, sla=promised(NOW - HOUR))
    asleep = one(8, snoozed_until=NOW + HOUR, sla=promised(NOW - HOUR))
    waiting, over = one(9, status=TicketStatus.WAITING), one(10, status=TicketStatus.CLOSED, closed_at=NOW)
    awake = one(11, snoozed_until=NOW - HOUR)

    def event(of: Ticket, kind: str, minutes_ago: int) -> TicketEvent:
        return TicketEvent(of.id, kind, NOW - timedelta(minutes=minutes_ago), None, of.status)

    await keep(
        storage,
        [unclaimed, overdue, fresh, worked_on, answered, replied, reopened, asleep, waiting, over, awake],
        asker,
        place,
        event(answered, "replied", 20), event(answered, "detail_added", 10), event(answered, "noted", 5),
        event(replied, "detail_added", 20), event(replied, "replied", 10),
        event(reopened, "replied", 30), event(reopened, "reopened", 3),
    )  # fmt: skip
    found = await storage.unit_of_work().reports.in_need(NOW)
    assert [(each.reference, each.needs) for each in found] == [
        ("T2", ("overdue",)),
        ("T7", ("overdue", "reopened")),
        ("T3", ("unclaimed",)),
        ("T11", ("unclaimed",)),
        ("T1", ("unclaimed",)),
        ("T5", ("answered",)),
    ]
    by_reference = {each.reference: each for each in found}
    assert by_reference["T5"].since == NOW - timedelta(minutes=10)
    assert by_reference["T7"].since == NOW - timedelta(minutes=3)
    assert by_reference["T1"].since == unclaimed.created_at
    assert by_reference["T2"].due_at == NOW - 2 * HOUR


async def test_steps_are_those_of_messages_that_came_in_the_span(storage: Storage) -> None:
    place = Conversation(room())
    days = [Span(NOW + n * 24 * HOUR, NOW + (n + 1) * 24 * HOUR) for n in range(3)]
    async with storage.unit_of_work() as uow:
        uow.conversations.add(place)
        for number in range(100):
            day = days[0] if number < 40 else days[1]
            at = day.since + timedelta(seconds=number)
            id = UUID(int=first_id_at(at).int | number)
            uow.conversations.add(Message(place.id, "person", "hi", at, id=id))
            uow.conversations.add_steps([ProcessingStep(id, 1, "retrieve", "ok", float(number + 1))])
        await uow.commit()
    first, second, third = await storage.unit_of_work().reports.steps(days)
    assert first == [StepTimes("retrieve", 40, 20.0, 38.0)]
    assert second == [StepTimes("retrieve", 60, 70.0, 97.0)]
    assert third == []


async def test_ids_tell_when_they_were_made() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    id = new_id()
    after = datetime.now(UTC) + timedelta(milliseconds=1)
    assert before <= made_at(id) <= after
    assert first_id_at(before) < id < first_id_at(after + timedelta(milliseconds=1))


async def test_what_is_not_handled_and_not_sent_is_told_with_its_age(storage: Storage) -> None:
    started = datetime.now(UTC) - timedelta(seconds=1)
    await storage.inbox.receive(said("one", "1", room("a")), said("two", "2", room("b")), said("three", "3", room("c")))
    row, *_ = await storage.inbox.claim("me", HOUR, 1)
    async with storage.unit_of_work() as uow:
        uow.inbox.dead(row, "E-1234 ValueError")
        for number in range(3):
            uow.outbox.add(delivery(f"d{number}", room(f"r{number}")))
        await uow.commit()
    first, *_ = await storage.outbox.claim("me", HOUR, [("slack", "T1")], 1)
    await storage.outbox.failed(first, "channel_not_found")
    reports = storage.unit_of_work().reports
    backlog = {(one.ledger, one.state): one for one in await reports.backlog()}
    assert {key: one.count for key, one in backlog.items()} == {
        ("inbox", "received"): 2,
        ("inbox", "dead"): 1,
        ("outbox", "pending"): 2,
        ("outbox", "failed"): 1,
    }
    assert all(started <= one.oldest <= datetime.now(UTC) + timedelta(seconds=1) for one in backlog.values())
    failed = await reports.failed()
    assert {(one.ledger, one.state, one.platform, one.error) for one in failed} == {
        ("inbox", "dead", "slack", "E-1234 ValueError"),
        ("outbox", "failed", "slack", "channel_not_found"),
    }
    today = Span(started, datetime.now(UTC) + timedelta(seconds=2))
    (handled,) = await reports.handled([today])
    assert (handled.received, handled.dead, handled.p50) == (3, 1, None)
    (row, *_) = await storage.inbox.claim("me", HOUR, 1)
    await storage.inbox.retry(row, started, GuichetError.__name__)
    (row, *_) = await storage.inbox.claim("me", HOUR, 1)
    async with storage.unit_of_work() as uow:
        uow.inbox.done(row)
        await uow.commit()
    (handled,) = await reports.handled([today])
    assert (handled.received, handled.retried, handled.dead) == (3, 1, 1)
    assert handled.p50 is not None and 0 <= handled.p50 < 60_000
    own = replace(today, since=today.until)
    assert (await reports.handled([own]))[0].received == 0
