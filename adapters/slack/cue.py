"""The sign that an answer is being made: it appears when that takes a second, and goes whatever happens.

Where a sign stands is written down before it is put there, so that of a process that died no sign is left behind.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from adapters.slack.ids import PLATFORM
from adapters.slack.sending import Sender
from bot.errors import DeliveryError, DeliveryRefused, RateLimited, StorageError
from bot.model.messages import ConversationRef, IncomingMessage, MessageKey
from bot.ports.adapters import Clock, Memory

log = logging.getLogger(__name__)

AFTER = 1.0  # seconds
LOOK, GROWTH, LONGEST_LOOK = 1.0, 1.5, 5.0  # seconds until the next look whether another process's answer is out
WRITTEN = 0.05  # seconds after which it is written down that an answer of ours is out
LONGEST = 120.0  # seconds; an answer that takes longer may never come
TRIES = 8  # to take the sign away
SWEEP = 5.0  # seconds between two looks for signs that were left behind
SETTLED = 12.0  # seconds after which whoever put a sign there has heard whether it stands


class WorkingCue:
    """`is_over` tells whether a message is handled and everything that came of it delivered."""

    def __init__(
        self, sender: Sender, is_over: Callable[[MessageKey], Awaitable[bool]], memory: Memory, clock: Clock
    ) -> None:
        self._sender = sender
        self._is_over = is_over
        self._memory = memory
        self._clock = clock
        self._news: dict[str, list[asyncio.Event]] = {}  # of those who wait in a conversation
        self._watched: set[asyncio.Task[None]] = set()
        self._ours: set[str] = set()  # names of the signs that this process sees to

    def watch(self, message: IncomingMessage) -> None:
        """Returns at once."""
        task = asyncio.create_task(self._watch(message.key, message.conversation))
        self._watched.add(task)
        task.add_done_callback(self._watched.discard)

    def posted(self, conversation: ConversationRef) -> None:
        """Something was said there: perhaps what is waited for."""
        for news in self._news.get(conversation.key, ()):
            news.set()

    async def close(self) -> None:
        """Take every sign away, and stop."""
        for task in self._watched:
            task.cancel()
        if self._watched:
            await asyncio.wait(self._watched, timeout=5)

    async def sweep(self, accounts: Callable[[], Iterable[str]]) -> None:
        """Until cancelled: take away what processes that died left behind, in the workspaces that are connected."""
        while True:
            for account in list(accounts()):
                with suppress(StorageError):
                    for name, value in (await self._memory.kept(_name(account, ""))).items():
                        if name not in self._ours:
                            await self._look_after(name, account, value)
            await asyncio.sleep(SWEEP)

    async def _look_after(self, name: str, account: str, value: str) -> None:
        since, _, revision = value.partition(" ")
        age = (self._clock() - datetime.fromisoformat(since)).total_seconds()
        key = MessageKey(PLATFORM, account, "message", name.removeprefix(_name(account, "")), revision)
        if age > LONGEST or (age > SETTLED and await self._over(key)):
            await self._take_away(key, tries=1)

    async def _watch(self, key: MessageKey, conversation: ConversationRef) -> None:
        async with self._told(conversation) as news:
            await asyncio.sleep(AFTER)
            if not await self._over(key):
                await self._show_until_over(key, news)

    async def _show_until_over(self, key: MessageKey, news: asyncio.Event) -> None:
        name = _name(key.account, key.native_id)
        self._ours.add(name)
        try:
            with suppress(StorageError):  # then it may be left behind, should this process die right now
                await self._memory.keep(name, f"{self._clock().isoformat()} {key.revision}")
            with suppress(DeliveryError):
                await self._sender.react(_place(key), key.native_id, "working")
            async with asyncio.timeout(LONGEST):
                await self._until_over(key, news)
        except TimeoutError:
            log.warning("a message has had no answer for %d s", LONGEST)
        finally:
            # Also when this process is told to stop: a sign that nobody works behind is a lie.
            taking = asyncio.ensure_future(self._take_away(key, TRIES))
            taking.add_done_callback(lambda _: self._ours.discard(name))
            await asyncio.shield(taking)

    async def _until_over(self, key: MessageKey, news: asyncio.Event) -> None:
        """Looks again and again, less and less often: where answers take long, many wait for theirs."""
        look = LOOK
        while True:
            try:
                async with asyncio.timeout(look):
                    await news.wait()
            except TimeoutError:
                look = min(LONGEST_LOOK, look * GROWTH)
            else:
                news.clear()
                look = WRITTEN
                await asyncio.sleep(WRITTEN)
            if await self._over(key):
                return

    @asynccontextmanager
    async def _told(self, conversation: ConversationRef) -> AsyncIterator[asyncio.Event]:
        news = asyncio.Event()
        waiting = self._news.setdefault(conversation.key, [])
        waiting.append(news)
        try:
            yield news
        finally:
            waiting.remove(news)
            if not waiting:
                self._news.pop(conversation.key, None)

    async def _over(self, key: MessageKey) -> bool:
        try:
            return await self._is_over(key)
        except StorageError:
            return False

    async def _take_away(self, key: MessageKey, tries: int) -> None:
        """What cannot be done now is left to `sweep`."""
        for attempt in range(tries):
            try:
                await self._sender.unreact(_place(key), key.native_id, "working")
            except DeliveryRefused:
                pass
            except DeliveryError as error:
                if attempt + 1 < tries:
                    await asyncio.sleep(error.retry_after if isinstance(error, RateLimited) else 0.2 * 2**attempt)
                continue
            with suppress(StorageError):
                await self._memory.forget(_name(key.account, key.native_id))
            return
        log.info("the sign that an answer is being made could not be taken away yet")


def _name(account: str, native_id: str) -> str:
    return f"{PLATFORM}/{account}/cue/{native_id}"


def _place(key: MessageKey) -> ConversationRef:
    return ConversationRef(key.platform, key.account, key.native_id.partition(":")[0])
