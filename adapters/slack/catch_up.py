"""What was said while nobody listened, read in the history.

A workspace's cursor says until when somebody listened. It is shared by all replicas, and moves on only while this one
hears Slack and has nothing to catch up with.
"""

import asyncio
import logging
import math
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from adapters.slack.api import forbidden_by
from adapters.slack.channels import pages
from adapters.slack.conversations import MINE, conversations
from adapters.slack.ids import PLATFORM, At
from adapters.slack.payloads import Message
from adapters.slack.team import Team
from adapters.slack.threads import AskedThreads
from adapters.slack.translate import is_direct_message, is_spoken, moment, reaction_event, said
from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.model.messages import ConversationRef, Incoming, IncomingMessage, IncomingReaction
from bot.ports.adapters import Inbox, Memory, Reception

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=90)  # read twice: what was on its way, and a clock that is not Slack's
FARTHEST = timedelta(days=2)  # what is older is nobody's question any more
MOST_ROOMS = 2_000
MOST_THREADS = 500  # that are looked up one by one
PAGES = 10  # of a room or a thread
PAGE = 200
CONVERSATIONS = 999  # told of at once
AT_ONCE = 16  # calls
PATIENCE = 300.0  # seconds for which a call is tried again
PORTION = 100  # messages stored at once
TYPES = ("im", "mpim", "public_channel", "private_channel")


State = tuple[object, ...]  # of the head of a thread


class Told(Message):
    """A message as the history shows it, with its emoji: Slack says who put which, not when."""

    reactions: tuple[Any, ...] = ()
    reply_users: Any = None  # not all of them, where there are many
    reply_users_count: Any = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody listened from `since` on; at `over`, by the loop's clock, somebody did again."""

    since: datetime
    over: float

    def with_(self, other: "Gap") -> "Gap":
        return Gap(min(self.since, other.since), max(self.over, other.over))


@dataclass(slots=True)
class Room:
    """What was read of a conversation: `heads` are the messages in no thread, `threads` what hangs from some. `known`:
    the heads that are as they were when it was last read, with all that hangs from them."""

    id: str
    type: str  # as events call it
    heads: dict[str, Told] = field(default_factory=dict)
    threads: dict[str, list[Told]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    @property
    def spoken(self) -> dict[str, Told]:
        heads = {ts: one for ts, one in self.heads.items() if ts not in self.known}
        return heads | {one.ts: one for thread in self.threads.values() for one in thread}


class CatchUp:
    """Of one workspace. It remembers what it has read, and does not read it again."""

    def __init__(
        self,
        team: Team,
        reception: Reception,
        threads: AskedThreads,
        memory: Memory,
        first: Callable[[], Collection[str]] = lambda: (),
    ) -> None:
        """`first` gives the channels in which something waits until they are read."""
        self._team = team
        self._reception = reception
        self._threads = threads
        self._memory = memory
        self._first = first
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._replies_are_told = False  # by the history, of the messages that have some
        self._read_at: dict[str, float] = {}  # when the last reading of a conversation began, by the loop's clock
        self._known: dict[str, dict[str, State]] = {}  # how what stood in it was then

    @property
    def _cursor(self) -> str:
        return f"{PLATFORM}/{self._team.workspace.account}/heard"

    async def heard_until(self) -> datetime | None:
        """None before the first connection: then there is nothing to catch up with. Raises StorageUnavailable."""
        kept = await self._memory.recall(self._cursor)
        with suppress(ValueError):
            return datetime.fromisoformat(kept) if kept else None
        return None

    async def heard(self, until: datetime) -> None:
        """Raises StorageUnavailable."""
        known = await self.heard_until()
        if known is None or known < until:
            await self._memory.keep(self._cursor, until.isoformat())

    async def read(
        self,
        inbox: Inbox,
        gap: Gap,
        now: datetime,
        settled: Callable[[str, float], None] = lambda channel, read_at: None,
    ) -> int:
        """Store what was said in the gap and is known to nobody; return how many messages were new. `settled` is told
        of each channel in which nothing is missing any more, and when it was read.

        Raises PlatformUnavailable or StorageUnavailable: then it is to be done again, and does no harm.
        """
        account = self._team.workspace.account
        since = max(gap.since - OVERLAP, now - FARTHEST)
        threads = await self._reception.live_threads(PLATFORM, account, since)
        live = [at for ref in threads if (at := await self._root_of(ref))]
        if len(live) > MOST_THREADS:
            log.warning("slack: of %d threads only %d are looked up", len(live), MOST_THREADS)
        rooms = await self._rooms(live)
        roots = {id: [at.ts for at in live[:MOST_THREADS] if at.channel == id] for id in rooms}
        waiting = dict(rooms)

        async def work() -> int:
            new = 0
            while waiting:
                room = waiting.pop(next((id for id in self._first() if id in waiting), next(iter(waiting))))
                if self._read_at.get(room.id, -math.inf) < gap.over:
                    new += await self._take(room, roots[room.id], since, gap.since, inbox)
                settled(room.id, self._read_at[room.id])
            return new

        found = await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True)
        self._read_at = {id: at for id, at in self._read_at.items() if id in rooms}
        self._known = {id: states for id, states in self._known.items() if id in rooms}
        if failures := [one for one in found if isinstance(one, BaseException)]:
            raise failures[0]
        new = sum(one for one in found if isinstance(one, int))
        log.info("slack: read %d conversations since %s, %d new messages", len(rooms), since.isoformat(), new)
        return new

    async def _take(self, room: Room, live: Iterable[str], since: datetime, away: datetime, inbox: Inbox) -> int:
        """Read one conversation, and store what is in it."""
        began, oldest = asyncio.get_running_loop().time(), since.timestamp()
        await self._read(room, live, oldest)
        said = sorted(await self._unanswered(room, since), key=lambda event: float(At.of(event.key.native_id).ts))
        events: list[Incoming] = [*said, *self._pointed_at(room, away)]
        new = 0
        for start in range(0, len(events), PORTION):
            new += await inbox.receive(*events[start : start + PORTION])
        recent = {ts: one for ts, one in room.heads.items() if float(ts) >= oldest or _has_news(one, oldest)}
        self._read_at[room.id], self._known[room.id] = began, {ts: self._state(one) for ts, one in recent.items()}
        return new

    # --- what there is to read -------------------------------------------------------------------------------------

    async def _root_of(self, thread: ConversationRef) -> At | None:
        with suppress(ValueError):
            return await self._threads.root_of(thread) or (At.of(thread.thread) if thread.thread else None)
        return None

    async def _rooms(self, live: Iterable[At]) -> dict[str, Room]:
        """The conversations that the bot is part of, those first in which somebody waits for it."""
        first = {at.channel for at in live}
        try:
            found = await self._members_of(",".join(TYPES))
        except (DeliveryRefused, PlatformUnavailable) as error:
            if isinstance(error, PlatformUnavailable) and forbidden_by(error) != "scope":
                raise
            found = {}
            for type in TYPES:  # the app may see some kinds and others not
                with suppress(DeliveryRefused, PlatformUnavailable):
                    found |= await self._members_of(type)
            desk = self._team.desk.channels.all if self._team.desk else ()
            found = {id: Room(id, "im" if is_direct_message(id) else "channel") for id in (*desk, *first)} | found
        order = list(found)
        random.shuffle(order)  # a process that dies again and again before the end shall not always miss the same ones
        order.sort(key=lambda id: (id not in first and not self._team.here.is_desk(id), id not in first))
        if len(order) > MOST_ROOMS:
            log.warning("slack: of %d conversations only %d are read", len(order), MOST_ROOMS)
        return {id: found[id] for id in order[:MOST_ROOMS]}

    async def _members_of(self, types: str) -> dict[str, Room]:
        found, api = {}, self._team.workspace.api
        async for one in conversations(api, MINE, CONVERSATIONS, types=types, exclude_archived=True):
            if not one.get("is_archived") and one.get("is_user_deleted") is not True:
                found[one["id"]] = Room(one["id"], _type_of(one))
        return found

    async def _read(self, room: Room, live: Iterable[str], oldest: float) -> None:
        """The newest messages, back to `oldest`, the threads of those under which something was said, and the threads
        that are alive for the desk and whose roots are older."""
        try:
            async with self._turns:
                await self._read_heads(room, oldest)
        except DeliveryRefused as error:
            log.info("slack: the history of %s cannot be read: %s", room.id, error)
            return
        before = self._known.get(room.id, {})
        room.known = {ts for ts, one in room.heads.items() if before.get(ts) == self._state(one)}
        changed = [one for ts, one in room.heads.items() if ts not in room.known and _has_news(one, oldest)]
        alive = [one.ts for one in changed if not self._has_only_our_replies(one)]
        self._replies_are_told |= any(one.reply_count > 0 or one.latest_reply for one in room.heads.values())
        untold = [ts for ts in live if ts not in room.heads or not self._replies_are_told]
        await asyncio.gather(*(self._read_thread(room, ts, oldest) for ts in dict.fromkeys((*alive, *untold))))

    def _state(self, head: Told) -> State:
        """What changes whenever something is said under it, it is edited, or a person puts an emoji on it."""
        people = [one for one in head.reactions if isinstance(one, dict) and one.get("users") != [self._team.here.bot]]
        emoji = sorted(str(one.get("name")) for one in people)
        return head.reply_count, head.latest_reply, head.edited.ts if head.edited else "", *emoji

    def _has_only_our_replies(self, head: Told) -> bool:
        return bool(head.reply_users == [self._team.here.bot] and head.reply_users_count == 1)

    async def _read_heads(self, room: Room, oldest: float) -> None:
        asked: dict[str, Any] = {"channel": room.id}
        number = 0
        async for page in self._pages("conversations.history", asked):
            heads = list(_messages(page))
            room.heads |= {one.ts: one for one in heads if one.root is None}
            number += 1
            if number == PAGES or any(float(one.ts) < oldest for one in heads):
                return

    async def _read_thread(self, room: Room, root: str, oldest: float) -> None:
        """All of it that is new; also what was said by others, which tells whether somebody answered."""
        asked = {"channel": room.id, "ts": root, "oldest": f"{oldest:.6f}", "inclusive": True}
        try:
            async with self._turns:
                found, number = room.threads.setdefault(root, []), 0
                async for page in self._pages("conversations.replies", asked):
                    found += [one for one in _messages(page) if one.ts != root]
                    number += 1
                    if number == PAGES:
                        return
        except DeliveryRefused as error:
            log.info("slack: a thread in %s cannot be read: %s", room.id, error)

    async def _pages(self, method: str, asked: dict[str, Any]) -> AsyncIterator[list[Any]]:
        try:
            async for page in pages(self._team.workspace.api, method, "messages", PAGE, patience=PATIENCE, **asked):
                yield page
        except PlatformUnavailable as error:
            if forbidden_by(error) == "scope":
                raise DeliveryRefused(str(error)) from error
            raise

    # --- what is for the desk --------------------------------------------------------------------------------------

    async def _unanswered(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """What the desk would have heard, but for what people settled among themselves meanwhile."""
        found = []
        for message in room.spoken.values():
            if moment(message.ts) < since:
                continue
            placed = message.model_copy(update={"channel": room.id, "channel_type": room.type})
            event = said(placed, self._team.here, caught_up=True)
            if event and not (self._is_answered(room, message) and not await self._reception.knows(event.conversation)):
                found.append(event)
        return found

    def _pointed_at(self, room: Room, away: datetime) -> Iterator[IncomingReaction]:
        """The emoji that opens a ticket, on what was written since then: on what is older nobody can tell whether it
        was put there meanwhile, or long ago."""
        for message in room.spoken.values():
            if moment(message.ts) < away or self._team.here.is_desk(room.id) or not is_spoken(message, self._team.here):
                continue
            item = {"type": "message", "channel": room.id, "ts": message.ts}
            for one in message.reactions:
                with suppress(ValidationError, LookupError, TypeError):
                    event = {"user": one["users"][0], "reaction": one["name"], "item": item, "item_user": message.user}
                    reaction = reaction_event({**event, "event_ts": message.ts}, self._team.here)
                    if reaction and reaction.cue == "ticket":
                        yield reaction
                        break

    def _is_answered(self, room: Room, message: Message) -> bool:
        """Whether somebody else wrote after it in its thread. In the desk's own channels people are to talk."""
        if room.type == "im" or self._team.here.is_desk(room.id):
            return False
        return any(
            one.user != message.user and float(one.ts) > float(message.ts) and is_spoken(one, self._team.here)
            for one in room.threads.get(message.root or message.ts, ())
        )


def _type_of(about: dict[str, Any]) -> str:
    if about.get("is_im"):
        return "im"
    if about.get("is_mpim"):
        return "mpim"
    return "group" if about.get("is_private") else "channel"


def _messages(page: Iterable[Any]) -> Iterable[Told]:
    for one in page:
        with suppress(ValidationError):
            yield Told.model_validate(one)


def _has_news(head: Message, oldest: float) -> bool:
    """Whether something was said under it since then; where that is not told, it may have been."""
    try:
        return float(head.latest_reply) >= oldest if head.latest_reply else head.reply_count > 0
    except ValueError:
        return head.reply_count > 0
