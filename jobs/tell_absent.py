"""Tell people who have closed the contact page that an answer waits for them there."""

from bot.contact.telling import tell_absent as tell_one
from bot.contact.telling import unread
from bot.engine.services import Services
from jobs.each import each

PORTION = 50


async def anybody_absent(services: Services) -> bool:
    return bool(await unread(services, limit=1))


async def tell_absent(services: Services) -> int:
    """Return how many."""
    return await each(await unread(services, PORTION), lambda visit: tell_one(services, visit))
