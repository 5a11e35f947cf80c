"""Send: what is in the outbox goes to its platform; each outcome is written down, the unknown ones are looked into."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.engine.confirmations import CUES, Confirmations
from bot.engine.unbroken import unbroken
from bot.errors import (
    DeliveryRefused,
    OutcomeUnknown,
    PlatformUnavailable,
    RateLimited,
    StorageUnavailable,
    TargetGone,
    Unfinished,
)
from bot.model.ledger import Delivery
from bot.model.values import OutboxState
from bot.ports.adapters import ChatAdapter, FindsPosted, Reacts
from bot.ports.storage import Storage
from bot.texts import Texts

log = logging.getLogger(__name__)

FAILURES = 20  # of one delivery, before it is given up
AT_ONCE = 10  # conversations served at a time
PATIENCE = 0.8  # share of the lease that a call may take; a later answer would come to a row in other hands
LOOK = 0.5  # seconds between two looks where nothing tells of news
FIRST_PAUSE, GROWTH, LONGEST_PAUSE = 0.75, 1.5, 60.0  # six failures in a row make no quarter of a minute
MOST_REMEMBERED = 10_000  # deliveries, of which it is known how often they failed


class NothingToEdit(Exception):
    """The message that was to be changed was withdrawn before it was posted, or never could be."""


@dataclass(slots=True)
class Attempt:
    """`may_be_there`: an earlier one may have posted it, and the platform has not told yet that it did not."""

    may_be_there: bool


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
        texts: Texts | None = None,
    ) -> None:
        """Without `texts`, nobody is told that what they wrote has arrived."""
        self._storage = storage
        self._confirmations = Confirmations(storage, texts) if texts else None
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._owner = owner
        self._lease = lease
        self._clock = clock
        # Waiting for one's turn is no failure: an attempt that was rate limited counts for neither.
        self._failed: Counter[UUID] = Counter()
        self._away: Counter[UUID] = Counter()

    @property
    def adapters(self) -> tuple[ChatAdapter, ...]:
        return tuple(self._adapters.values())

    @property
    def accounts(self) -> list[tuple[str, str]]:
        return [(name, account) for name, adapter in self._adapters.items() for account in sorted(adapter.accounts)]

    async def run(self) -> None:
        """Deliver what comes until cancelled; what is in hand then is finished first. A platform that does not answer
        holds up no other."""
        async with asyncio.TaskGroup() as group:
            for platform in self._adapters:
                group.create_task(self._run(platform))

    async def _run(self, platform: str) -> None:
        while True:
            try:
                # What is sent wakes this, for what waited behind it.
                if await unbroken(self.deliver_due(platform)) < AT_ONCE:
                    await self._storage.changed("outbox", LOOK)
            except StorageUnavailable as error:
                log.warning("the database cannot be reached: %s", error)
                await asyncio.sleep(1)

    async def deliver_due(self, platform: str | None = None) -> int:
        """Claim what is due, on one platform or on all, and deliver it, at most one delivery of a conversation at a
        time; return how many."""
        accounts = [each for each in self.accounts if platform in (None, each[0])]
        until = self._clock() + self._lease * PATIENCE
        rows = await self._storage.outbox.claim(self._owner, self._lease, accounts, AT_ONCE) if accounts else []
        if len(rows) == 1:
            await self._deliver(rows[0], until)
        elif rows:
            await asyncio.gather(*(self._deliver(row, until) for row in rows))
        return len(rows)

    async def _deliver(self, delivery: Delivery, until: datetime) -> None:
        adapter, outbox = self._adapters[delivery.conversation.platform], self._storage.outbox
        attempt = Attempt(delivery.state is OutboxState.UNKNOWN)

        async def postpone(pause: timedelta, error: str) -> None:
            wait = outbox.unknown if attempt.may_be_there else outbox.postpone
            row = replace(delivery, repeated=delivery.repeated and attempt.may_be_there)
            await wait(row, self._clock() + pause, error)

        if (seconds := (until - self._clock()).total_seconds()) <= 0:
            log.warning(
                "delivery %s is left to others: this process was held up for longer than its lease", delivery.id
            )
            return
        try:
            external_id = await self._outcome(adapter, await self._aimed(delivery), attempt, seconds)
            # First what the technician is told: a process that dies in between leaves the outcome to be looked into.
            await self._confirm(delivery, arrived=True)
            await outbox.sent(delivery, external_id, self._clock())
            self._forget(delivery)
        except NothingToEdit:
            await outbox.failed(delivery, "there is nothing to edit")
        except RateLimited as error:
            await postpone(timedelta(seconds=error.retry_after), "rate limited")
        except Unfinished as error:
            log.info("delivery %s is posted in part: %s", delivery.id, error)
            attempt.may_be_there = True
            pause = timedelta(seconds=error.retry_after) if error.retry_after else self._pause(self._away, delivery)
            await postpone(pause, type(error).__name__)
        except DeliveryRefused as error:
            # People delete what they wrote: nobody has anything to mend then.
            level = logging.INFO if isinstance(error, TargetGone) else logging.ERROR
            log.log(level, "delivery %s was refused: %s", delivery.id, error)
            await self._confirm(delivery, arrived=False)
            await outbox.failed(delivery, type(error).__name__)
            self._forget(delivery)
        except PlatformUnavailable as error:
            log.warning("delivery %s waits: %s", delivery.id, error)
            await postpone(self._pause(self._away, delivery), type(error).__name__)
        except StorageUnavailable as error:
            # Posted or not, the row still says `sending`; when the lease has run out it becomes unknown.
            log.warning("the outcome of delivery %s could not be written down: %s", delivery.id, error)
        except Exception as error:  # the delivery's boundary: the other conversations go on
            if not isinstance(error, OutcomeUnknown):
                log.error("delivery %s failed", delivery.id, exc_info=error)
            with suppress(StorageUnavailable):
                pause = self._pause(self._failed, delivery)
                if self._failed[delivery.id] >= FAILURES:
                    await self._confirm(delivery, arrived=False)
                    await outbox.failed(delivery, type(error).__name__)
                    self._forget(delivery)
                else:
                    await outbox.unknown(delivery, self._clock() + pause, type(error).__name__)

    def _pause(self, counted: Counter[UUID], delivery: Delivery) -> timedelta:
        """Until it is tried again: longer each time that this happens to it."""
        if len(counted) >= MOST_REMEMBERED:
            counted.clear()
        counted[delivery.id] += 1
        pause = FIRST_PAUSE * GROWTH ** min(counted[delivery.id] - 1, FAILURES)
        return timedelta(seconds=min(LONGEST_PAUSE, pause))

    def _forget(self, delivery: Delivery) -> None:
        self._failed.pop(delivery.id, None)
        self._away.pop(delivery.id, None)

    async def _aimed(self, delivery: Delivery) -> Delivery:
        """With the platform's id of the message that it changes. Raises NothingToEdit if that was never posted."""
        if delivery.edits is None:
            return delivery
        async with self._storage.unit_of_work() as uow:
            message = await uow.conversations.message(delivery.edits)
        if message is None or message.native_id is None:
            raise NothingToEdit
        return replace(delivery, replaces=message.native_id)

    async def _confirm(self, delivery: Delivery, *, arrived: bool) -> None:
        if self._confirmations and delivery.confirms:
            try:
                await self._confirmations.tell(delivery, arrived=arrived)
            except Exception:  # the delivery's boundary: what has arrived is not sent again for it
                log.exception("delivery %s: nobody could be told what became of it", delivery.id)

    async def _outcome(self, adapter: ChatAdapter, delivery: Delivery, attempt: Attempt, seconds: float) -> str:
        """The platform's id of what was posted: now, or by an earlier attempt that never heard its answer."""
        try:
            async with asyncio.timeout(seconds):
                if delivery.reaction and isinstance(adapter, Reacts):
                    assert delivery.replaces is not None
                    mark = f"{delivery.replaces}/{delivery.reaction}"
                    try:
                        await adapter.react(delivery.conversation, delivery.replaces, delivery.reaction)
                        return mark
                    except DeliveryRefused as error:
                        log.info("delivery %s cannot be a mark: %s", delivery.id, error)
                        if delivery.reaction == CUES[True]:
                            return mark  # they know that it was sent: that it arrived goes without saying
                if delivery.reaction:
                    delivery = replace(delivery, replaces=None)  # said as a line of its own instead
                if delivery.state is not OutboxState.UNKNOWN:
                    return await adapter.send(delivery)
                if isinstance(adapter, FindsPosted):
                    if (found := await adapter.find_posted(delivery)) is not None:
                        return found
                    attempt.may_be_there = False
                    return await adapter.send(delivery)
                return await adapter.send(replace(delivery, repeated=True))
        except TimeoutError as error:
            if attempt.may_be_there and isinstance(adapter, FindsPosted):
                raise PlatformUnavailable("what is there could not be told in time") from error
            raise OutcomeUnknown("no answer in time") from error
