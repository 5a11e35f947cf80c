"""Reading a feed from the newest back to what was read before, and storing what is new from there on.

Nothing is built on ids being in order or on what `min_id` does: servers differ. A feed is read downwards until
something is met that was read before, and a stretch beyond: posts of other servers arrive late, among those of their
time. What is new is stored upwards, page by page, each with the mark that says so: who dies on the way goes on there.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from adapters.mastodon.feeds import Feed, Item, Page, Posted
from adapters.mastodon.marks import NEVER, Entry, Mark
from bot.model.messages import IncomingMessage
from bot.ports.adapters import Clock, Memory, ReadInbox

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=15)  # before what was reached, which is read again
FAR_OVERLAP = timedelta(days=1)
OVERLAP_PAGES, FAR_OVERLAP_PAGES = 3, 25  # at most, beyond what was met
PAGES_KEPT = 25  # in memory, of a long gap; the others are asked for once more
GLEANED_PAGES = 3
MOST_PAGES = 5_000  # of a server that never comes to an end


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of a post; no message of what the inbox has already, or is nothing to the desk."""

    entry: Entry
    message: IncomingMessage | None = None


class Translates(Protocol):
    async def tell(self, posts: Sequence[Posted], *, late: bool, below: bool = False) -> list[Told]:
        """In the same order. `below`: somebody may have answered them by hand. Raises RateLimited, PlatformUnavailable,
        StorageUnavailable."""
        ...

    def stored(self, message: IncomingMessage) -> None: ...

    def is_as_read(self, posted: Posted, entry: Entry) -> bool:
        """Whether a post still says what it said."""
        ...


@dataclass(slots=True)
class _Walk:
    """Downwards. `met`: something that was read before; `beyond`: pages since then; `past`: in a row, of which
    everything is older than what was reached."""

    mark: Mark
    overlap: timedelta
    most_beyond: int
    pages: list[tuple[str | None, Page | None]] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    met: bool = False
    beyond: int = 0
    past: int = 0

    def takes(self, before: str | None, page: Page) -> bool:
        """False where there is nothing more to read."""
        ids = {one.id for one in page.items}
        if page.items and ids <= self.visited:  # a server that does not look at what it is asked for
            return False
        self.visited |= ids
        self.pages.append((before, page))
        if len(self.pages) > PAGES_KEPT:
            number = len(self.pages) - PAGES_KEPT - 1
            self.pages[number] = (self.pages[number][0], None)
        is_past = all(one.at < self.mark.reached - self.overlap for one in page.items)
        self.past = self.past + 1 if is_past else 0
        self.beyond += self.met
        self.met = self.met or any(self.mark.is_known(one) for one in ids)
        if page.older is None or page.older == before or len(self.pages) >= MOST_PAGES:
            return False
        if self.met:
            return not (is_past or page.is_last or self.beyond >= self.most_beyond)
        return self.mark.knows_nothing or self.past < 2


class Sweeper:
    """Of one account. `late_after`: without a reading, so that what is found was said while nobody listened. `ticks` is
    monotonic, in seconds."""

    def __init__(
        self,
        memory: Memory,
        translator: Translates,
        clock: Clock,
        late_after: timedelta,
        ticks: Callable[[], float] = time.monotonic,
        since: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        """`since`: when this process began, by the server's clock; None where it is not known."""
        self._memory = memory
        self._translator = translator
        self._clock = clock
        self._late_after = late_after
        self._ticks = ticks
        self._since = since
        self._swept: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def sweep(self, feed: Feed, inbox: ReadInbox, *, far: bool = False, late: bool = False) -> int:
        """Store what is new; return how many messages were. On the first time that is what was posted since this
        process began, where that can be told, and nothing where it cannot.

        `far`: read again what was posted in the last day. `late`: nobody listened before. Raises RateLimited,
        PlatformUnavailable, DeliveryRefused, StorageUnavailable: then it is to be done again, and does no harm.
        """
        async with self._turns[feed.name]:
            mark = Mark.of(await self._memory.recall(feed.name))
            if mark is None:
                mark, has_more = await self._begin(feed, inbox)
                if not has_more:
                    return 0
            began, now = self._ticks(), self._clock()
            late, is_first = late or self._is_late(feed, mark), feed.name not in self._swept
            walk = _Walk(mark, *((FAR_OVERLAP, FAR_OVERLAP_PAGES) if far else (OVERLAP, OVERLAP_PAGES)))
            before: str | None = None
            while walk.takes(before, page := await feed.page(before)):
                before = page.older
            new, pages = 0, walk.pages
            while pages:
                asked, kept = pages.pop()
                page = kept or await feed.page(asked)
                mark, count = await self._take(feed, inbox, page, mark, late=late, below=late or is_first)
                new += count
            if not timedelta() <= now - mark.read_at < self._late_after / 4:
                await inbox.receive(reached={feed.name: replace(mark, read_at=now).written()})
            self._swept[feed.name] = began
            return new

    async def mark(self, feed: Feed) -> Mark | None:
        """Raises StorageUnavailable."""
        return Mark.of(await self._memory.recall(feed.name))

    async def glean(self, feed: Feed, inbox: ReadInbox) -> int:
        """Store what is new on the last pages, wherever it stands among what was read; the feed is not read further
        by that. What was there before the first time is left."""
        mark = Mark.of(await self._memory.recall(feed.name))
        before, new = None, 0
        for _ in range(GLEANED_PAGES if mark else 0):
            page = await feed.page(before)
            fresh = [one for one in page.items if one.posted and mark and not mark.was_before(one.id, one.at)]
            told = await self._translator.tell([one.posted for one in fresh[::-1] if one.posted], late=False)
            new += await inbox.receive(*(one.message for one in told if one.message))
            for one in told:
                if one.message:
                    self._translator.stored(one.message)
            if (before := page.older) is None:
                break
        return new

    def _is_late(self, feed: Feed, mark: Mark) -> bool:
        """By this process's own reading, if there was one: clocks jump."""
        if (swept := self._swept.get(feed.name)) is not None:
            return self._ticks() - swept > self._late_after.total_seconds()
        return abs(self._clock() - mark.read_at) > self._late_after

    async def _begin(self, feed: Feed, inbox: ReadInbox) -> tuple[Mark, bool]:
        """It is read from now on. Whether there is something already that is to be read."""
        page, now, since = await feed.page(None), self._clock(), self._since()
        there = [one for one in page.items if since is None or one.at < since]
        is_all = page.older is None or page.is_last or not (await feed.page(page.older)).items
        mark = Mark(
            min(now, max((one.at for one in there), default=since or NEVER)),
            now,
            before=frozenset(one.id for one in there),
            floor=None if is_all else min([*(one.at for one in page.items), *([since] if since else [])]),
        )
        await inbox.receive(reached={feed.name: mark.written()})
        self._swept[feed.name] = self._ticks()
        log.info("mastodon: %s is read from now on", feed.name)
        return mark, len(there) < len(page.items)

    async def _take(
        self, feed: Feed, inbox: ReadInbox, page: Page, mark: Mark, *, late: bool, below: bool
    ) -> tuple[Mark, int]:
        upwards = page.items[::-1]
        fresh = [one for one in upwards if not mark.was_before(one.id, one.at) and not self._is_read(one, mark)]
        if not fresh:
            return mark, 0
        fresh.sort(key=lambda one: one.at)
        posted = [(one.id, one.posted) for one in fresh if one.posted]
        told = await self._translator.tell([one for _, one in posted], late=late, below=below)
        entries = {one.id: Entry() for one in fresh}
        entries |= {id: one.entry for (id, _), one in zip(posted, told, strict=True)}
        mark = mark.with_(entries, min(max(one.at for one in fresh), self._clock()))
        messages = [one.message for one in told if one.message]
        new = await inbox.receive(*messages, reached={feed.name: mark.written()})
        for message in messages:
            self._translator.stored(message)
        return mark, new

    def _is_read(self, one: Item, mark: Mark) -> bool:
        entry = mark.seen.get(one.id)
        if entry is None or one.posted is None:
            return entry is not None
        return self._translator.is_as_read(one.posted, entry)
