"""What came of posts heard in public, counted by when they were heard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model.ids import new_id
from bot.model.public import PublicPost
from bot.model.reports import Funnel, Span
from bot.model.tickets import Ticket
from bot.model.values import ClosedReason, TicketStatus
from bot.ports.storage import Storage
from tests.contract.storage.makers import Everything, ticket

WEEK = Span(datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC))
MINUTE = timedelta(minutes=1)


def heard(everything: Everything, native_id: str, at: datetime = WEEK.since, **more: object) -> PublicPost:
    """A post that nothing came of."""
    nothing = {
        "id": new_id(), "native_id": native_id, "token": f"t-{native_id}", "seen_at": at, "sent_at": at, "number": None,
        "complaint": False, "state": "seen", "reply": None, "cards": (), "held_at": None, "decided_at": None,
        "decided_by": None, "replied_at": None, "reply_id": None, "opened_at": None, "verified_at": None,
        "ticket_id": None,
    }  # fmt: skip
    return replace(everything.post, **(nothing | more))  # type: ignore[arg-type]


async def keep(storage: Storage, *records: PublicPost | Ticket) -> None:
    async with storage.unit_of_work() as uow:
        for one in records:
            uow.public.add(one) if isinstance(one, PublicPost) else uow.tickets.add(one)
        await uow.commit()


async def test_each_step_is_counted_of_the_posts_that_were_heard_then(storage: Storage, everything: Everything) -> None:
    at = WEEK.since + MINUTE
    settled = ticket(
        everything.person, everything.conversation, 2, status=TicketStatus.CLOSED, closed_reason=ClosedReason.SILENT
    )
    not_one = ticket(
        everything.person, everything.conversation, 3, status=TicketStatus.CLOSED, closed_reason=ClosedReason.MERGED
    )
    resolved = ticket(everything.person, everything.conversation, 4, status=TicketStatus.RESOLVED)
    active = ticket(everything.person, everything.conversation, 5)
    await keep(storage, settled, not_one, resolved, active)
    await keep(
        storage,
        heard(everything, "1"),
        heard(everything, "2", complaint=True),
        heard(everything, "3", complaint=True, state="held", held_at=at),
        heard(everything, "4", state="left", held_at=at, decided_at=at),
        heard(everything, "5", state="withdrawn", held_at=at, decided_at=at),
        heard(everything, "6", state="approved", held_at=at, decided_at=at, replied_at=at),
        heard(everything, "7", state="answered", held_at=at, decided_at=at, replied_at=at, opened_at=at),
        heard(
            everything, "8", state="answered", replied_at=at, opened_at=at, verified_at=at, ticket_id=settled.id,
            complaint=True,
        ),
        heard(everything, "9", ticket_id=settled.id),
        heard(everything, "10", ticket_id=not_one.id),
        heard(everything, "11", ticket_id=resolved.id),
        heard(everything, "12", ticket_id=active.id),
    )  # fmt: skip
    expected = Funnel(
        seen=12, complaints=3, held=5, approved=2, sent=3, opened=2, verified=1, tickets=4, resolved=2
    )  # fmt: skip
    assert await storage.unit_of_work().reports.funnel(WEEK) == expected


async def test_the_period_is_that_of_hearing_whatever_came_later(storage: Storage, everything: Everything) -> None:
    await keep(
        storage,
        heard(everything, "1", WEEK.since - MINUTE, replied_at=WEEK.since),
        heard(everything, "2", WEEK.since, replied_at=WEEK.until + MINUTE),
        heard(everything, "3", WEEK.until - MINUTE),
        heard(everything, "4", WEEK.until),
    )
    assert await storage.unit_of_work().reports.funnel(WEEK) == Funnel(seen=2, sent=1)


async def test_where_nothing_is_heard_everything_is_none(storage: Storage) -> None:
    assert await storage.unit_of_work().reports.funnel(WEEK) == Funnel()
