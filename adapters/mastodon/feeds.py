"""What is asked for news, page by page, the newest first: notifications, and the posts with a hashtag."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.ids import PLATFORM
from adapters.mastodon.payloads import Notification, Status

log = logging.getLogger(__name__)

PAGE = 40  # the most that Mastodon gives of a timeline
MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class Posted:
    """A post as it stands now. `mentioned`: the server says that it is for the account."""

    status: Status
    mentioned: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """Something on a page. `posted` is None for what is nothing to the desk."""

    id: str
    at: datetime
    posted: Posted | None


@dataclass(frozen=True, slots=True)
class Page:
    """`older`: what to ask for the next page with; None where there is none. `is_last`: the server says that it is,
    which servers do, too, when they have left something out of a page."""

    items: tuple[Item, ...]
    older: str | None
    is_last: bool = False


class Feed(Protocol):
    @property
    def name(self) -> str:
        """Of the cursor."""
        ...

    async def page(self, before: str | None) -> Page:
        """Raises RateLimited, PlatformUnavailable, DeliveryRefused."""
        ...


class Notifications:
    """Of the account with the id `me`. `of`: the id of whom alone they are of."""

    def __init__(self, api: Api, account: str, me: str, *, of: str | None = None) -> None:
        self._api = api
        self._of = of
        self.name = f"{PLATFORM}/{account}/notifications/{me}"
        self._warned = Warned(self.name)

    async def page(self, before: str | None) -> Page:
        found = await self._api.read("notifications", max_id=before, account_id=self._of, limit=PAGE, types=["mention"])
        return page_of(found, self._item)

    def _item(self, one: Any) -> Item | None:
        with self._warned.about(one):
            told = Notification.model_validate(one)
            return Item(told.id, told.created_at, self._posted(told))
        return None

    def _posted(self, told: Notification) -> Posted | None:
        """Some servers keep the notification of a post that was deleted."""
        if told.type != "mention" or told.status is None:
            return None
        with self._warned.about(told.status):
            return Posted(Status.model_validate(told.status), mentioned=True)
        return None


class Hashtag:
    def __init__(self, api: Api, account: str, tag: str) -> None:
        self._api = api
        self.tag = tag
        self.name = f"{PLATFORM}/{account}/tag/{tag.lower()}"
        self._warned = Warned(self.name)

    async def page(self, before: str | None) -> Page:
        return page_of(await self._api.read("timeline_hashtag", self.tag, max_id=before, limit=PAGE), self._item)

    def _item(self, one: Any) -> Item | None:
        with self._warned.about(one):
            status = Status.model_validate(one)
            return Item(status.id, status.created_at, Posted(status))
        return None


def page_of(found: Any, item: Callable[[Any], Item | None]) -> Page:
    """Without what cannot be read, and each thing once."""
    told: Sequence[Any] = found if isinstance(found, list | tuple) else ()
    items = {one.id: one for one in map(item, told) if one is not None}
    knows_pages = getattr(found, "_pagination_prev", None) is not None
    has_more = getattr(found, "_pagination_next", None) is not None
    return Page(tuple(items.values()), _older(found, tuple(items.values())), knows_pages and not has_more)


def _older(found: Any, items: Sequence[Item]) -> str | None:
    """As the server's Link header says; where it says nothing, before the last one. Of a page that is in no order
    of time that is the one with the least id."""
    link = getattr(found, "_pagination_next", None)
    if isinstance(link, dict) and link.get("max_id"):
        return str(link["max_id"])
    if not items:
        return None
    if all(newer.at >= older.at for newer, older in pairwise(items)):
        return items[-1].id
    return min(items, key=lambda one: (len(one.id), one.id)).id


class Warned:
    """Says once of each thing that it cannot be read."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._told: OrderedDict[str, None] = OrderedDict()

    def about(self, one: Any) -> "Warned":
        self._about = str(one.get("id")) if isinstance(one, dict) else type(one).__name__
        return self

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, ValidationError):
            return False
        what = self._about[:100]
        if what not in self._told:
            self._told[what] = None
            if len(self._told) > MOST_TOLD:
                self._told.popitem(last=False)
            fields = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
            log.warning("%s: %r cannot be read, it is passed over: %s", self._where, what, ", ".join(fields)[:200])
        return True
