"""`/ticket show T12 [--trace]`: the ticket and its whole history; notes and traces for technicians only."""

from zoneinfo import ZoneInfo

from bot.commands.common import ticket_and_rest
from bot.commands.table import Command
from bot.engine.showing import shortened
from bot.engine.turn import Turn
from bot.model.conversations import Message
from bot.model.documents import Block, Document, Fields, Paragraph, plain
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind
from bot.problems.showing import cause
from bot.surveys.showing import ratings
from bot.tickets.background import background
from bot.tickets.cards import moment, names_on, source, ticket_fields
from bot.tickets.files import files_with
from bot.trace import story_of, told

LONGEST_LINE = 600
BOTH_WAYS = ("related", "recurring")


async def run(turn: Turn, argument: str) -> Document:
    ticket, options = await ticket_and_rest(turn, argument, "command.ticket.show")
    asker, assignee = await names_on(turn, ticket)
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    fields = ticket_fields(turn, ticket, asker, assignee, turn.language)
    said = await said_about(turn, ticket)
    origin = source(turn, ticket, turn.language)
    blocks: list[Block] = [fields, summary, *([origin] if origin else []), history(turn, said)]
    if turn.technician and (together := await belonging(turn, ticket)):
        blocks.insert(2, together)
    if turn.technician and (about := await background(turn, ticket, turn.language)):
        blocks.insert(2, about)
    if files := await files_with(turn, said):
        blocks.append(files)
    if turn.technician and (notes := await turn.uow.tickets.notes(ticket.id)):
        people = await turn.uow.people.persons({note.author_id for note in notes})
        items = tuple((people[n.author_id].name if n.author_id in people else "?", plain(n.text)) for n in notes)
        blocks.append(Fields(items, title=turn.say("ticket.show.notes")))
    blocks += [*await cause(turn, ticket), *await ratings(turn, ticket)]
    if turn.technician and options == "--trace":
        blocks += await traces(turn, ticket)
    return Document(tuple(blocks))


async def belonging(turn: Turn, ticket: Ticket) -> Fields | None:
    """The tickets that belong with this one, and how."""
    links = await turn.uow.tickets.links(ticket.id)
    others = await turn.uow.tickets.by_ids({link.other_id for link in links} | {link.ticket_id for link in links})
    items = []
    for link in links:
        first = link.ticket_id == ticket.id
        other = others.get(link.other_id if first else link.ticket_id)
        if other:
            way = turn.say(f"link.{link.kind}" if first or link.kind in BOTH_WAYS else f"link.{link.kind}.back")
            items.append((other.reference, f"{way} · {turn.say(f'status.{other.status}')} · {plain(other.title)}"))
    return Fields(tuple(items), title=turn.say("ticket.show.links")) if items else None


async def traces(turn: Turn, ticket: Ticket) -> list[Block]:
    """The story of each of the asker's messages, up to the ticket: why each answer was what it was."""
    zone = ZoneInfo(turn.services.policy.timezone)
    told_ones: list[Block] = []
    for message in await turn.uow.conversations.messages(ticket.conversation_id):
        if message.author == "person" and message.sent_at <= ticket.created_at:
            story = await story_of(turn.uow, str(message.id))
            told_ones.append(Paragraph(plain(told(story, turn.services.texts, turn.language, zone))))
    return told_ones


async def said_about(turn: Turn, ticket: Ticket) -> list[Message]:
    """Every message of the askers' conversations, in order of time; an employee's own only."""
    ids = [ticket.conversation_id]
    if turn.technician:
        places = await turn.uow.tickets.places(ticket.id)
        ids = list(dict.fromkeys([*ids, *(place.conversation_id for place in places if place.side == "asker")]))
    messages = [message for id in ids for message in await turn.uow.conversations.messages(id)]
    hidden = set() if turn.technician else {one.id for one in messages if is_command_of_another(turn, one)}
    shown = (one for one in messages if not one.deleted and not hidden & {one.id, one.in_reply_to})
    return sorted(shown, key=lambda message: message.sent_at)


def is_command_of_another(turn: Turn, message: Message) -> bool:
    """What a technician commands where somebody asked is for the desk: notes are written so."""
    outcome = message.outcome
    return outcome is not None and outcome.kind is AnswerKind.COMMAND and message.person_id != turn.known.person.id


def history(turn: Turn, said: list[Message]) -> Fields:
    items = tuple(
        (
            f"{moment(turn, message.sent_at, turn.language)} {turn.say(f'author.{message.author}')}",
            plain(shortened(message.text, LONGEST_LINE)),
        )
        for message in said
    )
    return Fields(items, title=turn.say("ticket.show.history"))


COMMAND = Command("ticket", "show", run, aliases=("voir", "afficher"), right="anyone")
