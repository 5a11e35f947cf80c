"""`/ticket snooze T12 WHEN`: out of the way until then; the person's words wake it. `off` wakes it now."""

from bot.commands.common import how_to_use, may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.promises import dated
from bot.understanding.moments import moment_from

OFF = ("off", "fin", "now", "maintenant", "reveil", "réveil", "wake")
BY_BUTTON = "tomorrow"  # what a press without words means


async def run(turn: Turn, argument: str) -> Document:
    ticket, words = await ticket_and_rest(turn, argument, "command.ticket.snooze")
    await may_change(turn, ticket)
    if words.lower() in OFF:
        ticket = stepped(turn, ticket, lambda: lifecycle.woken(ticket, turn.known.person.id, turn.now))
        return await with_fields(turn, ticket, "ticket.snooze.off")
    if not words and not turn.is_click:
        raise how_to_use(turn, "command.ticket.snooze")
    until = moment_from(words or BY_BUTTON, turn.now, turn.zone)
    if until is None:
        raise InvalidInput(turn.say("ticket.snooze.when", words=words[:60]))
    ticket = stepped(turn, ticket, lambda: lifecycle.snoozed(ticket, until, turn.known.person.id, turn.now))
    return await with_fields(turn, ticket, "ticket.snooze.done", until=dated(turn, until, turn.language))


COMMAND = Command("ticket", "snooze", run, aliases=("reporter", "differer", "différer"))
