"""`/ticket deadline T12 WHEN`: the person needs it by then; `off`: by no moment of theirs. Lists sort by it."""

from bot.commands.common import how_to_use, may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.commands.ticket_snooze import OFF
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.promises import dated
from bot.understanding.moments import moment_from


async def run(turn: Turn, argument: str) -> Document:
    ticket, words = await ticket_and_rest(turn, argument, "command.ticket.deadline")
    if not words:
        raise how_to_use(turn, "command.ticket.deadline")
    await may_change(turn, ticket)
    me = turn.known.person.id
    if words.lower() in OFF:
        ticket = stepped(turn, ticket, lambda: lifecycle.due_set(ticket, None, None, me, turn.now))
        return await with_fields(turn, ticket, "ticket.deadline.off")
    until = moment_from(words, turn.now, turn.zone)
    if until is None:
        raise InvalidInput(turn.say("ticket.snooze.when", words=words[:60]))
    ticket = stepped(turn, ticket, lambda: lifecycle.due_set(ticket, None, until, me, turn.now))
    return await with_fields(turn, ticket, "ticket.deadline.done", until=dated(turn, until, turn.language))


COMMAND = Command("ticket", "deadline", run, aliases=("echeance", "échéance", "due"))
