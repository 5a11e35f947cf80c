"""`/ticket close T12 [REASON]`: nothing more is to be done. The asker is told."""

from dataclasses import replace

from bot.commands.common import askers_place, how_to_use, not_possible, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition
from bot.model.documents import Document, Paragraph
from bot.model.values import ClosedReason, TicketStatus
from bot.tickets import lifecycle

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
    if reason is None:
        reason = ClosedReason.SILENT if ticket.status is TicketStatus.RESOLVED else ClosedReason.CANCELLED
    try:
        ticket = turn.save(lifecycle.closed(ticket, turn.known.person.id, turn.now, reason))
    except IllegalTransition as error:
        raise not_possible(turn, ticket) from error
    place = await askers_place(turn, ticket)
    turn.keep(replace(place, silenced=False, matter=replace(place.matter, pending=None)))
    sentence = turn.services.texts("ticket.close.tell_asker", ticket.language, reference=ticket.reference)
    turn.post(place, Document((Paragraph(sentence),)), language=ticket.language)
    return await with_fields(turn, ticket, "ticket.close.done")


COMMAND = Command("ticket", "close", run, aliases=("fermer", "clore"))
