"""Hearing the server: over its streams, where it has some, and by asking it for news. One process at a time does."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from mastodon import Mastodon, StreamListener
from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.events import Event
from adapters.mastodon.feeds import Feed, Hashtag, Notifications, Posted
from adapters.mastodon.filtered import Filtered
from adapters.mastodon.hearing import Hearing
from adapters.mastodon.marks import Entry
from adapters.mastodon.payloads import Notification, Status
from adapters.mastodon.people import People
from adapters.mastodon.streams import QUIET, Opens, Stream
from adapters.mastodon.sweeping import Sweeper
from adapters.mastodon.threads import Threads
from adapters.mastodon.translate import Here
from adapters.mastodon.watching import Watching
from bot.errors import DeliveryError, RateLimited, StorageError
from bot.model.messages import Incoming, MessageKey
from bot.ports.adapters import Clock, Memory, ReadInbox
from bot.troubles import Troubles

log = logging.getLogger(__name__)

SLOWER = 4  # times, by which the server is asked less often for what a stream brings
LATE_AFTER = timedelta(minutes=2)  # at the least, in which nobody listened
FAR_EVERY = 1_800.0  # seconds between two readings of hashtags a day back
WATCH_EVERY = 60.0  # seconds at the least between two looks at what was heard
FILTERED_ROUNDS = 10  # of asking for news, to one of asking what is kept back
MOST_STREAMS = 8  # of hashtags; the others are asked for
MOST_WAITING = 2_000  # events of streams; what is more is found by asking
AT_ONCE = 50  # events
AGAIN = 1.0  # seconds before what could not be stored is asked for


class Listening:
    """Of one account. `seconds` between two questions for news. `ticks` is monotonic, in seconds."""

    def __init__(
        self,
        api: Api,
        here: Here,
        tags: Sequence[str],
        memory: Memory,
        clock: Clock,
        troubles: Troubles,
        seconds: float,
        *,
        knows: Callable[[MessageKey], Awaitable[bool]] | None = None,
        held: Callable[[], Awaitable[Sequence[Entry]]] | None = None,
        ticks: Callable[[], float] = time.monotonic,
        began: float | None = None,
    ) -> None:
        """`began`: by `ticks`, from when on the account is heard on the first time; None: from when it is read."""
        self._api = api
        self._here = here
        self._troubles = troubles
        self._seconds = seconds
        self._memory = memory
        self._ticks = ticks
        self.hearing = Hearing(here, Threads(api), People(api, ticks), knows, ticks, clock)
        late_after = max(LATE_AFTER, timedelta(seconds=3 * SLOWER * seconds))
        self._sweeper = Sweeper(
            memory, self.hearing, clock, late_after, ticks, lambda: None if began is None else api.time_at(began)
        )
        self._watching = Watching(api, self.hearing, clock, held, ticks)
        self.hearing.heard_also = self._watching.heard
        self._notifications = Notifications(api, here.account, here.id)
        self._hashtags = [Hashtag(api, here.account, tag) for tag in tags]
        self._filtered = Filtered(api, here)
        self._streams: dict[str, Stream] = {}
        self._events: asyncio.Queue[tuple[str, Event]] = asyncio.Queue(MOST_WAITING)
        self._wake = asyncio.Event()
        self._far_at: dict[str, float] = {}
        self._read_at: dict[str, float] = {}
        self._merged = False
        self._rounds = 0

    async def run(self, inbox: ReadInbox) -> None:
        """Until cancelled."""
        self._open_streams()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask(inbox))
            group.create_task(self._hear(inbox))
            group.create_task(self._watch(inbox))
            for stream in self._streams.values():
                group.create_task(stream.run())

    async def notifications(self, inbox: ReadInbox, *, late: bool = False) -> int:
        """Ask once for what was written for the account. Raises as `Sweeper.sweep`."""
        return await self._sweep(self._notifications, inbox, late=late)

    async def hashtags(self, inbox: ReadInbox, *, late: bool = False, due_only: bool = False) -> int:
        """Ask once for posts with the hashtags that are watched. `due_only`: not for those that a stream brings, unless
        it is time to look whether it brings all. One that cannot be read does not hold up the others: the first error
        is raised at the end."""
        new, failure = 0, None
        for feed in self._hashtags:
            if due_only and not self._is_due(feed):
                continue
            far = self._ticks() - self._far_at.get(feed.name, float("-inf")) > FAR_EVERY
            try:
                new += await self._sweep(feed, inbox, far=far, late=late)
            except DeliveryError as error:
                failure = failure or error
                continue
            if far:
                self._far_at[feed.name] = self._ticks()
        if failure:
            raise failure
        return new

    async def _sweep(self, feed: Feed, inbox: ReadInbox, *, far: bool = False, late: bool = False) -> int:
        try:
            new = await self._sweeper.sweep(feed, inbox, far=far, late=late)
        except DeliveryError as error:
            self._troubles.begins("reading", feed.name, type(error).__name__)
            raise
        self._troubles.ends("reading", feed.name)
        self._read_at[feed.name] = self._ticks()
        return new

    def _is_due(self, feed: Hashtag) -> bool:
        stream = self._streams.get(feed.name)
        if stream is None or not stream.is_well:
            return True
        return self._ticks() - self._read_at.get(feed.name, float("-inf")) >= SLOWER * self._seconds

    # --- asking ----------------------------------------------------------------------------------------------------

    async def _ask(self, inbox: ReadInbox) -> None:
        for feed in await self._recall():
            await self._begin(feed, inbox)
        await self._filtered.open()
        while True:
            self._wake.clear()
            pause = self._pause()
            try:
                await self.notifications(inbox)
                await self._glean(inbox)
            except (DeliveryError, StorageError) as error:
                log.info("mastodon: the server is asked again: %s", error)
                pause = self._seconds
                if isinstance(error, RateLimited):
                    pause = max(pause, error.retry_after)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _recall(self) -> list[Feed]:
        """What was heard by who listened before. The feeds that nobody has read."""
        feeds: list[Feed] = [self._notifications, *self._hashtags]
        unread = []
        for feed in feeds:
            try:
                mark = await self._sweeper.mark(feed)
            except StorageError as error:
                log.info("mastodon: what was heard last cannot be read: %s", error)
                continue
            for entry in mark.seen.values() if mark else ():
                self.hearing.recall(entry)
            if mark is None:
                unread.append(feed)
        return unread

    async def _begin(self, feed: Feed, inbox: ReadInbox) -> None:
        """It is read from now on, not from when somebody comes to ask for it."""
        try:
            await self._sweep(feed, inbox)
        except (DeliveryError, StorageError) as error:
            log.info("mastodon: %s is begun with later: %s", feed.name, error)

    def _pause(self) -> float:
        user = self._streams.get(self._notifications.name)
        return self._seconds * SLOWER if user and user.is_well else self._seconds

    async def _glean(self, inbox: ReadInbox) -> None:
        """What the server kept back, now and then, and whenever it says that it has brought some over."""
        merged, self._merged = self._merged, False
        self._rounds += 1
        is_time = not self._filtered.is_open or self._rounds % FILTERED_ROUNDS == 1
        if self._filtered.is_known and (merged or is_time or self._filtered.awaits):
            for feed in await self._filtered.feeds():
                await self._sweeper.glean(feed, inbox)
            if merged:
                await self._sweeper.glean(self._notifications, inbox)

    async def _watch(self, inbox: ReadInbox) -> None:
        while True:
            await asyncio.sleep(max(WATCH_EVERY, 2 * self._seconds))
            try:
                await self._watching.look(inbox)
            except (DeliveryError, StorageError) as error:
                log.info("mastodon: what was heard is looked at again later: %s", error)

    # --- streams ---------------------------------------------------------------------------------------------------

    def _open_streams(self) -> None:
        name = self._notifications.name
        self._streams = {name: self._stream(name, _user, self._wake.set)}
        for feed in self._hashtags[:MOST_STREAMS]:
            opens = partial(_hashtag, tag=feed.tag)
            self._streams[feed.name] = self._stream(feed.name, opens, partial(self._again, feed.name))

    def _stream(self, name: str, opens: Opens, opened: Callable[[], None]) -> Stream:
        return Stream(name, self._api, opens, lambda event: self._take(name, event), opened, self._ticks)

    def _again(self, name: str) -> None:
        """A stream begins: what came before it is still to be asked for."""
        self._put(name, Event("opened", ""))

    def _take(self, name: str, event: Event) -> None:
        if event.name == "notifications_merged":
            self._merged = True
            self._wake.set()
        elif event.name in ("update", "status.update", "delete", "notification"):
            self._put(name, event)

    def _put(self, name: str, event: Event) -> None:
        try:
            self._events.put_nowait((name, event))
        except asyncio.QueueFull:
            self._wake.set()

    async def _hear(self, inbox: ReadInbox) -> None:
        """What fails here is found by asking, which is done at once: nothing says that it was read."""
        while True:
            taken = [await self._events.get()]
            while len(taken) < AT_ONCE and not self._events.empty():
                taken.append(self._events.get_nowait())
            names = {name for name, _ in taken}
            try:
                await self._store([one for one in taken if one[1].name != "opened"], inbox)
                names = {name for name, event in taken if event.name == "opened"}
                for feed in (one for one in self._hashtags if one.name in names):
                    await self._sweep(feed, inbox)
            except (DeliveryError, StorageError) as error:
                log.info("mastodon: what a stream brought is asked for again: %s", error)
                self._wake.set()
                await asyncio.sleep(error.retry_after if isinstance(error, RateLimited) else AGAIN)
                for name in names:
                    self._again(name)

    async def _store(self, taken: Sequence[tuple[str, Event]], inbox: ReadInbox) -> None:
        posts = [posted for name, event in taken if (posted := self._posted(name, event))]
        told = await self.hearing.tell(posts)
        events: list[Incoming] = [one.message for one in told if one.message]
        being = {one.key.native_id: entry.entry for entry in told if (one := entry.message)}
        for _, event in taken:
            if event.name == "delete" and (gone := being.get(event.data) or self.hearing.heard(event.data)):
                events.append(self._watching.deletion(gone))
        if events:
            await inbox.receive(*events)
            self._watching.stored(events)

    def _posted(self, name: str, event: Event) -> Posted | None:
        """Of the account's own stream what was written for it; of a hashtag's every post, and of both the edits of what
        was heard."""
        if event.name == "delete":
            return None
        try:
            data = json.loads(event.data)
            if event.name == "notification":
                told = Notification.model_validate(data)
                wanted = told.type == "mention" and told.status is not None
                return Posted(Status.model_validate(told.status), mentioned=True) if wanted else None
            status = Status.model_validate(data)
        except (ValidationError, ValueError, RecursionError) as error:
            log.warning("mastodon: an event of %s cannot be read, it is passed over: %s", name, type(error).__name__)
            return None
        is_of_tag = name != self._notifications.name
        if is_of_tag or (event.name == "status.update" and self.hearing.heard(status.id)):
            return Posted(status)
        return None


def _user(client: Mastodon, ear: StreamListener) -> None:
    client.stream_user(ear, timeout=QUIET)


def _hashtag(client: Mastodon, ear: StreamListener, *, tag: str) -> None:
    client.stream_hashtag(tag, ear, timeout=QUIET)
