"""A desk with a page, in one process: requests go to the application itself, and everything behind it is real."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from bs4 import BeautifulSoup, Tag

from adapters.web.adapter import WebAdapter
from adapters.web.app import create_app
from adapters.web.places import WebDesk
from adapters.web.site import Site
from bot.attachments.intake import MEGABYTE, Intake
from bot.attachments.kinds import Kinds
from bot.engine.delivery import Deliverer
from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.documents import Fields
from bot.model.knowledge import Retrieval, Thresholds
from bot.model.messages import Identity
from bot.model.tickets import Ticket
from bot.model.values import Language, Role
from bot.ports.adapters import Clock, Inbox
from bot.ports.knowledge import Query
from bot.ports.storage import UnitOfWork
from bot.public.policy import PublicPolicy
from bot.settings import load_settings
from bot.technicians import appoint_once
from bot.tickets.background import background
from storage.files.disk import DiskFiles
from storage.store import SqlStorage
from tests.engine.desk import make_desk, shipped

LEASE = timedelta(seconds=30)
AS_PERSON = {"Accept": "text/html", "Accept-Language": "en"}


def now() -> datetime:
    return datetime.now(UTC)


class EmptyBase:
    """Nothing is known here: every question is answered with the offer of a ticket."""

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        return Retrieval((), Thresholds(answer=0.5, suggest=0.3))


@dataclass
class WebDeskInProcess:
    """`browser` opens one more visitor."""

    storage: SqlStorage
    site: Site
    application: Any
    services: Services
    browsers: list["Browser"] = field(default_factory=list)

    def browser(self, **headers: str) -> "Browser":
        one = Browser(self.application, headers)
        self.browsers.append(one)
        return one


class Browser:
    """A visitor without scripts: pages are read and forms are sent."""

    def __init__(self, application: Any, headers: dict[str, str]) -> None:
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(
            transport=transport,
            base_url="http://127.0.0.1:8080",
            headers={**AS_PERSON, "Accept-Language": "en"} | headers,
        )
        self.token = ""

    async def get(self, path: str = "/") -> httpx.Response:
        response = await self.http.get(path)
        if found := re.search(r'name="csrf" value="([^"]+)"', response.text):
            self.token = found[1]
        return response

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, *, json: bool = False, **more: str
    ) -> httpx.Response:
        """With a fresh form id, unless one is given."""
        if not self.token:
            await self.get()
        accept = {"Accept": "application/json"} if json else {}
        return await self.http.post(
            path, data={"csrf": self.token, "id": str(uuid4()), **(fields or {}), **more}, headers=accept
        )

    async def sends(self, path: str, *files: tuple[str, bytes], json: bool = False, **fields: str) -> httpx.Response:
        """A form with files, as a browser sends it: the fields first, in the page's order."""
        if not self.token:
            await self.get()
        parts: list[tuple[str, Any]] = [("csrf", (None, self.token)), ("id", (None, str(uuid4())))]
        parts += [(name, (None, value)) for name, value in fields.items()]
        parts += [("file", (name, content, "application/x-said-by-the-browser")) for name, content in files]
        headers = {"Accept": "application/json"} if json else {}
        return await self.http.post(path, files=parts, headers=headers)

    async def says(self, text: str) -> str:
        """The page after that."""
        response = await self.post("/say", text=text)
        assert response.status_code == 303, response.text
        return (await self.get()).text

    async def plays(self, role: str) -> None:
        assert (await self.post("/role", role=role)).status_code == 303


def items(page: str) -> Sequence[Tag]:
    return BeautifulSoup(page, "html.parser").select(".item")


@asynccontextmanager
async def web_desk(
    storage: SqlStorage, home: Path, *, clock: Clock = now, public: PublicPolicy | None = None, **changes: Any
) -> AsyncIterator[WebDeskInProcess]:
    """With the engine at work; `changes` are settings."""
    values = {"home": home, "web_port": 0, "web_requests_per_minute": 10_000} | changes
    settings = load_settings(None).model_copy(update=values)
    files = Intake(DiskFiles(home / "files"), Kinds.of(settings.file_types), settings.file_megabytes * MEGABYTE)
    services = replace(make_desk(storage, EmptyBase()).services, clock=clock, desk=WebDesk(), files=files)
    services = replace(services, policy=replace(services.policy, public=public or PublicPolicy()))

    async def play_technician(identity: Identity) -> None:
        async with storage.unit_of_work() as uow:
            await appoint_once(uow, identity, Role.TECHNICIAN)
            await uow.commit()

    async def about(uow: UnitOfWork, ticket: Ticket, language: Language) -> Fields | None:
        return await background(Work(uow=uow, services=services, now=clock(), key="look"), ticket, language)

    categories, _, texts = shipped()
    adapter = WebAdapter(
        settings, storage, texts, categories, clock, play_technician, {}, files=files, about=about, services=services
    )
    inbox: Inbox = Receiver(storage.inbox)
    site = adapter.site(inbox)
    dispatcher = Dispatcher(services, "test", lease=LEASE)
    deliverer = Deliverer(storage, [adapter], "test", lease=LEASE, clock=clock)
    work = [asyncio.create_task(dispatcher.run()), asyncio.create_task(deliverer.run())]
    desk = WebDeskInProcess(storage, site, create_app(site), services)
    try:
        yield desk
    finally:
        adapter.close()
        for browser in desk.browsers:
            await browser.http.aclose()
        for task in work:
            task.cancel()
        for task in work:
            with suppress(asyncio.CancelledError):
                await task
