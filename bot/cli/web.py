"""The web page beside whatever else `guichet run` does."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app import Desk, now
from bot.cli.desk import services_at
from bot.cli.mail import mailer_of
from bot.engine.background import in_background
from bot.engine.reruns import rerun_when_stale
from bot.engine.work import Work
from bot.errors import SettingsError
from bot.model.documents import Fields
from bot.model.messages import Identity
from bot.model.tickets import Ticket
from bot.model.values import Language, Role
from bot.ports.storage import UnitOfWork
from bot.technicians import appoint_once
from bot.tickets.background import background

if TYPE_CHECKING:
    from adapters.web.adapter import WebAdapter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """`adapter` is None where there is no page; `reason`: why there is none although one is wanted."""

    adapter: "WebAdapter | None" = None
    reason: str | None = None


async def open_page(desk: Desk) -> Page:
    """Listen, if a page is wanted. Raises SettingsError if a port that was asked for cannot be had; without its usual
    port the desk works on without a page."""
    if not desk.settings.web:
        return Page()
    from adapters.web.adapter import WebAdapter  # of no use to the commands that serve no page
    from adapters.web.health import database, inbox, index

    async def play_technician(identity: Identity) -> None:
        async def once() -> None:
            async with desk.storage.unit_of_work() as uow:
                await appoint_once(uow, identity, Role.LEAD)
                await uow.commit()

        await rerun_when_stale(once, "a technician of the page")

    services = await services_at(desk)

    async def about(uow: UnitOfWork, ticket: Ticket, language: Language) -> Fields | None:
        return await background(Work(uow=uow, services=services, now=now(), key="look"), ticket, language)

    parts = {
        "database": database(desk.storage),
        "inbox": inbox(desk.storage, now),
        "index": index(lambda: desk.is_looking_up),
    }
    try:
        mailer = mailer_of(desk.settings)
        return Page(
            WebAdapter(
                desk.settings,
                desk.storage,
                desk.texts,
                desk.categories,
                now,
                play_technician,
                parts,
                mailer,
                desk.files,
                about,
                services,
            )
        )
    except SettingsError as error:
        if "web_port" in desk.settings.model_fields_set:
            raise
        log.warning("no web page: %s", error)
        return Page(reason=str(error))


@asynccontextmanager
async def serving(desk: Desk, page: Page) -> AsyncIterator[None]:
    """Answer the page's visitors for as long as the block runs."""
    if page.adapter is None:
        yield
        return
    async with in_background(page.adapter.run(desk.receiver)):
        yield
