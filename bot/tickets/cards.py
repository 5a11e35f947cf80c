"""How a ticket looks to technicians: its card in the desk's rooms, and its page."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from bot.engine.turn import Turn
from bot.model.documents import Actions, Button, Document, Fields, Paragraph, plain
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import Language, TicketStatus

CARD_BUTTONS = {
    "claim": {TicketStatus.OPEN},
    "release": {TicketStatus.IN_PROGRESS, TicketStatus.WAITING},
    "resolve": {TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.WAITING},
    "reopen": {TicketStatus.RESOLVED, TicketStatus.CLOSED},
}


def moment(turn: Turn, at: datetime, language: Language | None = None) -> str:
    """A time as the reader's zone and language write it."""
    zone = ZoneInfo(turn.known.person.timezone or turn.services.policy.timezone)
    return format_datetime(at, "d MMM HH:mm", tzinfo=zone, locale=str(language or turn.language))


def age(turn: Turn, since: datetime, language: Language | None = None) -> str:
    return format_timedelta(turn.now - since, granularity="minute", locale=str(language or turn.language))


def ticket_fields(turn: Turn, ticket: Ticket, asker: str, assignee: str | None, language: Language) -> Fields:
    say = turn.services.texts
    status = say(f"status.{ticket.status}", language)
    if ticket.closed_reason:
        status = f"{status} ({say(f'closed_reason.{ticket.closed_reason}', language)})"
    items = [
        (say("field.status", language), status),
        (say("field.priority", language), say(f"priority.{ticket.priority}", language)),
        (say("field.category", language), plain(turn.services.categories.name(ticket.category, language))),
        (say("field.asker", language), plain(asker)),
        (say("field.assignee", language), plain(assignee) if assignee else say("field.nobody", language)),
        (say("field.opened", language), moment(turn, ticket.created_at, language)),
    ]
    return Fields(tuple(items), title=f"{ticket.reference} · {plain(ticket.title)}")


def card(turn: Turn, ticket: Ticket, asker: str, assignee: str | None) -> Document:
    """The ticket in a desk room, in the desk's language, with the buttons that its status allows."""
    language = turn.services.policy.desk_language
    say = turn.services.texts
    because = say(f"because.{ticket.opened_because}", language)
    buttons = [
        Button(f"ticket_{name}", say(f"button.{name}", language), ticket.reference)
        for name, statuses in CARD_BUTTONS.items()
        if ticket.status in statuses
    ]
    summary = Paragraph("\n".join(plain(line) for line in ticket.summary.splitlines()))
    fields = ticket_fields(turn, ticket, asker, assignee, language)
    return Document((fields, Paragraph(f"_{because}_"), summary, Actions(tuple(buttons))))


async def announce(turn: Turn, ticket: Ticket) -> None:
    """Post a new ticket's card in every desk room, and remember the places."""
    for ref in turn.services.desk.rooms:
        place = await turn.place(ref)
        turn.uow.tickets.add(TicketPlace(ticket.id, place.id, "desk"))
        document = card(turn, ticket, turn.known.person.name, None)
        turn.post(place, document, language=turn.services.policy.desk_language)


async def tell_desk(turn: Turn, ticket: Ticket, key: str, /, **values: object) -> None:
    """A line about a ticket in the rooms that show it, in the desk's language, but not back to where it came from."""
    language = turn.services.policy.desk_language
    text = turn.services.texts(key, language, reference=ticket.reference, **values)
    for shown in await turn.uow.tickets.places(ticket.id):
        if shown.side == "desk" and shown.conversation_id != turn.conversation.id:
            place = await turn.uow.conversations.get(shown.conversation_id)
            if place:
                turn.post(place, Document((Paragraph(text),)), language=language)
