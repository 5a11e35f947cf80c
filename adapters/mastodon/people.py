"""What lies between the desk's account and others: whom it blocks or mutes, or who blocks it."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.errors import is_lacking
from adapters.mastodon.payloads import Relationship
from bot.errors import DeliveryError, DeliveryRefused

log = logging.getLogger(__name__)

SECONDS = 600.0  # for which an answer is taken to be true
MOST = 5_000  # people remembered
AT_ONCE = 40  # asked about in one call
PAGE, PAGES = 80, 25  # people in a list, which is read so far


class People:
    """Of one account. `ticks` is monotonic, in seconds."""

    def __init__(self, api: Api, ticks: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._ticks = ticks
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._listed: tuple[float, frozenset[str]] = (float("-inf"), frozenset())

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
            log.info("mastodon: what lies between the account and others is not told: %s", error)
            unwanted = await self._of_lists(now) if is_lacking(error) else ()
            found = [{"id": one, "blocking": True} for one in ids if one in unwanted]
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

    async def _of_lists(self, now: float) -> frozenset[str]:
        """Whom the account blocks or mutes, where the server has lists of them; who blocks it is in none."""
        read_at, unwanted = self._listed
        if now - read_at > SECONDS:
            unwanted = frozenset([*await self._list("blocks"), *await self._list("mutes")])
            self._listed = now, unwanted
        return unwanted

    async def _list(self, name: str) -> list[str]:
        """Servers that do not say where the next page is are asked for what comes after the last one."""
        ids: dict[str, None] = {}
        before: str | None = None
        try:
            for _ in range(PAGES):
                found = await self._api.read(name, max_id=before, limit=PAGE)
                told = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
                fresh = [id for one in told if (id := str(one.get("id") or "")) and id not in ids]
                ids |= dict.fromkeys(fresh)
                link = getattr(found, "_pagination_next", None)
                if isinstance(link, dict) and link.get("max_id"):
                    before = str(link["max_id"])
                elif fresh and getattr(found, "_pagination_prev", None) is None:
                    before = fresh[-1]
                else:
                    break
        except DeliveryError as error:
            log.info("mastodon: the list of %s is not told: %s", name, error)
        return list(ids)
