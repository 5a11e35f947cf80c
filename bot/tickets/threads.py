"""Which ticket a conversation is about."""

from dataclasses import replace

from bot.engine.turn import Turn
from bot.model.tickets import Ticket


async def ticket_of_thread(turn: Turn) -> Ticket | None:
    """The ticket whose card a desk room's thread hangs from."""
    ref = turn.conversation.ref
    if ref.thread is None or not turn.in_desk:
        return None
    room = await turn.uow.conversations.by_ref(replace(ref, thread=None))
    card = await turn.uow.conversations.message_by_native_id(room.id, ref.thread) if room else None
    place = await turn.uow.tickets.place_of_card(card.id) if card else None
    return await turn.current(place.ticket_id) if place else None


async def ticket_here(turn: Turn) -> Ticket | None:
    """The ticket that is meant where none is named: the thread's, or the only one that is open in this conversation."""
    if ticket := await ticket_of_thread(turn):
        return ticket
    here = [ticket for ticket in turn.tickets if ticket.is_active and ticket.conversation_id == turn.conversation.id]
    return here[0] if len(here) == 1 else None
