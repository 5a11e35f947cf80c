"""Introduce: what a platform had no time to say of an event is asked for before the event is handled."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.engine.addressed import Concern, concern
from bot.engine.services import Services
from bot.errors import PlatformUnavailable, RateLimited
from bot.model.ledger import InboxRow
from bot.model.messages import Incoming, IncomingDeletion
from bot.model.values import Audience
from bot.ports.adapters import Introduces

log = logging.getLogger(__name__)

TRIES = 8  # after which an event is handled with what is known of it
LONGEST_PAUSE = 60.0  # seconds
TRIES_ELSEWHERE = 40  # the same of one whose platform this process does not run: another may take it up
PAUSE_ELSEWHERE = 3.0  # seconds
MOST_REMEMBERED = 10_000


class Introductions:
    """Asks the adapters that this process runs. What cannot be asked now is given back and asked again later."""

    def __init__(self, services: Services, introducers: Mapping[str, Introduces]) -> None:
        self._services = services
        self._inbox = services.storage.inbox
        self._introducers = introducers
        self._tried: dict[UUID, int] = {}

    async def of(self, row: InboxRow) -> InboxRow | None:
        """The row with its event introduced; None if it is out of hand: it does not concern the desk, or it waits.

        What nobody can introduce is handled in the end with what is known: as of a stranger, among strangers. Raises
        StorageUnavailable, LeaseLost.
        """
        event = row.event
        if isinstance(event, IncomingDeletion) or event.introduced:
            return row
        match await self._concern(event):
            case Concern.NOTHING:
                await self._done(row, dismissed=True)
                return None
            case Concern.ASIDE:  # all that counts is that somebody spoke
                return row
        introducer = self._introducers.get(event.key.platform)
        if introducer is None:
            return await self._postponed(row, event, "it is for another process", PAUSE_ELSEWHERE, TRIES_ELSEWHERE)
        try:
            introduced = await introducer.introduce(event)
        except RateLimited as error:
            return await self._postponed(row, event, str(error), error.retry_after)
        except PlatformUnavailable as error:
            return await self._postponed(row, event, str(error), self._pause(row))
        self._tried.pop(row.id, None)
        if introduced is None:
            await self._done(row)
            return None
        return replace(row, event=_known(introduced))

    async def _concern(self, event: Incoming) -> Concern:
        async with self._services.storage.unit_of_work() as uow:
            return await concern(self._services, uow, event)

    def _pause(self, row: InboxRow) -> float:
        """Seconds, more with each try."""
        return float(min(2 ** self._tried.get(row.id, 0), LONGEST_PAUSE))

    async def _postponed(
        self, row: InboxRow, event: Incoming, why: str, pause: float, most: int = TRIES
    ) -> InboxRow | None:
        tried = self._tried.pop(row.id, 0) + 1
        if tried >= most:
            log.warning("message %s is handled without an introduction: %s", row.id, why)
            return replace(row, event=_stranger(event))
        if len(self._tried) >= MOST_REMEMBERED:
            self._tried.clear()  # taken up by others since, most of them
        self._tried[row.id] = tried
        log.info("message %s waits to be introduced: %s", row.id, why)
        await self._inbox.postpone(row, self._services.clock() + timedelta(seconds=pause), "not introduced")
        return None

    async def _done(self, row: InboxRow, *, dismissed: bool = False) -> None:
        async with self._services.storage.unit_of_work() as uow:
            uow.inbox.done(row, dismissed=dismissed)
            await uow.commit()


def _known(event: Incoming) -> Incoming:
    return event if isinstance(event, IncomingDeletion) else replace(event, introduced=True)


def _stranger(event: Incoming) -> Incoming:
    return event if isinstance(event, IncomingDeletion) else replace(event, introduced=True, audience=Audience.PUBLIC)
