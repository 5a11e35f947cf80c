"""Emoji that mean something on a ticket's card, or in the thread under it: what the buttons do, for technicians."""

from bot.engine.rules.commands import run
from bot.engine.turn import Answer, Turn
from bot.model.messages import ReactionCue
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind, Urgency
from bot.tickets.threads import ticket_of_thread


async def reacted(turn: Turn, cue: ReactionCue) -> Answer:
    """Carried out for technicians; of anybody else, or elsewhere, an emoji is only an emoji."""
    ticket = await ticket_of_thread(turn)
    if ticket is None or turn.technician is None:
        return Answer(AnswerKind.COMMAND, None, turn.matter, ticket=ticket)
    match cue:
        case "claim":
            return await run(turn, "claim", ticket.reference)
        case "urgent":
            return await run(turn, "priority", f"{ticket.reference} {Urgency.URGENT}")
        case _:
            return await resolved(turn, ticket)


async def resolved(turn: Turn, ticket: Ticket) -> Answer:
    """Without words and without a write-up: the person reads a sentence of the catalogue, the technician is offered to
    write it up."""
    words = turn.services.texts.plain("ticket.resolve.without_words", ticket.language)
    return await run(turn, "resolve", f"{ticket.reference} {words}")
