"""How a ticket looks to technicians: its card in the desk's rooms, and its page."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from bot.engine.work import Work
from bot.model.conversations import Conversation, Message
from bot.model.documents import Actions, Button, Document, Fields, Files, Paragraph, plain
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import ACTIVE, Language, TicketStatus
from bot.tickets.background import background
from bot.tickets.files import files_before
from bot.tickets.promises import dated, promised_fields

CARD_BUTTONS = {  # button -> the statuses that show it
    "claim": {TicketStatus.OPEN},
    "release": {TicketStatus.IN_PROGRESS, TicketStatus.WAITING},
    "resolve": set(ACTIVE),
    "reply": set(ACTIVE),
    "note": set(ACTIVE),
    "priority": set(ACTIVE),
    "snooze": set(ACTIVE),
    "not-a-request": {TicketStatus.OPEN, TicketStatus.IN_PROGRESS},
    "write-up": {TicketStatus.RESOLVED},
    "reopen": {TicketStatus.RESOLVED, TicketStatus.CLOSED},
}
NEED_FORMS = frozenset({"reply", "note", "priority"})  # without words they say nothing


def moment(work: Work, at: datetime, language: Language, zone: ZoneInfo | None = None) -> str:
    """A time as the reader's zone, or another, and their language write it."""
    return format_datetime(at, "d MMM HH:mm", tzinfo=zone or work.zone, locale=str(language))


def age(work: Work, since: datetime, language: Language) -> str:
    return format_timedelta(work.now - since, granularity="minute", locale=str(language))


def ticket_fields(
    work: Work, ticket: Ticket, asker: str, assignee: str | None, language: Language, zone: ZoneInfo | None = None
) -> Fields:
    say = work.services.texts
    status = say(f"status.{ticket.status}", language)
    if ticket.closed_reason:
        status = f"{status} ({say(f'closed_reason.{ticket.closed_reason}', language)})"
    items = [
        (say("field.status", language), status),
        (say("field.priority", language), say(f"priority.{ticket.priority}", language)),
        (say("field.category", language), plain(work.services.categories.name(ticket.category, language))),
        (say("field.asker", language), plain(asker)),
        (say("field.assignee", language), plain(assignee) if assignee else say("field.nobody", language)),
        (say("field.opened", language), moment(work, ticket.created_at, language, zone)),
        *snoozed_field(work, ticket, language, zone),
        *deadline_field(work, ticket, language, zone),
        *promised_fields(work, ticket, language, zone),
    ]
    return Fields(tuple(items), title=f"{ticket.reference} · {plain(ticket.title)}")


def snoozed_field(
    work: Work, ticket: Ticket, language: Language, zone: ZoneInfo | None = None
) -> list[tuple[str, str]]:
    if ticket.snoozed_until is None:
        return []
    label = work.services.texts("field.snoozed", language)
    return [(label, dated(work, ticket.snoozed_until, language, zone))]


def deadline_field(
    work: Work, ticket: Ticket, language: Language, zone: ZoneInfo | None = None
) -> list[tuple[str, str]]:
    """When the person needs it, with their words for it."""
    if ticket.deadline_at is None or not ticket.is_active:
        return []
    when = dated(work, ticket.deadline_at, language, zone)
    words = f" (« {plain(ticket.deadline)} »)" if ticket.deadline else ""
    return [(work.services.texts("field.deadline", language), f"{when}{words}")]


def card(
    work: Work,
    ticket: Ticket,
    asker: str,
    assignee: str | None,
    about: Fields | None = None,
    files: Files | None = None,
    *,
    forms: bool = False,
) -> Document:
    """The ticket in a desk room, in the desk's language, with the buttons that its status allows. `about`: who asks.
    `files`: what came with the question. `forms`: whether buttons there can ask for words."""
    language = work.services.policy.desk_language
    say = work.services.texts
    because = say(f"because.{ticket.opened_because}", language)
    buttons = [
        Button(f"ticket_{name}", say(label(name, forms=forms), language), ticket.reference)
        for name, statuses in CARD_BUTTONS.items()
        if ticket.status in statuses and (forms or name not in NEED_FORMS)
    ]
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    fields = ticket_fields(work, ticket, asker, assignee, language, ZoneInfo(work.services.policy.timezone))
    known = tuple(block for block in (about, source(work, ticket, language), files) if block)
    return Document((fields, Paragraph(f"_{because}_"), summary, *known, Actions(tuple(buttons))))


def label(name: str, *, forms: bool) -> str:
    """The sentence on a button: where it opens a form, the form says until when."""
    return "button.snooze_form" if forms and name == "snooze" else f"button.{name.replace('-', '_')}"


def source(work: Work, ticket: Ticket, language: Language) -> Paragraph | None:
    """The way to the message that the ticket came of, where the platform has addresses for messages."""
    if ticket.link is None or not ticket.link.startswith(("https://", "http://")):
        return None
    address = ticket.link.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return Paragraph(f"[{work.services.texts('field.source', language)}]({address})")


async def names_on(work: Work, ticket: Ticket) -> tuple[str, str | None]:
    """The names of a ticket's asker and assignee."""
    technician = await work.uow.people.technician(ticket.assignee_id) if ticket.assignee_id else None
    wanted = [ticket.asker_id, *([technician.person_id] if technician else [])]
    persons = await work.uow.people.persons(wanted)
    asker = persons[ticket.asker_id].name if ticket.asker_id in persons else "?"
    assignee = persons.get(technician.person_id) if technician else None
    return asker, assignee.name if assignee else None


async def names_of(work: Work, tickets: Iterable[Ticket]) -> dict[UUID, tuple[str, str | None]]:
    """The same of many, by the ticket's id."""
    tickets = list(tickets)
    technicians = {one.id: one.person_id for one in await work.uow.people.technicians()}
    people = {ticket.asker_id for ticket in tickets} | {
        technicians[ticket.assignee_id] for ticket in tickets if ticket.assignee_id in technicians
    }
    persons = await work.uow.people.persons(people)

    def name(id: UUID | None) -> str | None:
        return persons[id].name if id in persons else None

    return {
        ticket.id: (name(ticket.asker_id) or "?", name(technicians.get(ticket.assignee_id or ticket.id)))
        for ticket in tickets
    }


async def announce(work: Work, ticket: Ticket, asker: str, about: Fields | None = None) -> None:
    """Post a new ticket's card in the desk's rooms for its category, and remember the places. `asker`: the name of who
    may be new."""
    rooms = work.services.desk.rooms_for(ticket.category)
    _, assignee = await names_on(work, ticket)
    files = await files_before(work, ticket) if rooms else None
    for ref in rooms:
        place = await work.place(ref)
        forms = work.services.desk.opens_forms(ref)
        post_card(work, ticket, place, card(work, ticket, asker, assignee, about, files, forms=forms))
    work.stale_cards.discard(ticket.id)


def post_card(work: Work, ticket: Ticket, place: Conversation, document: Document) -> None:
    shown = work.post(
        place,
        document,
        language=work.services.policy.desk_language,
        coalesce=coalescing(ticket),
        key=f"card:{ticket.id}:{place.ref.key}",
    )
    work.uow.tickets.add(TicketPlace(ticket.id, place.id, "desk", shown.id))


async def refresh_cards(work: Work) -> None:
    """Show the cards of the tickets that were changed as the tickets are now, where cards can be edited; one that
    belongs in another room by now is shown there, too."""
    desk = work.services.desk
    for ticket in [work.touched[id] for id in sorted(work.stale_cards)]:
        asker, assignee = await names_on(work, ticket)
        about = await background(work, ticket, work.services.policy.desk_language)
        places = [shown for shown in await work.uow.tickets.places(ticket.id) if shown.side == "desk"]
        for shown in places:
            place = await work.place_by_id(shown.conversation_id) if shown.card_id else None
            if place and desk.shows_cards(place.ref):
                files = await files_before(work, ticket)
                forms = desk.opens_forms(place.ref)
                work.post(
                    place,
                    card(work, ticket, asker, assignee, about, files, forms=forms),
                    language=work.services.policy.desk_language,
                    coalesce=coalescing(ticket),
                    edits=shown.card_id,
                )
        if ticket.is_active and places:
            await show_where_missing(work, ticket)
    work.stale_cards.clear()


async def show_where_missing(work: Work, ticket: Ticket) -> bool:
    """Post the card in the rooms for its category that do not show it; whether there was one."""
    desk = work.services.desk
    shown_in = {shown.conversation_id for shown in await work.uow.tickets.places(ticket.id) if shown.side == "desk"}
    wanted = [await work.place(ref) for ref in desk.rooms_for(ticket.category) if desk.shows_cards(ref)]
    missing = [place for place in wanted if place.id not in shown_in]
    if missing:
        asker, assignee = await names_on(work, ticket)
        about = await background(work, ticket, work.services.policy.desk_language)
        files = await files_before(work, ticket)
    for place in missing:
        forms = desk.opens_forms(place.ref)
        post_card(work, ticket, place, card(work, ticket, asker, assignee, about, files, forms=forms))
    return bool(missing)


def coalescing(ticket: Ticket) -> str:
    """Of several states of one card that wait to be shown, the last is enough."""
    return f"card:{ticket.id}"


async def tell_desk(
    work: Work,
    ticket: Ticket,
    key: str,
    /,
    *,
    relay_of: Message | None = None,
    marked: bool = False,
    **values: object,
) -> None:
    """A line about a ticket in the rooms that show it, in the desk's language, but not back to where it came from.

    `relay_of`: the message that the line repeats, whose later versions follow. `marked`: it shows that it has arrived.
    """
    language = work.services.policy.desk_language
    document = work.line(key, language, reference=ticket.reference, **values)
    await post_to_desk(work, ticket, document, relay_of=relay_of, marked=marked)


async def post_to_desk(
    work: Work, ticket: Ticket, document: Document, *, relay_of: Message | None = None, marked: bool = False
) -> None:
    """The same for what is already worded."""
    language = work.services.policy.desk_language
    confirms = relay_of.id if relay_of and marked else None
    for shown in await work.uow.tickets.places(ticket.id):
        if shown.side == "desk" and (place := await desk_thread(work, shown)):
            work.post(place, document, language=language, relay_of=relay_of, confirms=confirms)
            confirms = None  # once is enough


async def desk_thread(work: Work, shown: TicketPlace) -> Conversation | None:
    """Where a room talks about a ticket: the thread under its card, where the room has threads and the card is out,
    else the room itself. None for where the present event came from."""
    place = await work.place_by_id(shown.conversation_id)
    if place is None:
        return None
    card_message = await work.uow.conversations.message(shown.card_id) if shown.card_id else None
    if work.services.desk.shows_cards(place.ref) and card_message and card_message.native_id:
        place = await work.place(replace(place.ref, thread=card_message.native_id))
    return None if work.is_origin(place) else place
