"""Looking again at posts that were heard: servers tell of an edit or a deletion only whom they see fit to; and nobody
tells that one of the organisation's people has answered by hand."""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.errors import is_gone
from adapters.mastodon.feeds import Posted
from adapters.mastodon.hearing import Hearing
from adapters.mastodon.marks import Entry
from adapters.mastodon.payloads import Status
from adapters.mastodon.translate import deletion_of
from bot.errors import DeliveryRefused
from bot.model.messages import Incoming, IncomingMessage
from bot.ports.adapters import Clock, Inbox

log = logging.getLogger(__name__)

RECENT = 3_600.0  # seconds for which a post is looked at again after it was heard
MOST = 20  # of those, the latest; and of those whose reply waits
AT_ONCE = 20  # posts in one call


class Watching:
    """`held` gives the posts whose reply waits for somebody, as they were heard. `ticks` is monotonic, in seconds."""

    def __init__(
        self,
        api: Api,
        hearing: Hearing,
        clock: Clock,
        held: Callable[[], Awaitable[Sequence[Entry]]] | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._hearing = hearing
        self._clock = clock
        self._held = held
        self._ticks = ticks
        self._since: OrderedDict[str, float] = OrderedDict()  # when they were heard
        self._replies: dict[str, int | None] = {}  # how many those had whose reply waits, when they were looked at
        self._has_many = True  # the server gives several posts at once

    def heard(self, entry: Entry) -> None:
        self._since[entry.post] = self._ticks()
        self._since.move_to_end(entry.post)
        while len(self._since) > MOST:
            self._since.popitem(last=False)

    async def look(self, inbox: Inbox) -> int:
        """Store what became of them; return how many edits, deletions and answers were new. Raises RateLimited,
        PlatformUnavailable, StorageUnavailable."""
        held = list(await self._held())[:MOST] if self._held else []
        watched = self._watched(held)
        if not watched:
            return 0
        found = await self._statuses(list(watched))
        events: list[Incoming] = []
        changed = [one for id, one in found.items() if not self._hearing.is_as_read(Posted(one), watched[id])]
        told = await self._hearing.tell([Posted(one) for one in changed])
        events += [one.message for one in told if one.message]
        for id, one in found.items():
            self._hearing.reads(one, watched[id])
        for id in watched.keys() - found.keys():
            if await self._is_gone(id):
                events.append(self.deletion(watched[id]))
            else:
                self._has_many = False  # it was left out of several
        answered = await self._answered([found[one.post] for one in held if one.post in found])
        new = await inbox.receive(*events, *answered)
        self.stored(events)
        return new

    async def _answered(self, held: Sequence[Status]) -> list[Incoming]:
        """Those that the account has answered, among posts whose reply waits. Servers that do not count replies are
        asked each time."""
        answered: list[Incoming] = []
        asked = [one for one in held if one.replies_count is None or one.replies_count != self._replies.get(one.id, 0)]
        for one in asked:
            if message := await self._hearing.answered(one):
                answered.append(message)
        self._replies = {one.id: one.replies_count for one in held}
        return answered

    def deletion(self, entry: Entry) -> Incoming:
        return deletion_of(entry.post, entry.author, self._hearing.place(entry), self._hearing.here, self._clock())

    def stored(self, events: Sequence[Incoming]) -> None:
        for one in events:
            if isinstance(one, IncomingMessage):
                self._hearing.stored(one)
            elif one.type == "deletion":
                self._hearing.forget(one.message)
                self._since.pop(one.message, None)

    def _watched(self, held: Sequence[Entry]) -> dict[str, Entry]:
        now = self._ticks()
        recent = [self._hearing.heard(one) for one, at in self._since.items() if now - at < RECENT]
        for one in held:
            if self._hearing.heard(one.post) is None:
                self._hearing.recall(one)
        known = [self._hearing.heard(one.post) or one for one in held]
        return {one.post: one for one in (*known, *recent) if one is not None}

    async def _statuses(self, ids: list[str]) -> dict[str, Status]:
        found: dict[str, Status] = {}
        for start in range(0, len(ids), AT_ONCE):
            found |= _read(await self._several(ids[start : start + AT_ONCE]))
        return found

    async def _several(self, ids: list[str]) -> list[Any]:
        """Servers that do not know how to give several answer with one, or none, or refuse."""
        if self._has_many:
            try:
                found = await self._api.read("statuses", ids)
                if isinstance(found, list):
                    return found
            except DeliveryRefused as error:
                log.info("mastodon: several posts at once are not told: %s", error)
            self._has_many = False
        one_by_one = []
        for id in ids:
            try:
                one_by_one.append(await self._api.read("status", id))
            except DeliveryRefused as error:
                log.debug("mastodon: post %s is not told: %s", id, error)
        return one_by_one

    async def _is_gone(self, id: str) -> bool:
        """For certain."""
        try:
            await self._api.read("status", id)
        except DeliveryRefused as error:
            return is_gone(error)
        return False


def _read(found: list[Any]) -> dict[str, Status]:
    read: dict[str, Status] = {}
    for one in found:
        try:
            status = Status.model_validate(one)
        except ValidationError:
            continue
        read[status.id] = status
    return read
