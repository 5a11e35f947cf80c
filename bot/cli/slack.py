"""Slack beside whatever else `guichet run` does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app import Desk, now, services_of
from bot.attachments.sharing import StoredContent
from bot.engine.background import in_background
from bot.engine.memory import KeptInStorage
from bot.engine.services import DeskRooms
from bot.model.messages import MessageKey

if TYPE_CHECKING:
    from adapters.slack.adapter import SlackAdapter
    from adapters.slack.rooms import SlackDesk


@dataclass(frozen=True, slots=True)
class SlackSide:
    """`adapter` is None where there is no Slack, or where only another process speaks with it."""

    adapter: "SlackAdapter | None" = None
    desk: "SlackDesk | None" = None

    @property
    def rooms(self) -> tuple[DeskRooms, ...]:
        return (self.desk,) if self.desk else ()


NO_SLACK = SlackSide()


async def slack_desk_of(desk: Desk) -> "SlackDesk | None":
    """Where technicians work in Slack, as the process that speaks with it found it last."""
    if not desk.settings.uses_slack:
        return None
    from adapters.slack.rooms import KEPT_AS, DeskChannels, SlackDesk  # of no use to a desk without Slack

    categories = frozenset(one.slug for one in desk.categories.records())
    rooms = SlackDesk(wanted=DeskChannels.of(desk.settings.slack_desk_channel, categories))
    rooms.recall(await KeptInStorage(desk.storage).recall(KEPT_AS))
    return rooms


async def open_slack(desk: Desk, page: str) -> SlackSide:
    """In http mode, listen. Raises SettingsError. `page`: the address of the web page, if there is one."""
    if not desk.settings.uses_slack:
        return SlackSide()
    from adapters.slack.adapter import SlackAdapter
    from adapters.slack.ids import PLATFORM
    from adapters.slack.installed import InstalledWorkspaces
    from bot.reception import DeskReception

    rooms = await slack_desk_of(desk)
    assert rooms is not None
    if desk.settings.is_sqlite and rooms.account:
        # No other process speaks with Slack on this database: what is `sending` was left by one that died.
        await desk.storage.outbox.expire([(PLATFORM, rooms.account)])

    async def is_over(key: MessageKey) -> bool:
        progress = await desk.storage.inbox.progress(key)
        return progress is not None and progress.is_over

    adapter = SlackAdapter(
        desk.settings,
        DeskReception(services_of(desk, None, rooms)),
        KeptInStorage(desk.storage),
        desk.storage.outbox,
        desk.texts,
        rooms,
        now,
        is_over=is_over,
        installed=InstalledWorkspaces.of(desk.settings, desk.storage.installations, now),
        page=page,
        shared=StoredContent(desk.storage, desk.files.store),
    )
    return SlackSide(adapter, rooms)


@asynccontextmanager
async def heard(desk: Desk, slack: SlackSide) -> AsyncIterator[None]:
    """Hear Slack for as long as the block runs."""
    if slack.adapter is None:
        yield
        return
    async with in_background(slack.adapter.run(desk.receiver)):
        yield
