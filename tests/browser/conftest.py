"""A running desk, and browsers in front of it. What a browser complains about fails the test."""

import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import FLAGS, REQUIRED, chromium
from tests.browser.visitor import Visitor
from tests.ledger.guichet import Guichet

OpenVisitor = Callable[..., Any]


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


@pytest.fixture
async def browser(executable: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield opened
        await opened.close()


@pytest.fixture
async def visitor(browser: Browser, address: str) -> AsyncIterator[OpenVisitor]:
    """Opens one more visitor, each with cookies of their own; options are those of a Playwright context."""
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
