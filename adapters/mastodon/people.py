"""What lies between the desk's account and others: whom it blocks or mutes, or who blocks it."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.payloads import Relationship
from bot.errors import DeliveryError, DeliveryRefused

log = logging.getLogger(__name__)

SECONDS = 600.0  # for which an answer is taken to be true
MOST = 5_000  # people remembered
AT_ONCE = 40  # asked about in one call


class People:
    """Of one account. `ticks` is monotonic, in seconds."""

    def __init__(self, api: Api, ticks: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._ticks = ticks
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    async def unwanted(self, ids: Collection[str]) -> frozenset[str]:
        """Those among these accounts that block the desk's, or are blocked or muted. Where that cannot be told, nobody
        is: who blocks the desk cannot be written to in any case."""
        now = self._ticks()
        asked = [one for one in dict.fromkeys(ids) if one not in self._known or now - self._known[one][0] > SECONDS]
        for start in range(0, len(asked), AT_ONCE):
            await self._ask(asked[start : start + AT_ONCE], now)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return frozenset(one for one in ids if self._known.get(one, (0.0, False))[1])

    async def _ask(self, ids: list[str], now: float) -> None:
        try:
            found = await self._api.read("account_relationships", ids)
        except DeliveryRefused as error:  # it may not know such a thing: it is asked again after a while
            log.info("mastodon: whom the account blocks or mutes is not told: %s", error)
            found = []
        except DeliveryError as error:
            log.info("mastodon: whom the account blocks or mutes cannot be told now: %s", error)
            return
        told = dict.fromkeys(ids, False)
        for one in found if isinstance(found, list) else ():
            try:
                between = Relationship.model_validate(one)
            except ValidationError:
                continue
            told[between.id] = between.is_unwanted
        for id in ids:
            self._known[id] = (now, told[id])
            self._known.move_to_end(id)
