"""Mastodon, and servers that speak as it does, as a chat platform."""

import asyncio
import logging
import time
from collections.abc import Callable

from adapters.mastodon.api import Api
from adapters.mastodon.ids import PLATFORM
from adapters.mastodon.server import Server
from adapters.mastodon.troubles import Troubles
from bot.ports.adapters import Clock, Memory
from bot.settings import Settings

log = logging.getLogger(__name__)


class MastodonAdapter:
    """The account of GUICHET_MASTODON_TOKEN on the server of GUICHET_MASTODON_URL."""

    platform = PLATFORM

    def __init__(
        self,
        settings: Settings,
        memory: Memory,
        clock: Clock,
        *,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ticks`: seconds, by which calls are paced."""
        self._settings = settings
        self._memory = memory
        self._clock = clock
        self.troubles = Troubles(clock)
        self.server = Server(Api(settings, self.troubles, ticks), ticks)

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset({self.server.account}) if self.server.me else frozenset()

    async def close(self) -> None:
        """For whoever does not come to `run`, which does it by itself."""
        await asyncio.shield(self.server.api.close())
