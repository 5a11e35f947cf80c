"""Which ticket a conversation is about."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.turn import Turn
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import ClosedReason, TicketStatus
from bot.ports.storage import UnitOfWork

COMES_BACK = timedelta(days=14)  # after it closed, in which what the asker says may still be about it


async def ticket_of_thread(turn: Turn) -> Ticket | None:
    """The ticket whose card a desk room's thread hangs from."""
    place = await place_of_thread(turn.uow, turn.conversation.ref) if turn.in_desk else None
    return await turn.current(place.ticket_id) if place else None


async def place_of_thread(uow: UnitOfWork, ref: ConversationRef) -> TicketPlace | None:
    """Where the card stands that a thread hangs from."""
    if ref.thread is None:
        return None
    room = await uow.conversations.by_ref(replace(ref, thread=None))
    card = await uow.conversations.message_by_native_id(room.id, ref.thread) if room else None
    return await uow.tickets.place_of_card(card.id) if card else None


async def answered_here(turn: Turn) -> list[Ticket]:
    """The tickets whose answers come to this conversation, the newest first, closed ones left out: the person's own,
    and those that theirs became part of."""
    here = turn.conversation.id
    own = [ticket for ticket in turn.tickets if ticket.conversation_id == here]
    shown = {place.ticket_id for place in await turn.uow.tickets.places_in(here) if place.side == "asker"}
    missing = shown - {ticket.id for ticket in own}
    others = (await turn.uow.tickets.by_ids(missing)).values() if missing else ()
    there = [ticket for ticket in others if ticket.status is not TicketStatus.CLOSED]
    return sorted([*own, *there], key=lambda ticket: -ticket.number)


async def tickets_asked_in(uow: UnitOfWork, place: Conversation, now: datetime) -> list[Ticket]:
    """Those that are answered in a conversation, the newest first; of the closed ones, those that somebody may yet come
    back to."""
    shown = {one.ticket_id for one in await uow.tickets.places_in(place.id) if one.side == "asker"}
    found = (await uow.tickets.by_ids(shown)).values() if shown else ()
    return sorted((one for one in found if _is_near(one, now)), key=lambda one: -one.number)


def _is_near(ticket: Ticket, now: datetime) -> bool:
    if ticket.closed_at is None:
        return True
    over = ticket.closed_reason in (ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED)
    return not over and now - ticket.closed_at <= COMES_BACK


async def ticket_here(turn: Turn) -> Ticket | None:
    """The ticket that is meant where none is named: the thread's, or the only one that is open in this conversation."""
    if ticket := await ticket_of_thread(turn):
        return ticket
    here = [ticket for ticket in turn.here if ticket.is_active]
    return here[0] if len(here) == 1 else None
