"""`/ticket close T12 [REASON]`: nothing more is to be done. The asker is told."""

from bot.commands.common import how_to_use, may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.model.values import ClosedReason, TicketStatus
from bot.tickets import lifecycle
from bot.tickets.places import let_bot_speak, tell_askers

REASONS = {
    "silent": ClosedReason.SILENT,
    "silence": ClosedReason.SILENT,
    "cancelled": ClosedReason.CANCELLED,
    "annule": ClosedReason.CANCELLED,
    "annulé": ClosedReason.CANCELLED,
    "not-a-request": ClosedReason.NOT_A_REQUEST,
    "pas-une-demande": ClosedReason.NOT_A_REQUEST,
}


async def run(turn: Turn, argument: str) -> Document:
    ticket, word = await ticket_and_rest(turn, argument, "command.ticket.close")
    reason = REASONS.get(word.lower()) if word else None
    if word and reason is None:
        raise how_to_use(turn, "command.ticket.close")
    await may_change(turn, ticket)
    if reason is None:
        reason = ClosedReason.SILENT if ticket.status is TicketStatus.RESOLVED else ClosedReason.CANCELLED
    why = reason
    closed = stepped(turn, ticket, lambda: lifecycle.closed(ticket, turn.known.person.id, turn.now, why))
    await let_bot_speak(turn, closed)
    await tell_askers(turn, closed, "ticket.close.tell_asker")
    return await with_fields(turn, closed, "ticket.close.done", undo=True)


COMMAND = Command("ticket", "close", run, aliases=("fermer", "clore"))
