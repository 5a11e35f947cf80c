"""Remove what nobody needs any more. Never tickets, and never what is in hand."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.ports.storage import Expiring, Storage

BREATH = 0.05  # seconds between portions, in which others write


async def purge_expired(storage: Storage, keep: Mapping[Expiring, timedelta], now: datetime) -> int:
    """Remove, a portion at a time, what is older than it is kept; return how many rows."""
    removed = 0
    for kind, span in keep.items():
        while portion := await storage.purge(kind, now - span):
            removed += portion
            await asyncio.sleep(BREATH)
    return removed
