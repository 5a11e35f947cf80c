"""The life of a ticket: only legal steps, each with its event, and the trail rebuilds it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import IllegalTransition
from bot.model.ids import new_id
from bot.model.tickets import Ticket
from bot.model.values import ClosedReason, Language, TicketStatus, Urgency
from bot.tickets import lifecycle
from bot.tickets.lifecycle import TRANSITIONS, Change

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ADA, TESS, TOM = new_id(), new_id(), new_id()
TECHNICIANS = (TESS, TOM)


def ticket(**changes: Any) -> Ticket:
    made = Ticket(
        number=1,
        title="Paper jam",
        summary="",
        category="hardware/printers",
        priority=Urgency.MEDIUM,
        asker_id=ADA,
        conversation_id=new_id(),
        opened_because="asked",
        created_at=AT,
        language=Language.EN,
    )
    return replace(made, **changes)


def step(name: str, one: Ticket, at: datetime, who: Any) -> Change:
    match name:
        case "claimed":
            return lifecycle.claimed(one, who, who, at)
        case "released":
            return lifecycle.released(one, who, at)
        case "replied":
            return lifecycle.replied(one, who, at)
        case "detail_added":
            return lifecycle.heard(one, ADA, at, new_id())
        case "resolved":
            return lifecycle.resolved(one, who, who, at, "Done.")
        case "reopened":
            return lifecycle.reopened(one, ADA, at)
        case _:
            return lifecycle.closed(one, who, at, ClosedReason.CONFIRMED)


STEPS = ("claimed", "released", "replied", "detail_added", "resolved", "reopened", "closed")


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(TECHNICIANS)), max_size=30))
def test_whatever_happens_the_ticket_stays_whole_and_its_trail_rebuilds_it(steps: list[tuple[str, Any]]) -> None:
    one, at = ticket(), AT
    trail = [lifecycle.opened(one, ADA).event]
    for name, who in steps:
        at += timedelta(minutes=1)
        before = one
        try:
            change = step(name, one, at, who)
        except IllegalTransition:
            assert one == before
            continue
        one = change.ticket
        trail.append(change.event)
        assert change.event.status is one.status
        assert (one.status is TicketStatus.CLOSED) == (one.closed_at is not None) == (one.closed_reason is not None)
        assert (one.resolved_at is None) or one.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
        assert one.status is not TicketStatus.IN_PROGRESS or one.assignee_id is not None
    assert trail[-1].status is one.status
    assert sum(event.kind == "reopened" for event in trail) == one.reopened
    assert lifecycle.rebuilt(trail) == {name: getattr(one, name) for name in lifecycle.TRACKED}
    assert [event.at for event in trail] == sorted(event.at for event in trail)


@pytest.mark.parametrize("kind", sorted(TRANSITIONS.keys() & set(STEPS)))
@pytest.mark.parametrize("status", [*TicketStatus])
def test_a_step_is_taken_from_where_the_table_says_and_from_nowhere_else(kind: str, status: TicketStatus) -> None:
    one = ticket(status=status, assignee_id=None if status is TicketStatus.OPEN else TESS)
    if status in TRANSITIONS[kind]:
        assert step(kind, one, AT, TESS).ticket.status is TRANSITIONS[kind][status]
    else:
        with pytest.raises(IllegalTransition, match="T1"):
            step(kind, one, AT, TESS)


def test_a_reopened_ticket_keeps_its_technician_until_somebody_claims_it() -> None:
    one = lifecycle.reopened(ticket(status=TicketStatus.RESOLVED, assignee_id=TESS, resolved_at=AT), ADA, AT).ticket
    assert (one.status, one.assignee_id) == (TicketStatus.OPEN, TESS)
    assert lifecycle.claimed(one, TESS, TESS, AT).ticket.status is TicketStatus.IN_PROGRESS
    assert lifecycle.claimed(one, TOM, TOM, AT).ticket.assignee_id == TOM


def test_the_first_reply_is_remembered_as_such() -> None:
    one = lifecycle.claimed(ticket(), TESS, TESS, AT).ticket
    one = lifecycle.replied(one, TESS, AT).ticket
    again = lifecycle.replied(one, TESS, AT + timedelta(hours=1)).ticket
    assert again.first_reply_at == AT
    assert again.claimed_at == AT


def test_the_persons_words_end_the_waiting() -> None:
    one = ticket(status=TicketStatus.WAITING, assignee_id=TESS)
    assert lifecycle.heard(one, ADA, AT, new_id()).ticket.status is TicketStatus.IN_PROGRESS
