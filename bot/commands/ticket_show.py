"""`/ticket show T12 [--trace]`: the ticket and its whole history; notes and traces for technicians only."""

from zoneinfo import ZoneInfo

from bot.commands.common import ticket_and_rest
from bot.commands.table import Command
from bot.engine.showing import shortened
from bot.engine.turn import Turn
from bot.model.documents import Block, Document, Fields, Paragraph, plain
from bot.model.tickets import Ticket
from bot.tickets.cards import moment, names_on, ticket_fields
from bot.trace import story_of, told

LONGEST_LINE = 600


async def run(turn: Turn, argument: str) -> Document:
    ticket, options = await ticket_and_rest(turn, argument, "command.ticket.show")
    asker, assignee = await names_on(turn, ticket)
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    fields = ticket_fields(turn, ticket, asker, assignee, turn.language)
    blocks: list[Block] = [fields, summary, await history(turn, ticket)]
    if turn.technician and (notes := await turn.uow.tickets.notes(ticket.id)):
        people = await turn.uow.people.persons({note.author_id for note in notes})
        items = tuple((people[n.author_id].name if n.author_id in people else "?", plain(n.text)) for n in notes)
        blocks.append(Fields(items, title=turn.say("ticket.show.notes")))
    if turn.technician and options == "--trace":
        blocks += await traces(turn, ticket)
    return Document(tuple(blocks))


async def traces(turn: Turn, ticket: Ticket) -> list[Block]:
    """The story of each of the asker's messages, up to the ticket: why each answer was what it was."""
    zone = ZoneInfo(turn.services.policy.timezone)
    told_ones: list[Block] = []
    for message in await turn.uow.conversations.messages(ticket.conversation_id):
        if message.author == "person" and message.sent_at <= ticket.created_at:
            story = await story_of(turn.uow, str(message.id))
            told_ones.append(Paragraph(plain(told(story, turn.services.texts, turn.language, zone))))
    return told_ones


async def history(turn: Turn, ticket: Ticket) -> Fields:
    """Every message of the asker's conversation, in order."""
    messages = await turn.uow.conversations.messages(ticket.conversation_id)
    shown = [message for message in messages if not message.deleted]
    items = tuple(
        (
            f"{moment(turn, message.sent_at, turn.language)} {turn.say(f'author.{message.author}')}",
            plain(shortened(message.text, LONGEST_LINE)),
        )
        for message in shown
    )
    return Fields(items, title=turn.say("ticket.show.history"))


COMMAND = Command("ticket", "show", run, aliases=("voir", "afficher"), right="anyone")
