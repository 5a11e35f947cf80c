"""`/ticket show T12`: the ticket and its whole history; notes for technicians only."""

from bot.commands.common import names_on, ticket_and_rest
from bot.commands.table import Command
from bot.engine.showing import shortened
from bot.engine.turn import Turn
from bot.model.documents import Block, Document, Fields, Paragraph, plain
from bot.model.tickets import Ticket
from bot.tickets.cards import moment, ticket_fields

LONGEST_LINE = 600


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.show")
    asker, assignee = await names_on(turn, ticket)
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    fields = ticket_fields(turn, ticket, asker, assignee, turn.language)
    blocks: list[Block] = [fields, summary, await history(turn, ticket)]
    if turn.technician and (notes := await turn.uow.tickets.notes(ticket.id)):
        people = await turn.uow.people.persons({note.author_id for note in notes})
        items = tuple((people[n.author_id].name if n.author_id in people else "?", plain(n.text)) for n in notes)
        blocks.append(Fields(items, title=turn.say("ticket.show.notes")))
    return Document(tuple(blocks))


async def history(turn: Turn, ticket: Ticket) -> Fields:
    """Every message of the asker's conversation, in order."""
    messages = await turn.uow.conversations.messages(ticket.conversation_id)
    shown = [message for message in messages if not message.deleted]
    items = tuple(
        (
            f"{moment(turn, message.sent_at)} {turn.say(f'author.{message.author}')}",
            plain(shortened(message.text, LONGEST_LINE)),
        )
        for message in shown
    )
    return Fields(items, title=turn.say("ticket.show.history"))


COMMAND = Command("ticket", "show", run, aliases=("voir", "afficher"), right="anyone")
