"""`/ticket note T12 TEXT`: an internal note. It is never sent to the asker."""

from bot.commands.common import nothing_said, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets.cards import tell_desk
from bot.tickets.relay import note


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.note")
    if not text and not turn.brings_files:
        raise await nothing_said(turn, ticket, "command.ticket.note")
    if turn.is_unseen:
        await tell_desk(turn, ticket, "desk.noted", name=turn.known.person.name, text=text)
    return note(turn, ticket, text)


COMMAND = Command("ticket", "note", run, aliases=("noter",))
