"""Sites to attack."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.web.limits import Limits
from adapters.web.signin import role_lookup
from storage.store import SqlStorage
from tests.adapters.web_security.site import EMAIL_SIGN_IN, Browser, Site, Time, many, served
from tests.adapters.web_security.site import settings_of as made
from tests.fakes.mail import Mailbox, mail_server

Open = Callable[..., Awaitable[tuple[Site, Browser]]]
Anew = Callable[..., Awaitable[Browser]]


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def open_site(tmp_path: Path, sqlite_storage: SqlStorage, clock: Time, stack: AsyncExitStack) -> Open:
    """A site with these settings on a real server, and a browser that looks at it."""

    async def call(limits: Limits | None = None, reply_after: float = 0.05, **values: Any) -> tuple[Site, Browser]:
        settings = made(tmp_path / "home", **values)
        roles = role_lookup(sqlite_storage.unit_of_work)
        limits = limits or Limits(many(), many(), many())
        site = Site(settings, sqlite_storage, clock, roles, limits, reply_after=reply_after)
        address = await stack.enter_async_context(served(site.app(), settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        return site, Browser(http)

    return call


@pytest.fixture
def another_browser(stack: AsyncExitStack) -> Anew:
    async def call(beside: Browser) -> Browser:
        http = httpx.AsyncClient(base_url=beside.http.base_url, trust_env=False)
        return Browser(await stack.enter_async_context(http))

    return call


@pytest.fixture
async def mailbox(stack: AsyncExitStack) -> Mailbox:
    return await stack.enter_async_context(mail_server())


@pytest.fixture
async def mailed(open_site: Open, mailbox: Mailbox) -> tuple[Site, Browser]:
    """A site where people sign in by mail."""
    return await open_site(**EMAIL_SIGN_IN, smtp_url=f"smtp://127.0.0.1:{mailbox.port}")
