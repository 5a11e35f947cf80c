"""Files that a message names, as files of Slack's own in its thread: who reads it need not be able to open our page.

They may be on their way from where they were sent, and are waited for. What is to be brought is written down first, so
that it is brought when this process dies meanwhile; twice in the worst case. A message that is taken back takes them
along.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from adapters.slack.files import upload
from adapters.slack.ids import PLATFORM, At
from adapters.slack.team import Team
from adapters.slack.workspace import is_ephemeral
from bot.errors import DeliveryError, DeliveryRefused, FileRefused, RateLimited, StorageError
from bot.model.documents import Document, FileItem, Files
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Visibility
from bot.ports.adapters import Clock, Memory, SharedFiles

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks whether a file is there
LONGEST = 600.0  # seconds that it is waited for
AT_ONCE = 2  # files in this process's memory
SWEEP = 30.0  # seconds between two looks for what a process left behind
LEFT = 2 * LONGEST  # seconds after which nobody sees to it any more
_BETWEEN = " "
_DESCRIBED = "\n"  # between a file's name and what it shows


class Carrying:
    """`team_of` knows the workspaces that are connected, `root_of` the message that a thread hangs from."""

    def __init__(
        self,
        files: SharedFiles,
        memory: Memory,
        team_of: Callable[[str], Team | None],
        root_of: Callable[[ConversationRef], Awaitable[At | None]],
        clock: Clock,
    ) -> None:
        self._files = files
        self._memory = memory
        self._team_of = team_of
        self._root_of = root_of
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._ours: set[str] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def posted(self, delivery: Delivery, message: str) -> None:
        """A delivery is out, as that message. Raises nothing; what takes time is done meanwhile."""
        if delivery.visibility is not Visibility.ROOM or is_ephemeral(message):
            return
        account, items = delivery.conversation.account, items_of(delivery.document)
        with suppress(StorageError):
            if delivery.replaces is not None:
                if not items:
                    await self._take_back(account, message)
                return
            root = (await self._root_of(delivery.conversation) if items else None) or At.of(message)
            for item in items:
                name = f"{_kept(account)}{message}/{item.id}"
                described = _DESCRIBED.join(filter(None, (item.name, item.alternative)))
                value = _BETWEEN.join((self._clock().isoformat(), root.ts, described))
                await self._memory.keep(name, value)
                self._begin(name, account, value)

    async def sweep(self, accounts: Callable[[], Iterable[str]]) -> None:
        """Until cancelled: bring what processes that died left."""
        while True:
            await asyncio.sleep(SWEEP)
            for account in list(accounts()):
                with suppress(StorageError):
                    for name, value in (await self._memory.kept(_kept(account))).items():
                        since, _, rest = value.partition(_BETWEEN)
                        age = (self._clock() - datetime.fromisoformat(since)).total_seconds()
                        if name not in self._ours and age > LEFT:
                            value = f"{self._clock().isoformat()}{_BETWEEN}{rest}"
                            await self._memory.keep(name, value)
                            self._begin(name, account, value)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, name: str, account: str, value: str) -> None:
        task = asyncio.create_task(self._bring(name, account, value))
        self._ours.add(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._ours.discard(name))

    async def _bring(self, name: str, account: str, value: str) -> None:
        message, _, item = name.removeprefix(_kept(account)).rpartition("/")
        _, root, described = value.split(_BETWEEN, 2)
        try:
            async with asyncio.timeout(LONGEST):
                native_id = await self._brought(account, At.of(message).channel, root, UUID(item), described)
            await self._memory.keep(f"{_brought(account, message)}{item}", native_id)
        except (FileRefused, DeliveryRefused, TimeoutError) as error:
            log.info("a file stays out of the thread: %s", error)
        except StorageError as error:
            log.warning("a file could not be brought into its thread: %s", error)
            return  # `sweep` sees to it
        with suppress(StorageError):
            await self._memory.forget(name)

    async def _brought(self, account: str, channel: str, root: str, item: UUID, described: str) -> str:
        """The id of the file in Slack, once it is there. Raises FileRefused, DeliveryRefused, StorageError."""
        name, _, shows = described.partition(_DESCRIBED)
        while True:
            async with self._turns:
                content = await self._files.content(item)
                team = self._team_of(account)
                try:
                    if content is not None and team is not None:
                        return await upload(team.workspace, channel, root, name, content, shows)
                    pause = LOOK
                except DeliveryRefused:
                    raise
                except DeliveryError as error:
                    pause = max(LOOK, error.retry_after) if isinstance(error, RateLimited) else LOOK
            await asyncio.sleep(pause)

    async def _take_back(self, account: str, message: str) -> None:
        for name in await self._memory.kept(f"{_kept(account)}{message}/"):
            await self._memory.forget(name)
        team = self._team_of(account)
        for name, native_id in (await self._memory.kept(_brought(account, message))).items():
            try:
                if team:
                    await team.workspace.api.write("files.delete", file=native_id)
            except DeliveryRefused:
                pass
            except DeliveryError as error:
                log.warning("a file that was taken back still stands in Slack: %s", error)
                continue
            await self._memory.forget(name)


def items_of(document: Document) -> list[FileItem]:
    """The files that it names and that can be had."""
    blocks = (block for block in document.blocks if isinstance(block, Files))
    return [item for block in blocks for item in block.items if item.problem is None]


def _kept(account: str) -> str:
    return f"{PLATFORM}/{account}/to-bring/"


def _brought(account: str, message: str) -> str:
    return f"{PLATFORM}/{account}/brought/{message}/"
