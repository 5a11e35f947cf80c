"""The fake Slack in a thread of its own, for tests of commands that bring an event loop with them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.slack import FakeSlack


@contextmanager
def slack_beside(**options: Any) -> Iterator[FakeSlack]:
    """Running for as long as the block does. People and channels are made before a command is run, not meanwhile."""
    slack = FakeSlack(**options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(slack.start(), loop).result(10)
        yield slack
    finally:
        asyncio.run_coroutine_threadsafe(slack.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
