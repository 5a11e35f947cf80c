"""Forget what people say among themselves in the threads that the desk can read, and that nobody called it to."""

from datetime import datetime, timedelta

from bot.ports.storage import Storage
from jobs.purge_expired import purge_expired

OVERHEARD = timedelta(hours=1)  # for which it is kept: what calls the desk may come after what it is about


async def forget_overheard(storage: Storage, now: datetime) -> int:
    """Return how many messages."""
    return await purge_expired(storage, {"overheard": OVERHEARD}, now)
