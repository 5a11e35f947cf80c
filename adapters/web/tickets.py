"""What technicians look at: the list of tickets, and one ticket with everything that belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from adapters.web.history import Item, items_of
from bot.model.people import Technician
from bot.model.tickets import Note, Ticket, TicketEvent
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter, UnitOfWork

PAGE = 50
ACTIVE = (TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.WAITING)
SHOWS = ("active", "unassigned", "mine", "resolved", "all")
ACTS: dict[str, tuple[TicketStatus, ...]] = {
    "claim": (TicketStatus.OPEN,),
    "release": (TicketStatus.IN_PROGRESS, TicketStatus.WAITING),
    "close": (TicketStatus.RESOLVED,),
    "reopen": (TicketStatus.RESOLVED, TicketStatus.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Row:
    ticket: Ticket
    asker: str
    assignee: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[Row, ...]
    counts: tuple[tuple[str, int], ...]
    total: int

    @property
    def fingerprint(self) -> object:
        return self.counts, tuple((row.ticket.id, row.ticket.version) for row in self.rows)


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
    next: str = ""  # who acts next

    @property
    def acts(self) -> tuple[str, ...]:
        """What can be done by a press, as far as the status goes; the desk has the last word."""
        return tuple(name for name, statuses in ACTS.items() if self.ticket.status in statuses)

    @property
    def named(self) -> str:
        found = self.ticket.entities
        return ", ".join((*found.devices, *found.error_codes, *found.serials, *found.applications))

    @property
    def fingerprint(self) -> object:
        said = tuple((item.id, item.edited, item.at) for item in self.items)
        return self.ticket.version, said, len(self.notes), self.proposals, len(self.events)


def filter_of(show: str, text: str, technician: Technician | None) -> TicketFilter:
    words = text or None
    match show:
        case "unassigned":
            return TicketFilter(statuses=(TicketStatus.OPEN,), unassigned=True, text=words)
        case "mine":
            return TicketFilter(statuses=ACTIVE, assignee_id=technician.id if technician else None, text=words)
        case "resolved":
            return TicketFilter(statuses=(TicketStatus.RESOLVED,), text=words)
        case "all":
            return TicketFilter(text=words)
        case _:
            return TicketFilter(statuses=ACTIVE, text=words)


async def listing(uow: UnitOfWork, show: str, text: str, technician: Technician) -> Listing:
    chosen = filter_of(show, text, technician)
    tickets = await uow.tickets.find(chosen, "turn", PAGE)
    counts = [(name, await uow.tickets.count(filter_of(name, "", technician))) for name in SHOWS]
    names = await _names(uow, tickets)
    rows = tuple(Row(one, *names[one.id], is_mine=one.assignee_id == technician.id) for one in tickets)
    total = await uow.tickets.count(chosen) if len(tickets) == PAGE else len(tickets)
    return Listing(rows, tuple(counts), total)


async def ticket_page(uow: UnitOfWork, number: int, technician: Technician) -> TicketPage | None:
    ticket = await uow.tickets.by_number(number)
    if ticket is None:
        return None
    names = await _names(uow, [ticket])
    notes, events = await uow.tickets.notes(ticket.id), await uow.tickets.events(ticket.id)
    actors = {note.author_id for note in notes} | {event.actor_id for event in events if event.actor_id}
    people = await uow.people.persons(actors)
    proposals = [one for one in await uow.tickets.proposals(ticket.conversation_id) if one.ticket_id == ticket.id]
    articles = await uow.knowledge.articles({one.article_id for one in proposals})
    return TicketPage(
        ticket,
        *names[ticket.id],
        is_mine=ticket.assignee_id == technician.id,
        items=tuple(items_of(await uow.conversations.messages(ticket.conversation_id))),
        notes=tuple((note, people[note.author_id].name if note.author_id in people else "?") for note in notes),
        proposals=tuple((articles[p.article_id].title, p.helped) for p in proposals if p.article_id in articles),
        events=tuple((one, people[one.actor_id].name if one.actor_id in people else None) for one in events),
    )


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
