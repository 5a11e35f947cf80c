"""`/ticket link T12 T13`: two tickets that belong together; `unlink` is the same command once more."""

from bot.commands.common import how_to_use, named_ticket, references_in, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.tickets import TicketLink


async def run(turn: Turn, argument: str) -> Document:
    ticket, rest = await ticket_and_rest(turn, argument, "command.ticket.link")
    numbers = references_in(rest)
    if not numbers:
        raise how_to_use(turn, "command.ticket.link")
    other = await named_ticket(turn, numbers[0])
    if other.id == ticket.id:
        raise InvalidInput(turn.say("ticket.link.itself", reference=ticket.reference))
    for link in await turn.uow.tickets.links(ticket.id):
        if link.kind == "related" and {link.ticket_id, link.other_id} == {ticket.id, other.id}:
            turn.uow.tickets.remove(link)
            turn.note_event(ticket, "unlinked", other=str(other.id))
            return turn.document("ticket.link.undone", reference=ticket.reference, other=other.reference)
    turn.uow.tickets.add(TicketLink(ticket.id, other.id, "related", turn.now, turn.known.person.id))
    turn.note_event(ticket, "linked", other=str(other.id))
    return turn.document("ticket.link.done", reference=ticket.reference, other=other.reference)


COMMAND = Command("ticket", "link", run, aliases=("lier", "unlink", "delier", "délier"))
