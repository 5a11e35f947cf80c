"""`/ticket resolve T12 TEXT`: done; TEXT tells the asker what was done, and they are asked to confirm."""

from dataclasses import replace

from bot.commands.common import (
    askers_place,
    how_to_use,
    not_possible,
    technician_of,
    ticket_and_rest,
    with_fields,
)
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.conversations import AwaitsConfirmation, Matter
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.tickets import lifecycle
from bot.tickets.cards import names_on


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.resolve")
    technician = technician_of(turn)
    if not text:
        raise how_to_use(turn, "command.ticket.resolve")
    if ticket.assignee_id not in (None, technician.id):
        _, assignee = await names_on(turn, ticket)
        raise InvalidInput(turn.say("ticket.not_yours", reference=ticket.reference, name=assignee or "?"))
    try:
        change = lifecycle.resolved(ticket, technician.id, turn.known.person.id, turn.now, text)
    except IllegalTransition as error:
        raise not_possible(turn, ticket) from error
    ticket = turn.save(change)
    place = await askers_place(turn, ticket)
    waits = Matter(pending=AwaitsConfirmation(ticket.reference))
    turn.keep(replace(place, silenced=False, matter=waits))
    say, language = turn.services.texts, ticket.language
    buttons = (
        Button("confirm", say("button.confirm", language), ticket.reference, "primary"),
        Button("reopen", say("button.not_settled", language), ticket.reference),
    )
    told = say("ticket.resolve.tell_asker", language, name=turn.known.person.name, reference=ticket.reference)
    ask = Paragraph(say("ticket.resolve.ask", language))
    document = Document((Paragraph(told), Paragraph(plain(text)), ask, Actions(buttons)))
    turn.post(place, document, author="technician", language=language)
    return await with_fields(turn, ticket, "ticket.resolve.done")


COMMAND = Command("ticket", "resolve", run, aliases=("resoudre", "résoudre", "resolu", "résolu"))
