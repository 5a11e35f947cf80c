"""`/ticket release T12`: give a ticket back to the desk."""

from bot.commands.common import may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.release")
    await may_change(turn, ticket)
    ticket = stepped(turn, ticket, lambda: lifecycle.released(ticket, turn.known.person.id, turn.now))
    return await with_fields(turn, ticket, "ticket.release.done")


COMMAND = Command("ticket", "release", run, aliases=("rendre", "liberer", "libérer"))
