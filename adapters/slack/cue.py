"""The sign that an answer is being made: it appears when that takes a second, and goes whatever happens."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.slack.sending import Sender
from bot.errors import DeliveryError, DeliveryRefused, RateLimited, StorageError
from bot.model.messages import ConversationRef, IncomingMessage, MessageKey

log = logging.getLogger(__name__)

AFTER = 1.0  # seconds
LOOK = 0.3  # seconds between two looks whether the answer is out
LONGEST = 120.0  # seconds; an answer that takes longer may never come
TRIES = 8  # to take the sign away


class WorkingCue:
    """`is_over` tells whether a message is handled and everything that came of it delivered."""

    def __init__(self, sender: Sender, is_over: Callable[[MessageKey], Awaitable[bool]]) -> None:
        self._sender = sender
        self._is_over = is_over
        self._watched: set[asyncio.Task[None]] = set()

    def watch(self, message: IncomingMessage) -> None:
        """Returns at once."""
        task = asyncio.create_task(self._watch(message))
        self._watched.add(task)
        task.add_done_callback(self._watched.discard)

    async def close(self) -> None:
        """Take every sign away, and stop."""
        for task in self._watched:
            task.cancel()
        if self._watched:
            await asyncio.wait(self._watched, timeout=5)

    async def _watch(self, message: IncomingMessage) -> None:
        await asyncio.sleep(AFTER)
        if await self._over(message.key):
            return
        try:
            with suppress(DeliveryError):
                await self._sender.react(message.conversation, message.key.native_id, "working")
            async with asyncio.timeout(LONGEST):
                while not await self._over(message.key):  # noqa: ASYNC110  # what ends it may be another process
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            log.warning("a message has had no answer for %d s", LONGEST)
        finally:
            # Also when this process is told to stop: a sign that nobody works behind is a lie.
            await asyncio.shield(asyncio.ensure_future(self._take_away(message.conversation, message.key.native_id)))

    async def _over(self, key: MessageKey) -> bool:
        try:
            return await self._is_over(key)
        except StorageError:
            return False

    async def _take_away(self, conversation: ConversationRef, message: str) -> None:
        for attempt in range(TRIES):
            try:
                await self._sender.unreact(conversation, message, "working")
                return
            except DeliveryRefused:
                return
            except DeliveryError as error:
                await asyncio.sleep(error.retry_after if isinstance(error, RateLimited) else 0.2 * 2**attempt)
        log.warning("the sign that an answer is being made could not be taken away")
