"""A running desk, and browsers in front of it. What a browser complains about fails the test.

One Chromium serves all tests, each of which has windows of its own: so the tests here share a loop, and fixtures that
await say `loop_scope="session"`.
"""

import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import FLAGS, REQUIRED, chromium
from tests.browser.visitor import Visitor
from tests.ledger.guichet import Guichet

OpenVisitor = Callable[..., Any]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    shared = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(shared, append=False)


@pytest.fixture(scope="session")
def executable() -> Path:
    found = chromium()
    if found is None:
        reason = "NO BROWSER: the web pages were not tested. Install Chromium (apt-get install chromium) and run again."
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def address(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk of its own for each module, as `guichet run` starts it."""
    folder = tmp_path_factory.mktemp("desk")
    settings = ("WEB_PORT=0", "WEB_REQUESTS_PER_MINUTE=10000", "WEB_MESSAGES_PER_MINUTE=1000", "TIMEZONE=Europe/Paris")
    (folder / ".env").write_text("".join(f"GUICHET_{line}\n" for line in settings))
    with Guichet(folder / "home", "run", "--no-console") as desk:
        desk.until("is ready on")
        found = re.search(r"ready on (http://\S+)", "\n".join(desk.err))
        assert found
        yield found[1]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(executable: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, address: str) -> AsyncIterator[OpenVisitor]:
    """Opens one more visitor, each with cookies of their own; options are those of a Playwright context."""
    async with visitors(browser, address) as open_visitor:
        yield open_visitor


@asynccontextmanager
async def visitors(browser: Browser, address: str) -> AsyncIterator[OpenVisitor]:
    async with AsyncExitStack() as stack:

        async def open_visitor(**options: Any) -> Visitor:
            options = {"locale": "en-GB", "viewport": {"width": 1200, "height": 860}} | options
            context = await browser.new_context(**options)
            context.set_default_timeout(15_000)
            stack.push_async_callback(context.close)
            one = Visitor(context, address)
            stack.callback(one.has_nothing_to_complain_about)
            return one

        yield open_visitor
