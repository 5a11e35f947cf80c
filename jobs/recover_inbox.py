"""Take up messages that a process left in hand when it died."""

import logging

from bot.ports.storage import Storage

log = logging.getLogger(__name__)


async def recover_inbox(storage: Storage) -> int:
    """Give back messages whose lease has run out; return how many. They are handled again, and answered once."""
    recovered = await storage.inbox.expire()
    if recovered:
        log.warning("took up %d messages that a process had left behind", recovered)
    return recovered
