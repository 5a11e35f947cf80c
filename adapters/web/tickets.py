"""What technicians look at: the list of tickets, and one ticket with everything that belongs to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.web.history import Item
from adapters.web.thread import thread_of
from bot.attachments.showing import files_block
from bot.interventions.saving import may_be_written_up
from bot.model.documents import Document, Fields
from bot.model.people import Technician
from bot.model.tickets import Attachment, HeldReply, Note, SlaTarget, Ticket, TicketEvent, TicketLink
from bot.model.values import ACTIVE, TicketStatus
from bot.ports.storage import OutboxLedger, TicketFilter, UnitOfWork
from bot.public.files import message_ids
from bot.tickets.lifecycle import UNDO_WINDOW, UNDOABLE, last_step

PAGE = 50
OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED = TicketStatus
SHOWS = ("active", "unassigned", "mine", "waiting", "snoozed", "resolved", "all")
ACTS: dict[str, tuple[TicketStatus, ...]] = {  # done by a press
    "claim": (OPEN,),
    "release": ACTIVE,
    "close": (RESOLVED,),
    "reopen": (RESOLVED, CLOSED),
    "unmerge": (CLOSED,),
    "undo": tuple(TicketStatus),
}
SHEETS: dict[str, tuple[TicketStatus, ...]] = {  # done with something chosen or written
    "snooze": ACTIVE,
    "deadline": ACTIVE,
    "wait": ACTIVE,
    "assign": ACTIVE,
    "priority": ACTIVE,
    "category": tuple(TicketStatus),
    "link": tuple(TicketStatus),
    "merge": ACTIVE,
    "escalate": ACTIVE,
    "not-a-request": ACTIVE,
}
BOTH_WAYS = ("related", "recurring")


@dataclass(frozen=True, slots=True)
class Row:
    ticket: Ticket
    asker: str
    assignee: str | None
    is_mine: bool

    @property
    def due_at(self) -> datetime | None:
        """By when something is to be done next."""
        return self.ticket.due_at


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works the desk. `badge` is how a command names them."""

    badge: str
    name: str
    on_duty: bool
    is_me: bool


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[Row, ...]
    counts: tuple[tuple[str, int], ...]
    total: int
    colleagues: tuple[Colleague, ...]

    @property
    def me(self) -> Colleague | None:
        return next((one for one in self.colleagues if one.is_me), None)

    @property
    def present(self) -> tuple[Colleague, ...]:
        """The others who are on duty."""
        return tuple(one for one in self.colleagues if one.on_duty and not one.is_me)

    @property
    def fingerprint(self) -> object:
        return self.counts, self.colleagues, tuple((row.ticket.id, row.ticket.version) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket that belongs with this one. `way` names how: link.WAY in the catalogues."""

    ticket: Ticket
    way: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    ticket: Ticket
    asker: str
    assignee: str | None
    is_mine: bool
    items: tuple[Item, ...]
    notes: tuple[tuple[Note, str], ...]
    proposals: tuple[tuple[str, bool | None], ...]  # an article's title, and whether it helped
    events: tuple[tuple[TicketEvent, str | None], ...]  # with the name of who did it
    linked: tuple[Linked, ...]
    held: tuple[HeldReply, ...]  # what this technician wrote and has yet to decide on
    colleagues: tuple[Colleague, ...]
    can_undo: bool  # this technician's last step, at this moment
    files: Mapping[UUID, Document]  # by message: what came with notes and with words that were held
    post_files: Document | None = None  # of the public posts that it came of, which the thread does not show
    next: str = ""  # who acts next
    about: Fields | None = None  # of who asked: company, devices, the same trouble before

    @property
    def can_write_up(self) -> bool:
        return may_be_written_up(self.ticket)

    @property
    def acts(self) -> tuple[str, ...]:
        """What can be done by a press, as far as the status goes; the desk has the last word."""
        left_out = {
            "release": self.ticket.assignee_id is None,
            "reopen": self.ticket.merged_into_id is not None,
            "unmerge": self.ticket.merged_into_id is None,
            "undo": not self.can_undo,
        }
        return tuple(name for name, of in ACTS.items() if self.ticket.status in of and not left_out.get(name))

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(name for name, statuses in SHEETS.items() if self.ticket.status in statuses)

    @property
    def promised(self) -> tuple[SlaTarget, ...]:
        return promised(self.ticket)

    @property
    def named(self) -> str:
        found = self.ticket.entities
        return ", ".join((*found.devices, *found.error_codes, *found.serials, *found.applications))

    @property
    def fingerprint(self) -> object:
        said = tuple((item.id, item.edited, item.at, item.mark) for item in self.items)
        others = tuple((one.way, one.ticket.id, one.ticket.status) for one in self.linked)
        mine = tuple(one.id for one in self.held), self.can_undo, self.colleagues
        return self.ticket.version, said, len(self.notes), self.proposals, len(self.events), others, mine, self.about


def promised(ticket: Ticket) -> tuple[SlaTarget, ...]:
    """What is still to be done, while somebody has to do something."""
    return tuple(one for one in ticket.sla if one.met_at is None) if ticket.is_active else ()


def filter_of(show: str, text: str, technician: Technician | None) -> TicketFilter:
    """What sleeps is out of the way, but among what is one's own."""
    words = text or None
    match show:
        case "unassigned":
            return TicketFilter(statuses=(OPEN,), unassigned=True, snoozed=False, text=words)
        case "mine":
            return TicketFilter(statuses=ACTIVE, assignee_id=technician.id if technician else None, text=words)
        case "waiting":
            return TicketFilter(statuses=(WAITING,), text=words)
        case "snoozed":
            return TicketFilter(statuses=ACTIVE, snoozed=True, text=words)
        case "resolved":
            return TicketFilter(statuses=(RESOLVED,), text=words)
        case "all":
            return TicketFilter(text=words)
        case _:
            return TicketFilter(statuses=ACTIVE, snoozed=False, text=words)


async def listing(uow: UnitOfWork, show: str, text: str, technician: Technician) -> Listing:
    chosen = filter_of(show, text, technician)
    tickets = await uow.tickets.find(chosen, "turn", PAGE, reader=technician.id)
    counts = [(name, await uow.tickets.count(filter_of(name, "", technician))) for name in SHOWS]
    names = await _names(uow, tickets)
    rows = tuple(Row(one, *names[one.id], is_mine=one.assignee_id == technician.id) for one in tickets)
    total = await uow.tickets.count(chosen) if len(tickets) == PAGE else len(tickets)
    return Listing(rows, tuple(counts), total, await colleagues(uow, technician))


async def colleagues(uow: UnitOfWork, technician: Technician) -> tuple[Colleague, ...]:
    """Everybody who works here, who is on duty first."""
    working = [one for one in await uow.people.technicians() if not one.disabled]
    people = await uow.people.persons({one.person_id for one in working})
    found = [
        Colleague(one.badge, people[one.person_id].name, one.on_duty, one.id == technician.id)
        for one in sorted(working, key=lambda one: (not one.on_duty, one.number))
        if one.person_id in people
    ]
    return tuple(found)


async def ticket_page(
    uow: UnitOfWork, outbox: OutboxLedger, number: int, technician: Technician, now: datetime
) -> TicketPage | None:
    ticket = await uow.tickets.by_number(number)
    if ticket is None:
        return None
    names = await _names(uow, [ticket])
    notes, events = await uow.tickets.notes(ticket.id), await uow.tickets.events(ticket.id)
    actors = {note.author_id for note in notes} | {event.actor_id for event in events if event.actor_id}
    people = await uow.people.persons(actors)
    proposals = [one for one in await uow.tickets.proposals(ticket.conversation_id) if one.ticket_id == ticket.id]
    articles = await uow.knowledge.articles({one.article_id for one in proposals})
    held = [one for one in await uow.tickets.held_of(ticket.id) if one.author_id == technician.person_id]
    held = [one for one in held if one.reason != "public"]  # shown as everybody would read it, and decided there
    return TicketPage(
        ticket,
        *names[ticket.id],
        is_mine=ticket.assignee_id == technician.id,
        items=await thread_of(uow, outbox, ticket),
        notes=tuple((note, people[note.author_id].name if note.author_id in people else "?") for note in notes),
        proposals=tuple((articles[p.article_id].title, p.helped) for p in proposals if p.article_id in articles),
        events=tuple((one, people[one.actor_id].name if one.actor_id in people else None) for one in events),
        linked=await _linked(uow, ticket),
        held=tuple(held),
        colleagues=await colleagues(uow, technician),
        can_undo=_can_undo(events, technician, now),
        files=await _files(uow, {one.message_id for one in notes} | {one.message_id for one in held}),
        post_files=await _post_files(uow, ticket),
    )


async def _files(uow: UnitOfWork, messages: set[UUID | None]) -> dict[UUID, Document]:
    found: dict[UUID, list[Attachment]] = {}
    for one in await uow.attachments.of([id for id in messages if id]):
        found.setdefault(one.message_id, []).append(one)
    return {id: Document((block,)) for id, attachments in found.items() if (block := files_block(attachments))}


async def _post_files(uow: UnitOfWork, ticket: Ticket) -> Document | None:
    """What stands with the public posts that it came of; what was said in its own conversation has its files there."""
    posts = await uow.public.of_ticket(ticket.id)
    if not posts or all(one.conversation_id == ticket.conversation_id for one in posts):
        return None
    block = files_block(await uow.attachments.of(await message_ids(uow, ticket)))
    return Document((block,)) if block else None


def _can_undo(events: Iterable[TicketEvent], technician: Technician, now: datetime) -> bool:
    last = last_step(events)
    return (
        last is not None
        and last.kind in UNDOABLE
        and last.actor_id == technician.person_id
        and now - last.at <= UNDO_WINDOW
    )


async def _linked(uow: UnitOfWork, ticket: Ticket) -> tuple[Linked, ...]:
    links = await uow.tickets.links(ticket.id)
    others = await uow.tickets.by_ids({one.other_id for one in links} | {one.ticket_id for one in links})

    def way(link: TicketLink) -> str:
        return link.kind if link.ticket_id == ticket.id or link.kind in BOTH_WAYS else f"{link.kind}.back"

    found = [(link, others.get(link.other_id if link.ticket_id == ticket.id else link.ticket_id)) for link in links]
    return tuple(Linked(other, way(link)) for link, other in found if other)


async def _names(uow: UnitOfWork, tickets: Iterable[Ticket]) -> dict[UUID, tuple[str, str | None]]:
    """By ticket: the names of its asker and its assignee."""
    tickets = list(tickets)
    technicians = {one.id: one.person_id for one in await uow.people.technicians()}
    wanted = {one.asker_id for one in tickets} | set(technicians.values())
    people = await uow.people.persons(wanted)

    def name(id: UUID | None) -> str | None:
        return people[id].name if id in people else None

    return {
        one.id: (name(one.asker_id) or "?", name(technicians.get(one.assignee_id)) if one.assignee_id else None)
        for one in tickets
    }
