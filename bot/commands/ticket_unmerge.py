"""`/ticket unmerge T13`: by itself again, as it was before it was merged."""

from bot.commands.common import stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.duty import taken_from_disabled
from bot.tickets.merging import part


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.unmerge")
    events = await turn.uow.tickets.events(ticket.id)
    parted = stepped(turn, ticket, lambda: lifecycle.unmerged(ticket, events, turn.known.person.id, turn.now))
    parted = await taken_from_disabled(turn, parted)
    into = await turn.uow.tickets.get(ticket.merged_into_id) if ticket.merged_into_id else None
    if into:
        await part(turn, parted, into)
    return await with_fields(turn, parted, "ticket.unmerge.done")


COMMAND = Command("ticket", "unmerge", run, aliases=("separer", "séparer"))
