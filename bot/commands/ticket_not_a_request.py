"""`/ticket not-a-request T12`: nothing was asked of the desk. It counts nowhere; nobody is surveyed."""

from bot.commands.common import may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.model.values import ClosedReason
from bot.tickets import lifecycle
from bot.tickets.places import let_bot_speak, tell_askers


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.not-a-request")
    await may_change(turn, ticket)
    reason = ClosedReason.NOT_A_REQUEST
    closed = stepped(turn, ticket, lambda: lifecycle.closed(ticket, turn.known.person.id, turn.now, reason))
    await let_bot_speak(turn, closed)
    await tell_askers(turn, closed, "ticket.close.tell_asker")
    return await with_fields(turn, closed, "ticket.not_a_request.done", undo=True)


COMMAND = Command("ticket", "not-a-request", run, aliases=("pas-une-demande", "hors-sujet"))
