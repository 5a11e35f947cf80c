"""`/kb help`: what can be done about the knowledge base, as far as one may."""

from bot.commands.table import Command
from bot.commands.ticket_help import helped
from bot.engine.turn import Turn
from bot.model.documents import Document


async def run(turn: Turn, argument: str) -> Document:
    return helped(turn, "kb", "command.kb.opening")


COMMAND = Command("kb", "help", run, aliases=("aide",))
