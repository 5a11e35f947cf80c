"""Whether a post whose answer was lost has arrived after all: servers show no mark of ours, so it is told by its words.

Among the account's own posts; where the server leaves posts of its kind out of that list, in the thread, and direct
messages among conversations.
"""

import asyncio
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bs4 import BeautifulSoup

from adapters.mastodon.errors import moment
from adapters.mastodon.html import plain
from adapters.mastodon.server import Server
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable
from bot.model.public import Reach

Status = Mapping[str, Any]

SKEW = timedelta(hours=1)  # by which the server's clock may be behind ours
PAGES = 3  # of 40 posts, that are read at once
KEPT = 400  # posts
SETTLED = 5.0  # seconds after which a server shows what it took: not every one knows the key of a post that comes twice
_CALLED = re.compile(r"@\w+(?:[.-]+\w+)*(@[\w.-]*\w(?::\d+)?)?")


def made_at(delivery: UUID) -> datetime:
    """When a delivery was made: its id is a UUIDv7, whose first 48 bits are milliseconds."""
    return datetime.fromtimestamp((delivery.int >> 80) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Sought:
    """What may be there: what each part says, to whom, how openly, and what the first one answers. `attempt`: of how
    many, of all processes. `others` are posts that are known to be of other deliveries."""

    delivery: UUID
    attempt: int
    texts: Sequence[str]
    handle: str
    reach: Reach
    parent: str | None
    others: Collection[str] = ()


class OwnPosts:
    """What the account posted lately. Whoever looks for something while the list is being read waits for the next
    reading, which is one for all of them, and goes on when they have no more time to wait for it."""

    def __init__(self, server: Server, ticks: Callable[[], float]) -> None:
        """`ticks`: seconds."""
        self._server = server
        self._ticks = ticks
        self._missed: OrderedDict[UUID, float] = OrderedDict()  # since when a delivery is looked for in vain
        self._known: dict[str, Status] = {}
        self._since: datetime | None = None  # from when on all of them are known that were there at the last reading
        self._shows: set[object] = set()  # visibilities that the list has posts of
        self._reading: asyncio.Task[None] | None = None  # the last one that began
        self._begun = self._done = 0  # by count: the last reading that began, and the last that ended well
        # After which reading somebody looks, and in which attempt: who comes again need not wait for another one.
        self._waiting: OrderedDict[UUID, tuple[int, int]] = OrderedDict()

    async def found(self, sought: Sought) -> dict[int, Status]:
        """The posts that say it, by the number of the part. Raises RateLimited or PlatformUnavailable when it cannot be
        told now."""
        since = made_at(sought.delivery) - SKEW
        found = await self._found(sought, since)
        self._waiting.pop(sought.delivery, None)
        return found

    def unsettled(self, delivery: UUID) -> float:
        """What was not found may be shown a little later: the seconds until that can be ruled out, 0 if it can."""
        now = self._ticks()
        since = self._missed.pop(delivery, now)
        if (left := since + SETTLED - now) <= 0:
            return 0.0
        self._missed[delivery] = since
        if len(self._missed) > KEPT:
            self._missed.popitem(last=False)
        return left

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _found(self, sought: Sought, since: datetime) -> dict[int, Status]:
        found = self._told(sought, await self._listed(sought, since), {})
        if len(found) == len(sought.texts) or sought.reach in self._shows:
            return found
        found = self._told(sought, await self._below(sought.parent, since), found)
        if len(found) == len(sought.texts) or sought.reach != "direct":
            return found
        return self._told(sought, await self._in_conversations(since), found)

    def _told(self, sought: Sought, posts: Iterable[Status], found: dict[int, Status]) -> dict[int, Status]:
        found = dict(found)
        taken = {str(one["id"]) for one in found.values()}
        for status in posts:
            id = str(status["id"])
            if id in sought.others or id in taken or not self._is_to(status, sought.handle, sought.reach):
                continue
            said = as_read(plain(str(status.get("content") or "")))
            same = (number for number, text in enumerate(sought.texts) if number not in found and as_read(text) == said)
            if (number := next(same, None)) is not None and (number or _may_answer(status, sought)):
                found[number] = status
                taken.add(id)
        return found

    def _is_to(self, status: Status, handle: str, reach: Reach) -> bool:
        """Whether it is as open as it was to be, and for that person."""
        if (status.get("visibility") == "direct") is not (reach == "direct"):
            return False
        mentions = status.get("mentions")
        if not isinstance(mentions, list | tuple):  # not every server tells
            return _calls(
                str(status.get("content") or ""), handle, is_here=self._server.full(handle.partition("@")[0]) == handle
            )
        accts = (str(one.get("acct") or "") for one in mentions if isinstance(one, Mapping))
        return any(self._server.full(acct).lower() == handle.lower() for acct in accts)

    # --- the account's own list ------------------------------------------------------------------------------------

    async def _listed(self, sought: Sought, since: datetime) -> list[Status]:
        """All since then, the oldest first, as they were after it may have been posted, or later."""
        after, attempt = self._waiting.pop(sought.delivery, (self._begun, sought.attempt - 1))
        if attempt != sought.attempt - 1:  # another process may have posted it meanwhile
            after = self._begun
        self._waiting[sought.delivery] = after, sought.attempt
        if len(self._waiting) > KEPT:
            self._waiting.popitem(last=False)
        while self._done <= after or not self._covers(since):
            reading, is_late = self._reading, self._begun <= after
            if reading is None or reading.done():
                self._begun += 1
                reading = self._reading = asyncio.create_task(self._read(self._begun, since))
                reading.add_done_callback(_forgive)
                is_late = False
            await asyncio.wait([reading])  # who is called off leaves it going
            if not is_late:
                reading.result()
        return [one for one in self._known.values() if _is_recent(one, since)]

    def _covers(self, since: datetime) -> bool:
        return self._since is not None and self._since <= since

    async def _read(self, number: int, since: datetime) -> None:
        """From the newest back to what is known, or to that time."""
        me, before = await self._server.sign_in(), None
        read: list[Status] = []
        for _ in range(PAGES):
            page: Any = ()
            with suppress(DeliveryRefused):
                page = await self._server.api.read("account_statuses", me.id, max_id=before, limit=40)
            page = [one for one in page or () if isinstance(one, Mapping) and one.get("id")]
            read += page
            is_known = self._covers(since) and any(str(one["id"]) in self._known for one in page)
            if is_known or not page or not all(_is_recent(one, since) for one in page):
                break
            before = min(page, key=_made)["id"]
        self._shows |= {one.get("visibility") for one in read}
        known = self._known | {str(one["id"]): one for one in read}
        self._known = dict(sorted(known.items(), key=lambda one: _made(one[1]))[-KEPT:])
        self._since = since if self._since is None else min(since, self._since)
        self._done = number

    # --- in a thread -----------------------------------------------------------------------------------------------

    async def _below(self, parent: str | None, since: datetime) -> list[Status]:
        """The account's own posts since then that answer a post."""
        if parent is None:
            return []
        me = await self._server.sign_in()
        try:
            context = await self._server.api.read("status_context", parent)
        except DeliveryRefused:  # it is gone
            return []
        return _of(me.id, context.get("descendants") or (), since)

    async def _in_conversations(self, since: datetime) -> list[Status]:
        """The account's own posts since then that are the last ones between it and somebody: one that begins a thread
        stands nowhere else."""
        me = await self._server.sign_in()
        try:
            # The library asks with a slash behind it, which not every server knows.
            found = await self._server.api.get("/api/v1/conversations", limit=40)
        except DeliveryRefused:
            return []
        except OutcomeUnknown as error:
            raise PlatformUnavailable(str(error)) from error
        return _of(me.id, [one.get("last_status") for one in found if isinstance(one, Mapping)], since)


def _forgive(reading: asyncio.Task[None]) -> None:
    """That nobody waited any more for what could not be read."""
    if not reading.cancelled():
        reading.exception()


def as_read(text: str) -> str:
    """Without what servers write otherwise than it was sent, and without whom it begins with."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    text = "".join(re.sub(r"^(\s*@[\w.-]+(@[\w.-]+(:\d+)?)?(?=[\s,:]|$)[,:]*)+", "", text).split())
    return re.sub(r"(@[A-Za-z0-9_.-]*\w)@[\w.-]*\w", r"\1", text).lstrip(",:")


def _calls(content: str, handle: str, *, is_here: bool) -> bool:
    """Whether a post begins with somebody. Servers show those of others by their name alone, too, with a link that says
    where they are."""
    called = _CALLED.match(BeautifulSoup(content, "html.parser").get_text().strip())
    if called is None or called[1]:
        return called is not None and called[0][1:].lower() == handle.lower()
    name, _, domain = handle.lower().partition("@")
    return called[0][1:].lower() == name and (is_here or "<a" not in content or domain in content.lower())


def _may_answer(status: Status, sought: Sought) -> bool:
    """Not every server tells what a post answers. A direct message may begin a thread where the one before is gone."""
    answers = status.get("in_reply_to_id")
    return answers is None or sought.reach == "direct" or str(answers) == sought.parent


def _of(account: str, posts: Iterable[Any], since: datetime) -> list[Status]:
    """Those of an account, as far as they can be read."""
    told = [one for one in posts if isinstance(one, Mapping) and one.get("id") and _is_recent(one, since)]
    return [one for one in told if str((one.get("account") or {}).get("id")) == account]


def _made(status: Status) -> str:
    return str(status.get("created_at"))


def _is_recent(status: Status, since: datetime) -> bool:
    at = status.get("created_at")
    at = moment(at) if isinstance(at, str) else at
    return not isinstance(at, datetime) or (at if at.tzinfo else at.replace(tzinfo=UTC)) >= since
