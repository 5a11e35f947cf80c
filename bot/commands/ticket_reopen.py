"""`/ticket reopen T12`: not settled after all. The asker may reopen their own; it keeps its assignee."""

from bot.commands.common import askers_place, not_possible, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition
from bot.model.documents import Document, Paragraph
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.reopen")
    try:
        ticket = turn.save(lifecycle.reopened(ticket, turn.known.person.id, turn.now))
    except IllegalTransition as error:
        raise not_possible(turn, ticket) from error
    if ticket.asker_id == turn.known.person.id:
        await tell_desk(turn, ticket, "desk.reopened", name=turn.known.person.name, text=text)
    else:
        place = await askers_place(turn, ticket)
        sentence = turn.services.texts("ticket.reopen.tell_asker", ticket.language, reference=ticket.reference)
        turn.post(place, Document((Paragraph(sentence),)), language=ticket.language)
    return await with_fields(turn, ticket, "ticket.reopen.done")


COMMAND = Command("ticket", "reopen", run, aliases=("rouvrir",), right="anyone")
