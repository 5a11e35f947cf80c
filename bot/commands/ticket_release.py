"""`/ticket release T12`: give a ticket back to the desk."""

from bot.commands.common import not_possible, technician_of, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.documents import Document
from bot.model.values import Role
from bot.tickets import lifecycle
from bot.tickets.cards import names_on


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.release")
    technician = technician_of(turn)
    if ticket.assignee_id not in (None, technician.id) and technician.role is Role.TECHNICIAN:
        _, assignee = await names_on(turn, ticket)
        raise InvalidInput(turn.say("ticket.not_yours", reference=ticket.reference, name=assignee or "?"))
    try:
        ticket = turn.save(lifecycle.released(ticket, turn.known.person.id, turn.now))
    except IllegalTransition as error:
        raise not_possible(turn, ticket) from error
    return await with_fields(turn, ticket, "ticket.release.done")


COMMAND = Command("ticket", "release", run, aliases=("rendre", "liberer", "libérer"))
