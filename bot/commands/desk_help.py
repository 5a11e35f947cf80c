"""`/desk help`: what one can tell the desk about oneself."""

from bot.commands.table import Command
from bot.commands.ticket_help import helped
from bot.engine.turn import Turn
from bot.model.documents import Document


async def run(turn: Turn, argument: str) -> Document:
    return helped(turn, "desk", "command.desk.opening")


COMMAND = Command("desk", "help", run, aliases=("aide",))
