"""`/ticket mine`: the tickets in one's own hands; for an employee, those they asked for."""

from bot.commands.table import Command
from bot.commands.ticket_list import listing
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets.asked_for import asked_for


async def run(turn: Turn, argument: str) -> Document:
    mine = f"@me {argument}" if turn.technician else argument
    asked = await asked_for(turn, mine)
    if not argument and not await turn.uow.tickets.count(asked.filter):
        return turn.document("ticket.list.none_mine" if turn.technician else "status.none")
    return await listing(turn, asked, "mine", argument)


COMMAND = Command("ticket", "mine", run, aliases=("miens", "mes"), right="anyone")
