"""`/ticket export [FILTERS]`: tickets as CSV, for leads. A long list goes to a file, by `guichet ticket export`."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document, Paragraph
from bot.texts import Inline
from bot.tickets.asked_for import asked_for
from bot.tickets.export import exported

MOST = 50  # tickets, in a chat
QUOTE = "'"  # in place of what would end the code that a line is shown as


async def run(turn: Turn, argument: str) -> Document:
    asked = await asked_for(turn, argument, searching=True)
    count = await turn.uow.tickets.count(asked.filter)
    tickets = await turn.uow.tickets.find(asked.filter, asked.order, MOST, (asked.page - 1) * MOST)
    if not tickets:
        return turn.document("export.none")
    text = await exported(turn.uow, tickets)
    lines = "\n".join(f"`{line.replace('`', QUOTE)}`" for line in text.splitlines())
    blocks = [turn.paragraph("export.done", shown=len(tickets), count=count), Paragraph(lines)]
    if count > len(tickets):
        blocks.append(turn.paragraph("export.more", command=Inline("`guichet ticket export --output tickets.csv`")))
    return Document(tuple(blocks))


COMMAND = Command("ticket", "export", run, aliases=("exporter",), right="lead")
