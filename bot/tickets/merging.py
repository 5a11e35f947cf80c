"""Taking a merged ticket out of the other again."""

from bot.engine.work import Work
from bot.model.tickets import Ticket
from bot.tickets.places import askers_places


async def part(work: Work, ticket: Ticket, into: Ticket) -> None:
    """The other ticket is no longer answered where this one was asked, unless it was asked there too."""
    mine = {place.id for place in await askers_places(work, ticket)}
    for shown in await work.uow.tickets.places(into.id):
        if shown.side == "asker" and shown.conversation_id in mine and shown.conversation_id != into.conversation_id:
            work.uow.tickets.remove(shown)
    for link in await work.uow.tickets.links(ticket.id):
        if link.kind == "merged" and link.ticket_id == ticket.id:
            work.uow.tickets.remove(link)
    work.note_event(into, "parted", other=str(ticket.id))
    for place in await askers_places(work, ticket):
        told = work.line("ticket.unmerge.tell_asker", ticket.language, reference=ticket.reference)
        work.post(place, told, language=ticket.language)
