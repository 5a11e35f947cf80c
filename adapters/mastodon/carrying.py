"""Files that a direct message names, in messages of their own that hang from it.

A server that knows no keys may have one twice, if this process dies meanwhile. A message that is taken back takes along
what was not yet brought.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.mastodon.ids import PLATFORM, direct_room
from bot.attachments.carrying import Carrier, Errand, items_of
from bot.errors import StorageError
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.ports.adapters import Clock, Memory, SharedFiles

# Sends a file of that name to a room, under a key that makes it stand there once.
Bring = Callable[[ConversationRef, str, bytes, str], Awaitable[str]]


class Carrying:
    """For one account; `bring` raises a DeliveryError."""

    def __init__(self, files: SharedFiles, memory: Memory, account: str, bring: Bring, clock: Clock) -> None:
        self._account = account
        self._bring = bring
        self._carrier = Carrier(PLATFORM, files, memory, self._there, clock)

    async def posted(self, delivery: Delivery, message: str) -> None:
        """A delivery is out, as that message. Raises nothing; what takes time is done meanwhile."""
        if delivery.conversation.is_public:
            return
        items = items_of(delivery.document)
        with suppress(StorageError):
            if delivery.replaces is None:
                await self._carrier.take(self._account, message, delivery.conversation.room, items)
            elif not items:
                await self._carrier.take_back(self._account, message)

    async def sweep(self) -> None:
        await self._carrier.sweep(lambda: (self._account,))

    async def close(self) -> None:
        await self._carrier.close()

    async def _there(self, errand: Errand, content: bytes) -> None:
        await self._bring(direct_room(errand.account, errand.place), errand.name, content, errand.key)
