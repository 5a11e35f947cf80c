"""Work that is done again when another writer was first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StaleWrite

RERUNS = 20  # after which rows that keep changing are a fault and no coincidence

T = TypeVar("T")


async def rerun_when_stale(work: Callable[[], Awaitable[T]], what: str) -> T:
    """The result of work that reads what it changes. Raises StaleWrite, naming `what`, if overtaken each time."""
    for attempt in range(RERUNS):
        try:
            return await work()
        except StaleWrite:
            await asyncio.sleep(0.002 * attempt)
    raise StaleWrite(f"rows kept changing under {what}")
