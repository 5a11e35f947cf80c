"""What becomes a message of the desk's: who wrote it, in which thread, whether they want to be heard at all."""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.mastodon.feeds import Posted
from adapters.mastodon.ids import direct_room, public_thread
from adapters.mastodon.marks import Entry
from adapters.mastodon.payloads import Status
from adapters.mastodon.people import People
from adapters.mastodon.sweeping import Told
from adapters.mastodon.threads import Found, Threads
from adapters.mastodon.translate import Here, is_direct, is_heard, line_of, message_of
from bot.model.messages import ConversationRef, IncomingMessage, MessageKey
from bot.ports.adapters import Clock

log = logging.getLogger(__name__)

AT_ONCE = 4  # threads that are read
REMEMBERED = 5_000  # messages that the inbox has
GOOD_FOR = (
    120.0  # seconds, of a thread that was read for a post which could not be stored, since another's was not told
)
MOST_READ = 200  # of those
EDITED = "~"  # how the revisions of edits begin of which the server does not say when they were made


def _now() -> datetime:
    return datetime.now(UTC)


class Hearing:
    """Of one account. `knows` tells whether the inbox has a message; without it every one is translated again that this
    process has not stored itself, which does no harm. `ticks` is monotonic, in seconds.

    Some servers do not say that a post was edited: until one says it of any, what reads otherwise than before is an
    edit, made when it is found.
    """

    def __init__(
        self,
        here: Here,
        threads: Threads,
        people: People,
        knows: Callable[[MessageKey], Awaitable[bool]] | None = None,
        ticks: Callable[[], float] = time.monotonic,
        clock: Clock = _now,
    ) -> None:
        self.here = here
        self._threads = threads
        self._people = people
        self._knows = knows
        self._known: OrderedDict[str, Entry] = OrderedDict()  # by the post's id, as it stands in the inbox
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._ticks = ticks
        self._clock = clock
        self._tells_edits = False  # the server has
        self._read: OrderedDict[tuple[str, str, bool], tuple[float, Found]] = OrderedDict()
        self.heard_also: Callable[[Entry], None] = lambda entry: None  # told of what this process heard

    async def tell(self, posts: Sequence[Posted], *, late: bool = False, below: bool = False) -> list[Told]:
        """What was answered by hand meanwhile, as may be where it is `late` or `below` says so, is left at that.

        What can be read is, though another cannot: where a server refuses now and then, a page is read bit by bit.

        Raises RateLimited, PlatformUnavailable, StorageUnavailable.
        """
        fresh = [one for one in posts if is_heard(one.status, self.here) and not await self._has(one)]
        heard = {id(one) for one in fresh}
        unwanted = await self._people.unwanted(
            [one.status.account.id for one in fresh if not is_direct(one.status)] if fresh else ()
        )
        told = await asyncio.gather(
            *(self._one(one, unwanted, is_fresh=id(one) in heard, late=late, below=below) for one in posts),
            return_exceptions=True,
        )
        for one in told:
            if isinstance(one, BaseException):
                raise one
        return [one for one in told if isinstance(one, Told)]

    async def answered(self, status: Status) -> IncomingMessage | None:
        """A post that was heard, as it stands since the account has answered it, by hand or by the desk; None where it
        has not. Raises RateLimited, PlatformUnavailable."""
        async with self._turns:
            found = await self._threads.around(status, self.here, below=True)
        if not found.answers:
            return None
        lines = (*found.around.lines, *(line_of(one, self.here) for one in found.answers))
        message, last = message_of(status, self.here, replace(found.around, lines=lines)), found.answers[-1]
        key = replace(message.key, revision=f"{message.key.revision}/{last.id}")
        return replace(message, key=key, sent_at=max(message.sent_at, last.created_at))

    def stored(self, message: IncomingMessage) -> None:
        """The inbox has it."""
        self.recall(entry := self._entry_of(message))
        self.heard_also(entry)

    def recall(self, entry: Entry) -> None:
        """It was heard, by this process or one before it."""
        if entry.post:
            if entry.root:
                self._threads.remember(entry.post, entry.root)
            self._known[entry.post] = entry
            self._known.move_to_end(entry.post)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def heard(self, post: str) -> Entry | None:
        return self._known.get(post)

    def forget(self, post: str) -> None:
        self._known.pop(post, None)

    def place(self, entry: Entry) -> ConversationRef:
        account = self.here.account
        return public_thread(account, entry.root) if entry.root else direct_room(account, entry.author)

    # --- what was heard, and whether it still says the same -----------------------------------------------------------

    def is_as_read(self, posted: Posted, entry: Entry) -> bool:
        status = posted.status
        if entry.post not in self._known:
            self.recall(entry)
        if self._says_when(status) or not entry.said:
            return entry.revision == status.revision
        return entry.said == self._said(status)

    def reads(self, status: Status, entry: Entry) -> None:
        """A post that was heard before this process knew what it said: what it says now is compared from now on."""
        if not entry.said and not self._says_when(status):
            self.recall(replace(entry, said=self._said(status)))

    def _says_when(self, status: Status) -> bool:
        self._tells_edits = self._tells_edits or status.edited_at is not None
        return self._tells_edits

    def _said(self, status: Status) -> str:
        try:
            return digest(self.here.words(status))
        except (ValueError, RecursionError):  # anybody may write anything
            return digest(status.content)

    def _revision(self, status: Status) -> str:
        """As the server says; of an edit that it does not tell, a name that every process gives it."""
        known = self._known.get(status.id)
        if known is None or self._says_when(status) or not known.said:
            return status.revision
        said = self._said(status)
        return known.revision if said == known.said else EDITED + digest(f"{known.revision} {said}")

    def _entry_of(self, message: IncomingMessage) -> Entry:
        return Entry(
            message.key.revision,
            message.key.native_id,
            message.author.native_id,
            message.conversation.thread or "",
            "" if self._tells_edits else digest(message.text),
        )

    async def _has(self, posted: Posted) -> bool:
        status = posted.status
        known = self._known.get(status.id)
        if known and self.is_as_read(posted, known):
            return True
        return self._knows is not None and await self._knows(
            self.here.key("message", status.id, self._revision(status))
        )

    def _entry_again(self, status: Status) -> Entry:
        """Of what the inbox has already."""
        known = self._known.get(status.id)
        if known and self.is_as_read(Posted(status), known):
            return known
        if known is None or self._says_when(status) or not known.said:
            return Entry(status.revision)
        self.recall(again := replace(known, revision=self._revision(status), said=self._said(status)))
        return again

    # --- what is heard now --------------------------------------------------------------------------------------------

    async def _one(self, posted: Posted, unwanted: frozenset[str], *, is_fresh: bool, late: bool, below: bool) -> Told:
        status = posted.status
        if not is_fresh:
            return Told(self._entry_again(status))
        found = await self._around(status, below=late or below)
        if (late or below) and found.answers:
            log.info("mastodon: post %s was answered by hand while nobody listened", status.id)
            return Told(Entry(status.revision))
        try:
            message = message_of(
                status,
                self.here,
                found.around,
                mentioned=posted.mentioned,
                unwanted=status.account.id in unwanted,
                late=late,
            )
        except (ValueError, RecursionError, OverflowError) as error:  # anybody may write anything
            log.warning("mastodon: post %s cannot be read, it is passed over: %s", status.id, type(error).__name__)
            return Told(Entry(status.revision))
        if (revision := self._revision(status)) != status.revision:
            at = max(self._clock(), message.sent_at + timedelta(seconds=1))
            message = replace(message, key=self.here.key("message", status.id, revision), sent_at=at)
        return Told(self._entry_of(message), message)

    async def _around(self, status: Status, *, below: bool) -> Found:
        """Raises RateLimited, PlatformUnavailable."""
        key, now = (status.id, status.revision, below), self._ticks()
        if (known := self._read.get(key)) and now - known[0] < GOOD_FOR:
            return known[1]
        async with self._turns:
            found = await self._threads.around(status, self.here, below=below)
        self._read[key] = now, found
        while len(self._read) > MOST_READ:
            self._read.popitem(last=False)
        return found


def digest(text: str) -> str:
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
