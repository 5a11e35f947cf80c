"""Remind the desk of public replies that nobody has decided about in time."""

from bot.engine.services import Services
from bot.public.reminding import overdue, remind
from jobs.each import each

PORTION = 50


async def anybody_to_remind(services: Services) -> bool:
    return bool(await overdue(services, limit=1))


async def remind_held(services: Services) -> int:
    """Of each exactly once, however many processes do this at once and whenever they are killed; return how many."""
    return await each(await overdue(services, PORTION), lambda post: remind(services, post))
