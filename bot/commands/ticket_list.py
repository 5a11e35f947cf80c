"""`/ticket list [FILTERS] [SORT] [PAGE]`: what waits, one's turn first. An employee sees their own tickets."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Actions, Block, Button, Document, Fields, plain
from bot.model.tickets import Ticket
from bot.tickets.asked_for import Asked, asked_for, described
from bot.tickets.cards import age, moment, names_of

PAGE = 15


async def run(turn: Turn, argument: str) -> Document:
    return await listing(turn, await asked_for(turn, argument), "list", argument)


async def listing(turn: Turn, asked: Asked, command: str, argument: str) -> Document:
    """A page of tickets, with what was asked for and the way to the next page."""
    count = await turn.uow.tickets.count(asked.filter)
    if not count:
        return turn.document("ticket.list.none" if asked.is_plain else "ticket.list.none_such")
    skipped = (min(asked.page, -(-count // PAGE)) - 1) * PAGE  # past the end is the last page
    reader = turn.technician.id if turn.technician else None
    tickets = await turn.uow.tickets.find(asked.filter, asked.order, PAGE, skipped, reader=reader)
    names = await names_of(turn, tickets)
    rows = tuple([line(turn, ticket, names[ticket.id][1]) for ticket in tickets])
    shown = f"{skipped + 1}–{skipped + len(tickets)}" if count > len(tickets) else str(len(tickets))
    title = turn.say("ticket.list.title", shown=shown, count=count)
    blocks: list[Block] = [Fields(rows, title=f"{title}{described(turn, asked)}")]
    if count > skipped + len(tickets):
        button = Button(f"ticket_{command}", turn.say("button.more"), asked.next_page(argument))
        blocks.append(Actions((button,)))
    return Document(tuple(blocks))


def line(turn: Turn, ticket: Ticket, assignee: str | None) -> tuple[str, str]:
    facts = [
        turn.say(f"status.{ticket.status}"),
        turn.say(f"priority.{ticket.priority}"),
        age(turn, ticket.created_at, turn.language),
        *([plain(assignee)] if assignee and turn.technician else []),
        *([f"💤 {moment(turn, ticket.snoozed_until, turn.language)}"] if ticket.snoozed_until else []),
        plain(ticket.title),
    ]
    return ticket.reference, " · ".join(facts)


COMMAND = Command("ticket", "list", run, aliases=("liste", "ls"), right="anyone")
