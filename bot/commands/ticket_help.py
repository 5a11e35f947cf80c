"""`/ticket help`: the commands that one may use, in one's language."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document, Fields


async def run(turn: Turn, argument: str) -> Document:
    allowed = turn.services.commands.allowed(technician=turn.technician is not None)
    items = tuple((turn.say(f"{command.key}.usage"), turn.say(command.key)) for command in allowed)
    return Document((turn.paragraph("command.help"), Fields(items)))


COMMAND = Command("ticket", "help", run, aliases=("aide",), right="anyone")
