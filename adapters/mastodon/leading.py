"""Which process listens: of any number, the one that holds the lease. Taken over when it dies."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.errors import StorageUnavailable
from bot.model.ledger import Lease

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks whether who listens is gone
GOODBYE = 1.0  # seconds in which the lease is given back
MARGIN = 0.2  # share of the lease before whose end a holder that cannot renew it stops


class Leases(Protocol):
    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None: ...

    async def seize(self, name: str, owner: str, ttl: timedelta) -> Lease: ...

    async def release(self, name: str, owner: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose process this is, and for how many seconds a lease lasts. `sole`: nobody else can be alive on this database,
    so whoever holds the lease is dead."""

    leases: Leases
    owner: str
    seconds: float = 10.0
    sole: bool = False


class Leading:
    def __init__(self, seat: Seat, name: str, ticks: Callable[[], float] = time.monotonic) -> None:
        self._seat = seat
        self._name = name
        self._ticks = ticks
        self._good_until = 0.0
        self._epoch: int | None = None  # None: somebody else listens, or nobody
        self._terms = 1

    @property
    def leads(self) -> bool:
        """Whether this process listens for certain."""
        return self._epoch is not None and self._ticks() < self._good_until

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled: `work`, while the lease is held. It is cancelled as soon as that is not certain any more,
        and begun again when the lease is. What it raises is raised."""
        while True:
            try:
                while not await self._look():  # noqa: ASYNC110  # the database tells nobody that a lease has run out
                    await asyncio.sleep(LOOK)
                log.info("mastodon: this process listens, epoch %s", self._epoch)
                await self._hold(work)
                log.warning("mastodon: another process listens, or may by now: this one stops")
            finally:
                self._epoch = None
                with suppress(StorageUnavailable, TimeoutError):
                    async with asyncio.timeout(GOODBYE):
                        await self._seat.leases.release(self._name, self._owner)
                # Under another name, so that listening again is another epoch.
                self._terms += 1

    async def _hold(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(work())
        try:
            while self.leads and not task.done():
                pause = min(self._seat.seconds / 3, max(0.01, self._good_until - self._ticks()))
                await asyncio.wait([task], timeout=pause)
                await self._look()
            if task.done():
                task.result()
        finally:
            self._epoch = None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def _owner(self) -> str:
        return f"{self._seat.owner} {self._terms}"

    async def _look(self) -> bool:
        """Take or renew it; whether it is held. Where the database does not answer, a holder goes on as long as its
        lease surely lasts."""
        seat, begun = self._seat, self._ticks()
        take = seat.leases.seize if seat.sole and self._epoch is None else seat.leases.acquire
        left = self._good_until - begun if self._epoch is not None else seat.seconds
        try:
            async with asyncio.timeout(max(0.01, left)):
                lease = await take(self._name, self._owner, timedelta(seconds=seat.seconds))
        except (StorageUnavailable, TimeoutError) as error:
            log.warning("mastodon: who listens cannot be agreed on for now: %s", str(error) or "no answer in time")
            return self.leads
        if lease is None or (self._epoch is not None and lease.epoch != self._epoch):
            self._epoch = None
            return False
        self._epoch, self._good_until = lease.epoch, begun + seat.seconds * (1 - MARGIN)
        return True
