"""Who may work beside whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turnstile:
    """Lets any number in together, or one alone."""

    def __init__(self) -> None:
        self._change = asyncio.Condition()
        self._inside = 0
        self._closed = False

    @asynccontextmanager
    async def entered(self, *, alone: bool) -> AsyncIterator[None]:
        """Wait until one may enter; who wants to be alone keeps later ones out and waits for the others to leave."""
        async with self._change:
            await self._change.wait_for(lambda: not self._closed)
            self._closed = alone
            try:
                if alone:
                    await self._change.wait_for(lambda: not self._inside)
            except BaseException:
                self._closed = False
                self._change.notify_all()
                raise
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if alone:
                self._closed = False
            async with self._change:
                self._change.notify_all()
