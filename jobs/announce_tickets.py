"""Announce tickets that were opened while the desk had no room to show them in: its channel was misspelt, or the bot
had not been let in yet."""

from datetime import timedelta

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.messages import ConversationRef
from bot.model.tickets import Ticket
from bot.tickets.cards import show_where_missing
from jobs.each import each

PORTION = 20  # cards at a time: a room takes about one message a second
NOT_BEFORE = timedelta(days=7)  # tickets that are older than the desk's rooms are in its lists


def rooms(services: Services) -> list[ConversationRef]:
    """Those in which each ticket has its card."""
    return [ref for ref in services.desk.rooms if services.desk.shows_cards(ref)]


async def anything_unannounced(services: Services) -> bool:
    return bool(await _unannounced(services, limit=1))


async def announce_tickets(services: Services) -> int:
    """Return how many."""
    return await each(await _unannounced(services, PORTION), lambda ticket: _announce(services, ticket))


async def _unannounced(services: Services, limit: int) -> list[Ticket]:
    async with services.storage.unit_of_work() as uow:
        return await uow.tickets.without_card(rooms(services), services.clock() - NOT_BEFORE, limit)


async def _announce(services: Services, seen: Ticket) -> bool:
    async with working(services, f"announce:{seen.id}") as work:
        ticket = await work.current(seen.id)
        return ticket is not None and ticket.is_active and await show_where_missing(work, ticket)
