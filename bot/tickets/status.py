"""A ticket as its asker sees it."""

from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.model.documents import Fields
from bot.model.tickets import Ticket
from bot.model.values import Language, TicketStatus
from bot.tickets.cards import moment
from bot.tickets.promises import promised_fields


async def status_fields(work: Work, ticket: Ticket, title: str, language: Language, zone: ZoneInfo) -> Fields:
    """Where it stands, who acts next, and by when. `title` is inline Markdown."""
    say = work.services.texts
    assignee = await assignee_name(work, ticket)
    next_key = f"status.next.{ticket.status}" if assignee or ticket.status is not TicketStatus.IN_PROGRESS else ""
    items = [
        (say("field.status", language), say(f"status.{ticket.status}", language)),
        (say("field.next", language), say(next_key or "status.next.open", language, name=assignee or "")),
        (say("field.opened", language), moment(work, ticket.created_at, language, zone)),
        *promised_fields(work, ticket, language, zone),
    ]
    return Fields(tuple(items), title=title)


async def assignee_name(work: Work, ticket: Ticket) -> str | None:
    technician = await work.uow.people.technician(ticket.assignee_id) if ticket.assignee_id else None
    person = await work.uow.people.person(technician.person_id) if technician else None
    return person.name if person else None
