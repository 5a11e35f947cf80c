"""Trouble that comes again: the third ticket of one person or one device in a category within some weeks."""

from bot.engine.work import Work
from bot.model.tickets import Ticket, TicketLink

BEFORE = 2  # earlier tickets that make it worth a word
SHOWN = 5
UNCATEGORISED = "uncategorised"


async def flag_recurring(work: Work, ticket: Ticket) -> list[Ticket]:
    """Link the ticket with those before it where it is the same trouble again, once; the ones linked, oldest first."""
    top = ticket.category.split("/")[0]
    if top == UNCATEGORISED:
        return []
    links = await work.uow.tickets.links(ticket.id)
    if any(link.kind == "recurring" and link.ticket_id == ticket.id for link in links):
        return []
    earlier = await work.uow.tickets.troubles(ticket, top, work.now - work.services.policy.recurring)
    if len(earlier) < BEFORE:
        return []
    for one in earlier[-SHOWN:]:
        work.uow.tickets.add(TicketLink(ticket.id, one.id, "recurring", work.now))
    work.note_event(ticket, "recurring", others=[str(one.id) for one in earlier[-SHOWN:]])
    return earlier[-SHOWN:]


async def recurring_before(work: Work, ticket: Ticket) -> list[Ticket]:
    """The tickets that it was linked with so, the oldest first."""
    links = await work.uow.tickets.links(ticket.id)
    ids = [link.other_id for link in links if link.kind == "recurring" and link.ticket_id == ticket.id]
    found = await work.uow.tickets.by_ids(ids)
    return sorted(found.values(), key=lambda one: one.number)
