"""Which process runs the jobs: of any number, the one that holds the scheduler's lease."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from bot.errors import StorageUnavailable
from bot.model.ledger import SCHEDULER, Lease
from bot.ports.storage import Leases

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks whether the leader is gone
MARGIN = 0.1  # share of the lease before whose end a leader that cannot renew it stops


class Leadership:
    """`won` and `lost` are awaited as the lease comes and goes. `sole`: nobody else can be alive on this database, so
    whoever holds the lease is dead."""

    def __init__(
        self,
        leases: Leases,
        owner: str,
        seconds: float,
        won: Callable[[Lease], Awaitable[None]],
        lost: Callable[[], Awaitable[None]],
        *,
        sole: bool = False,
    ) -> None:
        self._leases = leases
        self._owner = owner
        self._seconds = seconds
        self._won = won
        self._lost = lost
        self._sole = sole
        self._lease: Lease | None = None
        self._good_until = 0.0  # of the monotonic clock
        self._terms = 1

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            lease, pause = await self._look()
            if self._lease is not None and (lease is None or lease.epoch != self._lease.epoch):
                log.warning("another process leads the jobs, or may by now: they stop here")
                self._lease = None
                # Under another name, so that leading again is another epoch: what is broken off now is taken up then.
                self._terms += 1
                await self._lost()
            elif lease is not None and self._lease is None:
                log.info("this process leads the jobs, epoch %d", lease.epoch)
                self._lease = lease
                await self._won(lease)
            await asyncio.sleep(pause)

    async def give_up(self) -> None:
        """Let another process lead at once. After `run` has ended."""
        if self._lease is not None:
            self._lease = None
            with suppress(StorageUnavailable):
                await self._leases.release(SCHEDULER, self._name)

    @property
    def _name(self) -> str:
        return f"{self._owner} {self._terms}"

    @property
    def _left(self) -> float:
        """Seconds for which this process certainly leads."""
        return max(0.0, self._good_until - time.monotonic())

    async def _look(self) -> tuple[Lease | None, float]:
        """The lease, taken or renewed, and the seconds until the next look; None if it is somebody else's, or ours no
        longer for certain."""
        begun = time.monotonic()
        take = self._leases.seize if self._sole and self._lease is None else self._leases.acquire
        try:
            # Where the database does not answer, a leader goes on as long as its lease surely lasts.
            async with asyncio.timeout(self._left if self._lease else self._seconds):
                lease = await take(SCHEDULER, self._name, timedelta(seconds=self._seconds))
        except (StorageUnavailable, TimeoutError) as error:
            log.warning("who leads the jobs cannot be agreed on for now: %s", str(error) or "no answer in time")
            return self._lease if self._left else None, min(LOOK, self._left or LOOK)
        if lease is None:
            return None, LOOK
        self._good_until = begun + self._seconds * (1 - MARGIN)
        return lease, self._seconds / 3
