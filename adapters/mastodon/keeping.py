"""What the server takes as one post, kept where whoever words a reply finds it."""

import asyncio
import logging

from adapters.mastodon.ids import PLATFORM
from adapters.mastodon.limits import FRESH, Instance
from adapters.mastodon.server import Server
from bot.errors import DeliveryError, StorageError
from bot.ports.adapters import Memory
from bot.public.limits import PostLimits, limits_name

log = logging.getLogger(__name__)


class KeptLimits:
    """Of one account."""

    def __init__(self, memory: Memory, server: Server) -> None:
        self._memory = memory
        self._server = server
        self._kept = ""

    async def run(self) -> None:
        """Ask the server again from time to time, until cancelled."""
        while True:
            await asyncio.sleep(FRESH)
            await self.note()

    async def note(self) -> None:
        """As the server told last; what cannot be had or kept now is at the next time."""
        try:
            written = taken_by(self._server, await self._server.limits.now()).written()
            if written != self._kept:
                await self._memory.keep(limits_name(PLATFORM, self._server.account), written)
                self._kept = written
        except (DeliveryError, StorageError) as error:
            log.info("mastodon: what the server takes is kept later: %s", error)


def taken_by(server: Server, instance: Instance) -> PostLimits:
    """What it takes, for whoever counts as the core does."""
    domain = server.me.domain if server.me else instance.domain or server.account
    return PostLimits(instance.characters, instance.counting, names_alone=instance.is_mastodon, domain=domain.lower())
