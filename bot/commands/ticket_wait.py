"""`/ticket wait T12 [TEXT]`: nothing can be done until the person answers; TEXT asks them. The clocks stand."""

from bot.commands.common import may_change, stepped, technician_of, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.relay import send


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.wait")
    await may_change(turn, ticket)
    technician = technician_of(turn)
    waiting = stepped(turn, ticket, lambda: lifecycle.waiting(ticket, technician.id, turn.known.person.id, turn.now))
    if text:
        await send(turn, waiting, text, quietly=True)
    return await with_fields(turn, turn.touched[ticket.id], "ticket.wait.asked" if text else "ticket.wait.done")


COMMAND = Command("ticket", "wait", run, aliases=("attendre", "attente"))
