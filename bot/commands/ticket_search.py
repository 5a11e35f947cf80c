"""`/ticket search WORDS`: tickets whose title or summary has these words, closed ones included."""

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.commands.ticket_list import listing
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets.asked_for import asked_for


async def run(turn: Turn, argument: str) -> Document:
    if not argument:
        raise how_to_use(turn, "command.ticket.search")
    asked = await asked_for(turn, argument, searching=True)
    return await listing(turn, asked, "search", argument)


COMMAND = Command("ticket", "search", run, aliases=("chercher", "rechercher", "find"), right="anyone")
