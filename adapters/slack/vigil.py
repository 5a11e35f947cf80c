"""Seeing to it that nothing that was said in a workspace stays unheard."""

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from adapters.slack.catch_up import CatchUp, Gap
from bot.errors import DeliveryError, StorageError
from bot.ports.adapters import Clock, Inbox
from bot.troubles import Troubles

log = logging.getLogger(__name__)

TICK = 15.0  # seconds between two looks; after a death so much more is read again
LEAST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds before catching up is tried again


class Vigil:
    """Of one workspace. `heard_until` tells until when this process hears Slack; None while it does not."""

    def __init__(
        self,
        account: str,
        catch_up: CatchUp,
        inbox: Inbox,
        troubles: Troubles,
        clock: Clock,
        heard_until: Callable[[], datetime | None],
        caught_up: Callable[[str | None, float], None] = lambda channel, read_at: None,
    ) -> None:
        """`caught_up` is told of each channel with which there is nothing more to catch up, and when it was read, by
        the loop's clock; and None when that is so of all of them, or cannot be done now."""
        self._account = account
        self._catch_up = catch_up
        self._inbox = inbox
        self._troubles = troubles
        self._clock = clock
        self._heard_until = heard_until
        self._caught_up = caught_up
        self._missed: Gap | None = None
        self._wake = asyncio.Event()

    def missed(self, since: datetime) -> None:
        """Nobody listened since then; somebody does now."""
        self._open(Gap(since, asyncio.get_running_loop().time()))

    def _open(self, gap: Gap) -> None:
        self._missed = self._missed.with_(gap) if self._missed else gap
        self._wake.set()

    async def run(self) -> None:
        """From when Slack is first heard, until cancelled."""
        await self._begin()
        pause = LEAST_PAUSE
        while True:
            self._wake.clear()
            if await self._once():
                pause = LEAST_PAUSE
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        await self._wake.wait()
            else:
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _begin(self) -> None:
        """From the cursor; on the very first connection, from now."""
        now = self._clock()
        while True:
            try:
                if until := await self._catch_up.heard_until():
                    self.missed(until)
                else:
                    await self._catch_up.heard(now)
                return
            except StorageError as error:
                log.warning("slack: until when %s was heard cannot be read: %s", self._account, error)
                await asyncio.sleep(LEAST_PAUSE)

    async def _once(self) -> bool:
        """Catch up if something was missed, then say how far we are. False if it is to be tried again."""
        gap, self._missed = self._missed, None
        try:
            if gap is not None:
                await self._catch_up.read(self._inbox, gap, self._clock(), self._caught_up)
                self._troubles.ends("catch_up", self._account)
            if until := self._known_until():
                await self._catch_up.heard(until)
        except (DeliveryError, StorageError) as error:
            if gap is not None:
                self._open(gap)
                self._troubles.begins("catch_up", self._account, type(error).__name__)
            log.info("slack: catching up with %s is tried again: %s", self._account, error)
            self._caught_up(None, math.inf)
            return False
        if self._missed is None:
            self._caught_up(None, math.inf)
        return True

    def _known_until(self) -> datetime | None:
        """Until when nothing is missing, even if something was missed meanwhile."""
        return self._missed.since if self._missed else self._heard_until()
