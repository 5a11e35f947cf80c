"""Files that a message names, as files of Slack's own in its thread. A message that is taken back takes them along."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from adapters.slack.files import upload
from adapters.slack.ids import PLATFORM, At
from adapters.slack.team import Team
from adapters.slack.workspace import is_ephemeral
from bot.attachments.carrying import Carrier, Errand, items_of
from bot.errors import DeliveryError, DeliveryRefused, PlatformUnavailable, StorageError
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Visibility
from bot.ports.adapters import Clock, Memory, SharedFiles

log = logging.getLogger(__name__)


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
        self._memory = memory
        self._team_of = team_of
        self._root_of = root_of
        self._carrier = Carrier(PLATFORM, files, memory, self._there, clock)

    async def posted(self, delivery: Delivery, message: str) -> None:
        """A delivery is out, as that message. Raises nothing; what takes time is done meanwhile."""
        if delivery.visibility is not Visibility.ROOM or is_ephemeral(message):
            return
        account, items = delivery.conversation.account, items_of(delivery.document)
        with suppress(StorageError):
            if delivery.replaces is None:
                root = (await self._root_of(delivery.conversation) if items else None) or At.of(message)
                await self._carrier.take(account, message, root.ts, items)
            elif not items:
                await self._take_back(account, message)

    async def sweep(self, accounts: Callable[[], Iterable[str]]) -> None:
        await self._carrier.sweep(accounts)

    async def close(self) -> None:
        await self._carrier.close()

    async def _there(self, errand: Errand, content: bytes) -> None:
        """The file's id in Slack is kept, so that it can be taken back."""
        team = self._team_of(errand.account)
        if team is None:
            raise PlatformUnavailable(f"the app is not connected to workspace {errand.account}")
        channel = At.of(errand.message).channel
        native_id = await upload(team.workspace, channel, errand.place, errand.name, content, errand.shows)
        await self._memory.keep(f"{_brought(errand.account, errand.message)}{errand.item}", native_id)

    async def _take_back(self, account: str, message: str) -> None:
        await self._carrier.take_back(account, message)
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


def _brought(account: str, message: str) -> str:
    return f"{PLATFORM}/{account}/brought/{message}/"
