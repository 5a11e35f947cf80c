"""`/ticket mine`: the tickets in one's own hands; for an employee, those they asked for."""

from bot.commands.table import Command
from bot.commands.ticket_list import ACTIVE, listing
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.ports.storage import TicketFilter


async def run(turn: Turn, argument: str) -> Document:
    if turn.technician:
        return await listing(turn, TicketFilter(statuses=ACTIVE, assignee_id=turn.technician.id))
    return await listing(turn, TicketFilter(asker_id=turn.known.person.id))


COMMAND = Command("ticket", "mine", run, aliases=("miens", "mes"), right="anyone")
