"""Where a ticket's askers are."""

from dataclasses import replace

from bot.engine.work import Work
from bot.model.conversations import AwaitsConfirmation, Conversation, Matter
from bot.model.documents import Document
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import TicketStatus
from bot.public.left_alone import wants_no_word


async def askers_places(work: Work, ticket: Ticket) -> list[Conversation]:
    """The conversations on the asker's side: of each person the one in which they wrote last; never a public one."""
    found: dict[object, Conversation] = {}
    for shown in await work.uow.tickets.places(ticket.id):
        place = await work.place_by_id(shown.conversation_id) if shown.side == "asker" else None
        if place is None or place.ref.is_public:  # what everybody reads is never written to as to the asker
            continue
        known = found.get(place.person_id or place.id)
        if known is None or _later(place, known):
            found[place.person_id or place.id] = place
    if not found and (place := await work.place_by_id(ticket.conversation_id)) and not place.ref.is_public:
        return [place]
    return list(found.values())


async def places_to_tell(work: Work, ticket: Ticket) -> list[Conversation]:
    """Those of them where the desk may speak up unasked: not to who said that they want no word."""
    return [place for place in await askers_places(work, ticket) if not await wants_no_word(work, place)]


def _later(one: Conversation, other: Conversation) -> bool:
    return (one.last_message_at is not None) and (
        other.last_message_at is None or one.last_message_at > other.last_message_at
    )


async def tell_askers(work: Work, ticket: Ticket, key: str, /, **values: object) -> None:
    """A sentence to everybody who asked, each in the ticket's language."""
    document = work.line(key, ticket.language, reference=ticket.reference, **values)
    for place in await places_to_tell(work, ticket):
        work.post(place, document, language=ticket.language)


async def let_bot_speak(work: Work, ticket: Ticket) -> None:
    """The human is done: the bot answers again where they wrote, and nothing about the ticket is waited for."""
    for place in await askers_places(work, ticket):
        pending = place.matter.pending
        if place.silenced or isinstance(pending, AwaitsConfirmation):
            work.keep(replace(place, silenced=False, matter=replace(place.matter, pending=None)))


async def silence(work: Work, place: Conversation) -> None:
    """A human answers there now: the bot holds its tongue."""
    if not place.silenced or place.matter.pending is not None:
        work.keep(replace(place, silenced=True, matter=replace(place.matter, pending=None)))


async def as_before_the_end(work: Work, ticket: Ticket) -> None:
    """An end was taken back: where a human had answered, the bot holds its tongue again; where one waited for a yes or
    a no, it is waited for again."""
    for place in await askers_places(work, ticket):
        if ticket.is_active and ticket.first_reply_at:
            await silence(work, place)
        elif ticket.is_active and isinstance(place.matter.pending, AwaitsConfirmation):
            work.keep(replace(place, matter=replace(place.matter, pending=None)))
        elif ticket.status is TicketStatus.RESOLVED and place.matter.pending is None:
            work.keep(replace(place, matter=Matter(pending=AwaitsConfirmation(ticket.reference))))


async def ask_whether_settled(work: Work, ticket: Ticket, document: Document) -> None:
    """Tell everybody who asked what was done; the bot waits there for a yes or a no."""
    for place in await places_to_tell(work, ticket):
        waits = Matter(pending=AwaitsConfirmation(ticket.reference))
        work.keep(replace(place, silenced=False, matter=waits))
        work.post(place, document, author="technician", language=ticket.language)


async def show_at(work: Work, ticket: Ticket, place: Conversation) -> None:
    """From now on the ticket is answered in this conversation, too, unless anybody reads there."""
    if place.ref.is_public:
        return
    shown = await work.uow.tickets.places(ticket.id)
    if not any(one.conversation_id == place.id and one.side == "asker" for one in shown):
        work.uow.tickets.add(TicketPlace(ticket.id, place.id, "asker"))


def is_over(ticket: Ticket) -> bool:
    return ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
