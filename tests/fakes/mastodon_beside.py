"""The fake Mastodon in a thread of its own, for tests of commands that bring an event loop with them."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.fakes.mastodon import FakeMastodon

T = TypeVar("T")


@dataclass
class Beside:
    mastodon: FakeMastodon
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """What is done over there, from here."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


@contextmanager
def mastodon_beside(**options: Any) -> Iterator[Beside]:
    """Running for as long as the block does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    beside = Beside(FakeMastodon(**options), loop)
    try:
        beside.do(beside.mastodon.start())
        yield beside
    finally:
        beside.do(beside.mastodon.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
