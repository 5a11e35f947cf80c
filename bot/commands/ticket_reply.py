"""`/ticket reply T12 TEXT`: write to the asker, where they are. Replying claims a ticket that is nobody's."""

from dataclasses import replace

from bot.commands.common import askers_place, how_to_use, not_possible, technician_of, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document, Paragraph, plain
from bot.model.values import TicketStatus
from bot.tickets import lifecycle
from bot.tickets.cards import names_on


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.reply")
    technician = technician_of(turn)
    if not text:
        raise how_to_use(turn, "command.ticket.reply")
    if ticket.assignee_id not in (None, technician.id):
        _, assignee = await names_on(turn, ticket)
        raise InvalidInput(turn.say("ticket.reply.not_sent", reference=ticket.reference, name=assignee or "?"))
    if not ticket.is_active:
        raise not_possible(turn, ticket)
    if ticket.status is TicketStatus.OPEN:
        ticket = turn.save(lifecycle.claimed(ticket, technician.id, turn.known.person.id, turn.now))
    ticket = turn.save(lifecycle.replied(ticket, turn.known.person.id, turn.now))
    place = await askers_place(turn, ticket)
    # Once a human has answered, the bot holds its tongue in that conversation.
    turn.keep(replace(place, silenced=True, matter=replace(place.matter, pending=None)))
    header = turn.services.texts("reply.from", ticket.language, name=turn.known.person.name, reference=ticket.reference)
    document = Document((Paragraph(header), Paragraph(plain(text))))
    turn.post(place, document, author="technician", language=ticket.language)
    asker, _ = await names_on(turn, ticket)
    return turn.document("ticket.reply.done", reference=ticket.reference, name=asker)


COMMAND = Command("ticket", "reply", run, aliases=("repondre", "répondre", "reponse", "réponse"))
