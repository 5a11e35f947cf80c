"""The composition root: the only place where parts are put together, in plain code."""

import asyncio
import logging
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.attachments.intake import MEGABYTE, Intake
from bot.attachments.kinds import Kinds
from bot.categories import Categories
from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable
from bot.devices import DeviceCatalogue
from bot.engine.background import in_background
from bot.engine.delivery import Deliverer
from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import DeskRooms, NothingToSearch, Services
from bot.errors import ModelUnavailable, SettingsError, StorageUnavailable
from bot.model.messages import MessageKey
from bot.ownership import HomeLock, make_home
from bot.policies import policy_of
from bot.ports.adapters import ChatAdapter, Introduces
from bot.ports.storage import Storage
from bot.settings import Settings
from bot.sla.policies import SlaPolicies
from bot.texts import Texts
from bot.understanding import Understander
from jobs.job import Parts
from jobs.schedule import schedule
from jobs.scheduler import Scheduler
from knowledge.calibration import Calibrations
from knowledge.clustering import Clusterer
from knowledge.dense.embedders import InstalledEmbedders
from knowledge.followed import FollowedFolder
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.index.keeper import LEASE, LEASE_SECONDS, IndexKeeper
from knowledge.index.port import KnowledgeIndex
from knowledge.past_questions import keeper as past_tickets_of
from knowledge.retrieval import HybridRetriever
from knowledge.sync import sync_folder
from storage.backup import DatabaseArchive, backup
from storage.files.disk import DiskFiles
from storage.schema import current, pending
from storage.store import open_storage
from storage.upgrade import upgrade

if TYPE_CHECKING:
    from knowledge.index.server import ServerIndex

log = logging.getLogger(__name__)

SAMPLES = Path(__file__).resolve().parent.parent / "knowledge" / "samples"
SAMPLES_ORIGIN = "samples"
TAKEOVER_SECONDS = 1.0  # between two looks whether the owner of the home is gone
WARM_AFTER = 2.0  # seconds, in which `guichet ask` is over
SHARED = ("email", "mastodon", "slack")  # platforms that any number of processes deliver to at once
ANSWER_LOOK = 0.1  # seconds between two looks whether an answer by another process is there


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk: what any process needs to hear, read and write. `engine` is what makes it answer."""

    settings: Settings
    storage: Storage
    texts: Texts
    categories: Categories
    lock: HomeLock
    owner: str  # this process, in inbox and outbox rows
    embedders: InstalledEmbedders
    calibrations: Calibrations
    devices: DeviceCatalogue
    keepers: list[IndexKeeper] = field(default_factory=list)  # of the index, while this process answers

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.storage.inbox)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)

    @property
    def index_directory(self) -> Path:
        return self.settings.home / "index"

    @property
    def is_looking_up(self) -> bool:
        """Whether this process answers, and its index can be searched."""
        return any(keeper.is_well for keeper in self.keepers)

    @property
    def files(self) -> Intake:
        settings, folder = self.settings, self.settings.files_folder
        store = DiskFiles(folder) if folder else self.storage.files
        return Intake(store, Kinds.of(settings.file_types), settings.file_megabytes * MEGABYTE)

    def follower(self, index: KnowledgeIndex) -> IndexFollower:
        return IndexFollower(self.storage.unit_of_work, index, self.embedders)

    def retriever(self, index: KnowledgeIndex) -> HybridRetriever:
        return HybridRetriever(index, self.embedders, self.calibrations)

    def deliverer(self, adapters: Sequence[ChatAdapter]) -> Deliverer:
        return Deliverer(self.storage, adapters, self.owner, lease=self.lease, clock=now, texts=self.texts)

    async def has_ended(self, key: MessageKey) -> None:
        """Wait until an event is handled, by whichever process, and everything that came of it here is delivered."""
        while not ((progress := await self.storage.inbox.progress(key)) and progress.is_over):
            await self.storage.changed("outbox", ANSWER_LOOK)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open the database and read texts and categories. The embedded default upgrades itself first, after a backup."""
    make_home(settings.home)
    texts = Texts.load(settings.texts)
    try:
        categories = Categories.load(settings.categories)
    except SettingsError as error:
        raise SettingsError(f"GUICHET_CATEGORIES: {error}") from error
    try:
        devices = DeviceCatalogue.load(settings.devices)
    except SettingsError as error:
        raise SettingsError(f"GUICHET_DEVICES: {error}") from error
    if settings.is_sqlite:
        await upgrade_embedded(settings)
    storage = await open_storage(settings.database, create=settings.is_sqlite)
    try:
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        embedders = InstalledEmbedders(settings.home, settings.embedding_model)
        calibrations = Calibrations(storage.unit_of_work)
        lock = HomeLock(settings.home)
        yield Desk(settings, storage, texts, categories, lock, owner, embedders, calibrations, devices)
    finally:
        await storage.close()


async def upgrade_embedded(settings: Settings) -> None:
    """Bring an older database in GUICHET_HOME to this release; what it was is kept in `backups`."""
    if (revision := await current(settings.database)) and await pending(settings.database):
        backups = settings.home / "backups"
        backups.mkdir(exist_ok=True)
        file = backups / f"before-upgrade-from-{revision}-{now():%Y%m%dT%H%M%S}.backup"
        await backup(settings.database, file)
        await upgrade(settings.database)
        log.info("the database was upgraded; what it was is in %s", file)


def services_of(desk: Desk, index: KnowledgeIndex | None, rooms: DeskRooms) -> Services:
    settings = desk.settings
    return Services(
        storage=desk.storage,
        understander=Understander(desk.categories, settings.desk_language, desk.devices),
        categories=desk.categories,
        retriever=desk.retriever(index) if index else NothingToSearch(),
        texts=desk.texts,
        commands=CommandTable(COMMANDS),
        clock=now,
        policy=policy_of(settings, link_key_of(settings)),
        desk=rooms,
        grouper=Clusterer(desk.embedders),
        files=desk.files,
        devices=desk.devices,
        sla=SlaPolicies.load(settings.sla, settings.timezone, {one.slug for one in desk.categories.records()}),
        folder=folder_of(desk),
    )


def link_key_of(settings: Settings) -> str:
    """What signs links to pages; empty where the desk has no address to lead to."""
    if not settings.public_url:
        return ""
    from adapters.web.sessions import signing_key  # brings the web server, of no use without a page

    return signing_key(settings)


@asynccontextmanager
async def answering(desk: Desk, adapters: Sequence[ChatAdapter], rooms: DeskRooms, doing: str) -> AsyncIterator[None]:
    """Deliver for these adapters; and answer, at once if this home has no owner, else as soon as the owner is gone."""
    deliverer = desk.deliverer(adapters)
    # Nobody else serves the accounts that these adapters hold: what is `sending` there was left by a dead process.
    await desk.storage.outbox.expire([(name, account) for name, account in deliverer.accounts if name not in SHARED])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(deliver_the_rest, deliverer)
        await stack.enter_async_context(in_background(deliverer.run()))
        if desk.lock.acquire(doing):
            await stack.enter_async_context(engine(desk, deliverer, rooms))
        else:
            await stack.enter_async_context(in_background(take_over(desk, deliverer, rooms, doing)))
        yield


@asynccontextmanager
async def engine(desk: Desk, deliverer: Deliverer, rooms: DeskRooms) -> AsyncIterator[None]:
    """Make this process, which owns the home, answer: open the index, take up what was left, handle what comes."""
    async with AsyncExitStack() as stack:
        stack.callback(desk.lock.release)
        if desk.settings.is_sqlite:
            await desk.storage.inbox.recover()  # nobody else handles messages on this database
        index = await open_index(desk)
        stack.push_async_callback(index.close)
        # Another replica may start at the same moment and write the same.
        await rerun_when_stale(partial(keep_categories, desk), "the categories")
        await rerun_when_stale(partial(load_samples, desk), "the samples")
        keeper = keeper_of(desk, index)
        await keeper.start(progress_line(desk))
        desk.keepers.append(keeper)
        stack.callback(desk.keepers.remove, keeper)
        services = services_of(desk, index, rooms)
        introducers = {one.platform: one for one in deliverer.adapters if isinstance(one, Introduces)}
        dispatcher = Dispatcher(
            services, desk.owner, workers=desk.settings.workers, lease=desk.lease, introducers=introducers
        )
        await stack.enter_async_context(in_background(warm(services.understander, desk.embedders, index)))
        await stack.enter_async_context(in_background(keeper.run()))
        await stack.enter_async_context(scheduler_of(desk, parts_of(desk, services, deliverer)))
        await stack.enter_async_context(in_background(dispatcher.run()))
        yield


def parts_of(desk: Desk, services: Services, deliverer: Deliverer | None = None) -> Parts:
    """What the jobs work with."""
    archive = DatabaseArchive(desk.settings.database)
    return Parts(desk.settings, services, archive, services.folder, deliverer)


def folder_of(desk: Desk) -> FollowedFolder | None:
    """The folder of documents that the articles follow, where there is one."""
    work, folder = desk.storage.unit_of_work, desk.settings.knowledge
    return FollowedFolder(work, folder, desk.categories, desk.devices, past_tickets_of(work)) if folder else None


def scheduler_of(desk: Desk, parts: Parts) -> Scheduler:
    settings = desk.settings
    # On SQLite nobody else can lead: whoever holds the lease died without giving it back.
    return Scheduler(
        schedule(settings), parts, desk.owner, lease_seconds=settings.leader_seconds, sole=settings.is_sqlite
    )


async def warm(understander: Understander, embedders: InstalledEmbedders, index: KnowledgeIndex) -> None:
    """Load what only some messages need, which takes a second and a hundred megabytes, in a process that lasts."""
    await asyncio.sleep(WARM_AFTER)
    await asyncio.to_thread(understander.warm)
    if (model := index.manifest.model) and (embedder := embedders.get(model)):
        with suppress(ModelUnavailable):  # said when it is needed
            await asyncio.to_thread(embedder.warm)


async def take_over(desk: Desk, deliverer: Deliverer, rooms: DeskRooms, doing: str) -> None:
    """Become the owner when the present one ends, and answer from then on."""
    while not desk.lock.acquire(doing):  # noqa: ASYNC110  # the lock is the operating system's: nothing tells of it
        await asyncio.sleep(TAKEOVER_SECONDS)
    log.info("the owner of %s is gone, this process answers now", desk.settings.home)
    async with engine(desk, deliverer, rooms):
        await asyncio.Event().wait()


def server_index(settings: Settings) -> "ServerIndex":
    """Asks the server nothing yet."""
    from knowledge.index.server import ServerIndex  # takes a second to import
    from knowledge.index.server_generation import Layout

    key = settings.qdrant_api_key
    return ServerIndex.to(
        settings.qdrant_url or "",
        key=key.get_secret_value() if key else None,
        timeout=settings.qdrant_timeout,
        alias=settings.qdrant_collection,
        layout=Layout(settings.qdrant_shards, settings.qdrant_replicas, settings.qdrant_write_consistency),
    )


async def open_index(desk: Desk) -> KnowledgeIndex:
    """The one inside this process, or a server's, whether that is there or not. Raises IndexUnavailable."""
    if desk.settings.qdrant_url:
        return server_index(desk.settings)
    return await EmbeddedIndex.open(desk.index_directory)


def keeper_of(desk: Desk, index: KnowledgeIndex) -> IndexKeeper:
    shared = desk.owner if desk.settings.qdrant_url else None
    return IndexKeeper(desk.storage, index, desk.follower(index), shared, desk.calibrations.refresh)


async def keep_categories(desk: Desk) -> None:
    """Bring the database's categories to the state of the category file, for reports that read the database alone."""
    async with desk.storage.unit_of_work() as uow:
        records = desk.categories.records()
        if await uow.categories.all() != records:
            uow.categories.replace(records)
            await uow.commit()


async def load_samples(desk: Desk) -> None:
    """Give a desk without any article the samples, so that the first question has an answer."""
    if not desk.settings.samples:
        return
    async with desk.storage.unit_of_work() as uow:
        if (await uow.knowledge.base_version()).number:
            return
    report = await sync_folder(desk.storage.unit_of_work, SAMPLES, desk.categories, SAMPLES_ORIGIN)
    for error in report.errors:
        log.error("sample article: %s", error)


def progress_line(desk: Desk) -> Callable[[int, int], None] | None:
    """Tell a person who waits at a terminal that a long indexing is under way."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        if total > 500:
            text = desk.texts.plain("console.indexing", desk.settings.desk_language, articles=total)
            sys.stderr.write(f"\r{text} {100 * done // total} %" + "\n" * (done == total))
            sys.stderr.flush()

    return show


async def deliver_the_rest(deliverer: Deliverer) -> None:
    """Before leaving, deliver what is due."""
    with suppress(StorageUnavailable):
        while await deliverer.deliver_due():
            pass


@asynccontextmanager
async def own_index(desk: Desk, doing: str) -> AsyncIterator[KnowledgeIndex | None]:
    """An index to read and write for as long as the block runs; None if another process has it.

    This home's, while nobody answers here; or the server's, while no other process writes it.
    """
    if desk.settings.qdrant_url:
        index = server_index(desk.settings)
        try:
            lease = await desk.storage.leases.acquire(LEASE, desk.owner, timedelta(seconds=LEASE_SECONDS))
            yield index if lease else None
        finally:
            await desk.storage.leases.release(LEASE, desk.owner)
            await index.close()
        return
    if not desk.lock.acquire(doing):
        yield None
        return
    try:
        embedded = await EmbeddedIndex.open(desk.index_directory)
        try:
            yield embedded
        finally:
            await embedded.close()
    finally:
        desk.lock.release()


@asynccontextmanager
async def index_to_read(desk: Desk, doing: str) -> AsyncIterator[KnowledgeIndex | None]:
    """An index in step with the articles, if this process may write it, and else as the server has it; None if another
    process has this home's. Raises IndexUnavailable."""
    async with own_index(desk, doing) as index:
        if index is not None:
            await desk.follower(index).catch_up()
        if index is not None or not desk.settings.qdrant_url:
            yield index
            return
    server = server_index(desk.settings)
    try:
        await server.refresh()
        yield server
    finally:
        await server.close()
