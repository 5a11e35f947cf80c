"""`/ticket priority T12 high`: how much it matters. What is promised follows."""

from bot.commands.common import nothing_said, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.words import PRIORITIES


async def run(turn: Turn, argument: str) -> Document:
    ticket, word = await ticket_and_rest(turn, argument, "command.ticket.priority")
    priority = PRIORITIES.get(word.lower())
    if priority is None:
        raise await nothing_said(turn, ticket, "command.ticket.priority")
    ticket = stepped(turn, ticket, lambda: lifecycle.prioritised(ticket, priority, turn.known.person.id, turn.now))
    return await with_fields(turn, ticket, "ticket.priority.done", priority=turn.say(f"priority.{priority}"))


COMMAND = Command("ticket", "priority", run, aliases=("priorite", "priorité", "urgence"))
