"""Where a ticket's askers are."""

from collections.abc import Iterable
from dataclasses import replace

from bot.engine.work import Work
from bot.model.conversations import AwaitsConfirmation, Conversation, Matter
from bot.model.documents import Document
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import TicketStatus
from bot.public.left_alone import has_asked, wants_no_word


async def askers_places(work: Work, ticket: Ticket) -> list[Conversation]:
    """The conversations on the asker's side: of each person the one in which they wrote last; never a public one."""
    return _one_of_each(await _asked_at(work, ticket))


async def places_to_tell(work: Work, ticket: Ticket) -> list[Conversation]:
    """The same, where the desk may speak up unasked: not where somebody never asked it for anything, and not to who
    said that they want no word."""
    asked = [place for place in await _asked_at(work, ticket) if await has_asked(work, place, ticket)]
    return [place for place in _one_of_each(asked) if not await wants_no_word(work, place, ticket)]


async def _asked_at(work: Work, ticket: Ticket) -> list[Conversation]:
    found: list[Conversation] = []
    for shown in await work.uow.tickets.places(ticket.id):
        place = await work.place_by_id(shown.conversation_id) if shown.side == "asker" else None
        if place is not None and not place.ref.is_public:  # what everybody reads is never written to as to the asker
            found.append(place)
    if not found and (place := await work.place_by_id(ticket.conversation_id)) and not place.ref.is_public:
        return [place]
    return found


def _one_of_each(places: Iterable[Conversation]) -> list[Conversation]:
    """Of each person the one in which they wrote last."""
    found: dict[object, Conversation] = {}
    for place in places:
        known = found.get(place.person_id or place.id)
        if known is None or _later(place, known):
            found[place.person_id or place.id] = place
    return list(found.values())


def _later(one: Conversation, other: Conversation) -> bool:
    return (one.last_message_at is not None) and (
        other.last_message_at is None or one.last_message_at > other.last_message_at
    )


async def tell_askers(work: Work, ticket: Ticket, key: str, /, **values: object) -> bool:
    """A sentence to everybody who asked and may be told, each in the ticket's language; whether there was anybody."""
    document = work.line(key, ticket.language, reference=ticket.reference, **values)
    told = await places_to_tell(work, ticket)
    for place in told:
        work.post(place, document, language=ticket.language)
    return bool(told)


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
    told = {place.id for place in await places_to_tell(work, ticket)}
    for place in await askers_places(work, ticket):
        if ticket.is_active and ticket.first_reply_at:
            await silence(work, place)
        elif ticket.is_active and isinstance(place.matter.pending, AwaitsConfirmation):
            work.keep(replace(place, matter=replace(place.matter, pending=None)))
        elif ticket.status is TicketStatus.RESOLVED and place.matter.pending is None and place.id in told:
            work.keep(replace(place, matter=Matter(pending=AwaitsConfirmation(ticket.reference))))


async def ask_whether_settled(work: Work, ticket: Ticket, document: Document) -> bool:
    """Tell everybody who asked and may be told what was done; the bot waits there for a yes or a no. Whether there was
    anybody."""
    told = await places_to_tell(work, ticket)
    for place in told:
        waits = Matter(pending=AwaitsConfirmation(ticket.reference))
        work.keep(replace(place, silenced=False, matter=waits))
        work.post(place, document, author="technician", language=ticket.language)
    return bool(told)


async def show_at(work: Work, ticket: Ticket, place: Conversation) -> None:
    """From now on the ticket is answered in this conversation, too, unless anybody reads there."""
    if place.ref.is_public:
        return
    shown = await work.uow.tickets.places(ticket.id)
    if not any(one.conversation_id == place.id and one.side == "asker" for one in shown):
        work.uow.tickets.add(TicketPlace(ticket.id, place.id, "asker"))


def is_over(ticket: Ticket) -> bool:
    return ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
