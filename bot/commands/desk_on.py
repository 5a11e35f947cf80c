"""`/desk on`: I am there; new tickets come to me by turn."""

from dataclasses import replace

from bot.commands.common import technician_of
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter


async def run(turn: Turn, argument: str) -> Document:
    technician = technician_of(turn)
    if not technician.on_duty:
        turn.uow.people.save(replace(technician, on_duty=True, duty_at=turn.now))
    waiting = await turn.uow.tickets.count(TicketFilter(statuses=(TicketStatus.OPEN,), unassigned=True))
    return turn.document("desk.on.done", count=waiting)


COMMAND = Command("desk", "on", run, aliases=("present", "présent", "start"))
