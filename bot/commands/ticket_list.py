"""`/ticket list`: what waits, one's turn first. An employee sees their own tickets."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document, Fields, plain
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter
from bot.tickets.cards import age

PAGE = 15
ACTIVE = (TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.WAITING)


async def run(turn: Turn, argument: str) -> Document:
    everything = argument.lower() in ("all", "tous", "tout")
    asker = None if turn.technician else turn.known.person.id
    statuses = tuple(TicketStatus) if everything or asker else ACTIVE
    return await listing(turn, TicketFilter(statuses=statuses, asker_id=asker))


async def listing(turn: Turn, filter: TicketFilter) -> Document:
    tickets = await turn.uow.tickets.find(filter, "turn", PAGE)
    if not tickets:
        return turn.document("ticket.list.none")
    count = await turn.uow.tickets.count(filter)
    title = turn.say("ticket.list.title", shown=len(tickets), count=count)
    return Document((Fields(tuple([await line(turn, ticket) for ticket in tickets]), title=title),))


async def line(turn: Turn, ticket: Ticket) -> tuple[str, str]:
    facts = [
        turn.say(f"status.{ticket.status}"),
        turn.say(f"priority.{ticket.priority}"),
        age(turn, ticket.created_at, turn.language),
        plain(ticket.title),
    ]
    return ticket.reference, " · ".join(facts)


COMMAND = Command("ticket", "list", run, aliases=("liste", "ls"), right="anyone")
