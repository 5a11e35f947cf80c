"""Who works now: whose turn it is for a new ticket, what is handed over, and who hears when nobody is there."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from bot.engine.work import Worded, Work
from bot.model.documents import Actions, Button, Document
from bot.model.people import Technician
from bot.model.tickets import Ticket
from bot.model.values import ACTIVE, Language, Role, TicketStatus
from bot.ports.storage import TicketFilter
from bot.tickets import lifecycle
from bot.tickets.summary import handover_lines

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A ticket as it went to somebody else, or to the desk; `was_claimed`: its asker knew who had it."""

    ticket: Ticket
    lines: str
    to: Technician | None
    was_claimed: bool


def can_take(technician: Technician, category: str) -> bool:
    """Whether the category is among somebody's skills; who names none takes everything."""
    return not technician.skills or any(
        category == skill or category.startswith(f"{skill}/") for skill in technician.skills
    )


def whose_turn(
    technicians: Collection[Technician], category: str, *, apart_from: UUID | None = None
) -> Technician | None:
    """Of those on duty who can take the category, whom a ticket reached longest ago; else of all on duty."""
    present = [one for one in technicians if one.on_duty and not one.disabled and one.id != apart_from]
    able = [one for one in present if can_take(one, category)] or present
    return min(able, key=lambda one: (one.assigned_at or LONG_AGO, one.number), default=None)


async def assign_by_turn(work: Work, ticket: Ticket, *, apart_from: UUID | None = None) -> Ticket:
    """Give a ticket to whose turn it is, and tell them; as it is where nobody is on duty.

    It still waits for a human's claim, which anybody may make.
    """
    technicians = await _technicians(work)
    chosen = whose_turn(technicians, ticket.category, apart_from=apart_from)
    if chosen is None:
        return ticket
    work.people[chosen.id] = replace(chosen, assigned_at=work.now)
    work.uow.people.save(work.people[chosen.id])
    ticket = work.save(lifecycle.assigned(ticket, chosen.id, None, work.now))
    await work.tell(
        chosen.person_id,
        lambda language: to_claim(work, "desk.your_turn", language, ticket),
        key=f"turn:{ticket.id}:{chosen.id}",
    )
    return ticket


def to_claim(work: Work, key: str, language: Language, ticket: Ticket, **values: object) -> Document:
    """That a ticket waits for somebody, with the button by which they take it."""
    line = work.line(key, language, reference=ticket.reference, title=ticket.title, **values)
    claim = Button("ticket_claim", work.services.texts("button.claim", language), ticket.reference, "primary")
    return Document((*line.blocks, Actions((claim,))))


async def taken_from_disabled(work: Work, ticket: Ticket) -> Ticket:
    """A ticket that came back, out of the hands of somebody who works here no more: to whose turn it is, else to the
    desk."""
    holder = await work.uow.people.technician(ticket.assignee_id) if ticket.assignee_id else None
    if holder is None or not holder.disabled or not ticket.is_active:
        return ticket
    ticket = work.save(lifecycle.released(ticket, None, work.now))
    if work.services.policy.round_robin:
        ticket = await assign_by_turn(work, ticket)
    await alert_leads(work, ticket)
    return ticket


async def _technicians(work: Work) -> list[Technician]:
    """As they are, with what this work changed of them: two tickets of one hand-over reach two people."""
    return [work.people.get(one.id, one) for one in await work.uow.people.technicians()]


async def alert_leads(work: Work, ticket: Ticket) -> None:
    """Nobody is on duty: the leads hear of the ticket directly, and by e-mail where there is a mail server.

    Where nobody has ever said that they are on duty, duty is not in use and everybody reads the desk's rooms.
    """
    await _tell_leads_if_alone(
        work,
        lambda language: work.line("desk.nobody_on_duty", language, reference=ticket.reference, title=ticket.title),
        str(ticket.id),
    )


async def alert_leads_of_handed_back(work: Work, tickets: Collection[Ticket], name: str) -> None:
    """The last one on duty has gone, and nobody has what they held: the leads hear of all of it at once."""
    references = ", ".join(ticket.reference for ticket in tickets)
    await _tell_leads_if_alone(
        work, lambda language: work.line("desk.nobody_left", language, name=name, references=references), "left"
    )


async def _tell_leads_if_alone(work: Work, worded: Worded, key: str) -> None:
    technicians = await _technicians(work)
    if not any(one.duty_at for one in technicians) or any(one.on_duty and not one.disabled for one in technicians):
        return
    for lead in leads_of(technicians):
        await work.tell(lead.person_id, worded, key=f"alone:{key}:{lead.id}")
        await work.mail(lead.person_id, worded, key=f"mail:{key}:{lead.id}")


def leads_of(technicians: Collection[Technician]) -> list[Technician]:
    """Those who decide at the desk: its leads, else its admins."""
    present = [one for one in technicians if not one.disabled]
    return [one for one in present if one.role is Role.LEAD] or [one for one in present if one.role is Role.ADMIN]


async def hand_over(work: Work, technician: Technician) -> list[HandedOver]:
    """Give back everything somebody holds: to whose turn it is, else to the desk. Returns what went, with two lines
    about each, and to whom."""
    held = await work.uow.tickets.find(
        TicketFilter(statuses=ACTIVE, assignee_id=technician.id),
        "turn",
        limit=500,
    )
    gone: list[HandedOver] = []
    for ticket in held:
        was_claimed = ticket.status is not TicketStatus.OPEN
        lines = await handover_lines(work, ticket)
        chosen = whose_turn(await _technicians(work), ticket.category, apart_from=technician.id)
        if chosen is None:
            ticket = work.save(lifecycle.released(ticket, work.actor_id, work.now))
        else:
            work.people[chosen.id] = replace(work.people.get(chosen.id, chosen), assigned_at=work.now)
            work.uow.people.save(work.people[chosen.id])
            ticket = work.save(lifecycle.assigned(ticket, chosen.id, work.actor_id, work.now))
        gone.append(HandedOver(ticket, lines, chosen, was_claimed))
    return gone
