"""`/ticket show T12 [--trace] [page:2]`: the ticket and its history, page by page from the latest; notes and traces for
technicians only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.commands.common import ticket_and_rest
from bot.commands.table import Command
from bot.engine.showing import shortened
from bot.engine.turn import Turn
from bot.model.conversations import Message
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.tickets import Note, Ticket
from bot.model.values import AnswerKind
from bot.problems.showing import cause
from bot.public.files import message_ids
from bot.surveys.showing import ratings
from bot.tickets.background import background
from bot.tickets.cards import moment, names_on, source, ticket_fields
from bot.tickets.files import files_with
from bot.trace import story_of, told

LONGEST_LINE = 600  # characters of a message
LONGEST_NOTE = 1_000
PAGE = 10  # messages
NOTES = 5  # of a page
STORIES = 5  # of messages and what came of them, of a page
MOST_LINKS = 10
BOTH_WAYS = ("related", "recurring")
_PAGE = re.compile(r"(?:^|\s)p(?:age)?[:= ]?(\d{1,4})(?=\s|$)", re.IGNORECASE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A page of something that has `count`: the latest on the first one, each in order of time."""

    page: int
    size: int
    count: int

    @property
    def bounds(self) -> tuple[int, int]:
        end = max(0, self.count - (self.page - 1) * self.size)
        return max(0, end - self.size), end

    @property
    def has_earlier(self) -> bool:
        return self.bounds[0] > 0

    def of(self, items: Sequence[T]) -> Sequence[T]:
        start, end = self.bounds
        return items[start:end]

    def titled(self, turn: Turn, title: str) -> str:
        start, end = self.bounds
        if self.count <= self.size:
            return title
        return turn.say("ticket.show.part", title=title, shown=f"{start + 1}–{end}", count=self.count)


async def run(turn: Turn, argument: str) -> Document:
    ticket, options = await ticket_and_rest(turn, argument, "command.ticket.show")
    asked = _PAGE.search(options)
    page = max(1, int(asked[1])) if asked else 1
    said = await said_about(turn, ticket)
    notes = await turn.uow.tickets.notes(ticket.id) if turn.technician else []
    is_traced = turn.technician is not None and "--trace" in options.split()
    asked_by_them = [one for one in said if is_before(ticket, one)] if is_traced else []
    messages, written, stories = (
        Part(page, PAGE, len(said)),
        Part(page, NOTES, len(notes)),
        Part(page, STORIES, len(asked_by_them)),
    )
    if page > 1 and not any(part.bounds[1] for part in (messages, written, stories)):
        return turn.document("ticket.show.no_earlier", reference=ticket.reference)
    blocks = [*(await facts(turn, ticket) if page == 1 else [])]
    if messages.of(said):
        blocks.append(history(turn, messages.of(said), messages))
    of_posts = await message_ids(turn.uow, ticket) if page == 1 else ()
    if files := await files_with(turn, list(messages.of(said)), of_posts):
        blocks.append(files)
    if written.of(notes):
        blocks.append(await noted(turn, written.of(notes), written))
    if page == 1:
        blocks += [*await cause(turn, ticket), *await ratings(turn, ticket)]
    blocks += [await traced(turn, one) for one in stories.of(asked_by_them)]
    if any(part.has_earlier for part in (messages, written, stories)):
        value = f"{ticket.reference}{' --trace' if is_traced else ''} page:{page + 1}"
        blocks.append(Actions((Button("ticket_show", turn.say("button.earlier"), value),)))
    return Document(tuple(blocks))


async def facts(turn: Turn, ticket: Ticket) -> list[Block]:
    """What the ticket is, and for technicians who asks and what belongs with it."""
    asker, assignee = await names_on(turn, ticket)
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    blocks: list[Block] = [ticket_fields(turn, ticket, asker, assignee, turn.language), summary]
    if turn.technician and (about := await background(turn, ticket, turn.language)):
        blocks.append(about)
    if turn.technician and (together := await belonging(turn, ticket)):
        blocks.append(together)
    origin = source(turn, ticket, turn.language)
    return [*blocks, origin] if origin else blocks


async def noted(turn: Turn, notes: Sequence[Note], part: Part) -> Fields:
    people = await turn.uow.people.persons({note.author_id for note in notes})
    items = tuple(
        (people[one.author_id].name if one.author_id in people else "?", plain(shortened(one.text, LONGEST_NOTE)))
        for one in notes
    )
    return Fields(items, title=part.titled(turn, turn.say("ticket.show.notes")))


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
    part = Part(1, MOST_LINKS, len(items))
    return Fields(tuple(part.of(items)), title=part.titled(turn, turn.say("ticket.show.links"))) if items else None


def is_before(ticket: Ticket, message: Message) -> bool:
    """Whether the asker wrote it up to the ticket."""
    is_theirs = message.author == "person" and message.conversation_id == ticket.conversation_id
    return is_theirs and message.sent_at <= ticket.created_at


async def traced(turn: Turn, message: Message) -> Paragraph:
    """Why each answer was what it was."""
    zone = ZoneInfo(turn.services.policy.timezone)
    story = await story_of(turn.uow, str(message.id))
    return Paragraph(plain(told(story, turn.services.texts, turn.language, zone)))


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


def history(turn: Turn, said: Sequence[Message], part: Part) -> Fields:
    items = tuple(
        (
            f"{moment(turn, message.sent_at, turn.language)} {turn.say(f'author.{message.author}')}",
            plain(shortened(message.text, LONGEST_LINE)),
        )
        for message in said
    )
    return Fields(items, title=part.titled(turn, turn.say("ticket.show.history")))


COMMAND = Command("ticket", "show", run, aliases=("voir", "afficher"), right="anyone")
