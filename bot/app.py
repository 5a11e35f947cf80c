"""The composition root: the only place where parts are put together, in plain code."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.categories import Categories
from bot.commands import COMMANDS, CommandTable
from bot.engine.delivery import Deliverer
from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.services import DeskRooms, NoDesk, Policy, Services
from bot.errors import StorageError
from bot.ownership import HomeLock
from bot.ports.adapters import ChatAdapter
from bot.ports.storage import Storage
from bot.settings import Settings
from bot.texts import Texts
from bot.understanding import Understander
from jobs.schedule import sweeps
from jobs.scheduler import Scheduler
from knowledge.follower import IndexFollower
from knowledge.index.embedded import EmbeddedIndex
from knowledge.retrieval import HybridRetriever
from knowledge.sync import SyncReport, sync_folder
from storage.store import open_storage
from storage.upgrade import prepare

SAMPLES = Path(__file__).parent.parent / "knowledge" / "samples"
SAMPLES_ORIGIN = "samples"
FOLLOW_SECONDS = 1.0  # between two looks whether the articles have changed
TAKEOVER_SECONDS = 2.0  # between two looks whether the owner of the home is gone


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Desk:
    """An open desk: what a process needs to hear, read and write. `engine` makes it answer, too."""

    settings: Settings
    storage: Storage
    texts: Texts
    categories: Categories
    lock: HomeLock
    owner: str

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.storage.inbox)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)

    def deliverer(self, adapters: Sequence[ChatAdapter]) -> Deliverer:
        return Deliverer(self.storage, adapters, self.owner, lease=self.lease, clock=now)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open the database and read the texts and categories. The embedded default upgrades itself, after a backup."""
    settings.home.mkdir(parents=True, exist_ok=True)
    texts = Texts.load(settings.texts)
    categories = Categories.load(settings.categories)
    storage = await open_storage(settings.database, create=settings.is_sqlite)
    try:
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        yield Desk(settings, storage, texts, categories, HomeLock(settings.home), owner)
    finally:
        await storage.close()
