"""Send: what is in the outbox goes to its platform; each outcome is written down, the unknown ones are looked into."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited, StorageUnavailable
from bot.model.ledger import Delivery
from bot.model.values import OutboxState
from bot.ports.adapters import ChatAdapter, FindsPosted
from bot.ports.storage import Storage

log = logging.getLogger(__name__)

ATTEMPTS = 20  # of one delivery, before it is given up
AT_ONCE = 10  # conversations served at a time
LOOK = 0.5  # seconds between two looks where nothing tells of news
LONGEST_PAUSE = 60.0


class Deliverer:
    """Delivers for the platforms whose adapters it is given, and for no other."""

    def __init__(
        self,
        storage: Storage,
        adapters: Sequence[ChatAdapter],
        owner: str,
        *,
        lease: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._storage = storage
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._owner = owner
        self._lease = lease
        self._clock = clock

    @property
    def accounts(self) -> list[tuple[str, str]]:
        return [(name, account) for name, adapter in self._adapters.items() for account in sorted(adapter.accounts)]

    async def run(self) -> None:
        """Deliver what comes until cancelled."""
        while True:
            try:
                if not await self.deliver_due():
                    await self._storage.changed("outbox", LOOK)
            except StorageUnavailable as error:
                log.warning("the database cannot be reached: %s", error)
                await asyncio.sleep(1)

    async def deliver_due(self) -> int:
        """Claim what is due and deliver it, at most one delivery of a conversation at a time; return how many."""
        accounts = self.accounts
        rows = await self._storage.outbox.claim(self._owner, self._lease, accounts, AT_ONCE) if accounts else []
        if len(rows) == 1:
            await self._deliver(rows[0])
        elif rows:
            await asyncio.gather(*map(self._deliver, rows))
        return len(rows)

    async def _deliver(self, delivery: Delivery) -> None:
        adapter, outbox = self._adapters[delivery.conversation.platform], self._storage.outbox
        pause = timedelta(seconds=min(LONGEST_PAUSE, 0.5 * 2 ** min(delivery.attempt, 10)))
        try:
            external_id = await self._outcome(adapter, delivery)
            await outbox.sent(delivery, external_id, self._clock())
        except RateLimited as error:
            await outbox.postpone(delivery, self._clock() + timedelta(seconds=error.retry_after), "rate limited")
        except DeliveryRefused as error:
            log.error("delivery %s was refused: %s", delivery.id, error)
            await outbox.failed(delivery, type(error).__name__)
        except PlatformUnavailable as error:
            log.warning("delivery %s waits: %s", delivery.id, error)
            postponed = outbox.unknown if delivery.state is OutboxState.UNKNOWN else outbox.postpone
            await postponed(delivery, self._clock() + pause, type(error).__name__)
        except StorageUnavailable as error:
            # Posted or not, the row still says `sending`; when the lease has run out it becomes unknown.
            log.warning("the outcome of delivery %s could not be written down: %s", delivery.id, error)
        except Exception as error:  # the delivery's boundary: the other conversations go on
            if not isinstance(error, OutcomeUnknown):
                log.error("delivery %s failed", delivery.id, exc_info=error)
            with suppress(StorageUnavailable):
                if delivery.attempt >= ATTEMPTS:
                    await outbox.failed(delivery, type(error).__name__)
                else:
                    await outbox.unknown(delivery, self._clock() + pause, type(error).__name__)

    async def _outcome(self, adapter: ChatAdapter, delivery: Delivery) -> str:
        """The platform's id of what was posted: now, or by an earlier attempt that never heard its answer."""
        if delivery.state is not OutboxState.UNKNOWN:
            return await adapter.send(delivery)
        if isinstance(adapter, FindsPosted):
            found = await adapter.find_posted(delivery)
            return found if found is not None else await adapter.send(delivery)
        return await adapter.send(replace(delivery, repeated=True))
