"""For orchestrators and monitors: whether the process is alive, and whether the desk can do its work.

What is answered names parts and states and nothing else: anybody who reaches the page may read it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.web.examine import MARK
from bot.errors import GuichetError
from bot.ports.adapters import Clock
from bot.ports.storage import Storage

log = logging.getLogger(__name__)

SECONDS = 2.0  # for each part to answer
KEPT_SECONDS = 1.0  # for which a finding is given again: to ask often costs nothing
MOST_LAG = timedelta(minutes=2)  # of a message: a few retries, no more


@dataclass(frozen=True, slots=True)
class Part:
    """`detail`: figures and states, nothing about people or addresses."""

    ok: bool
    detail: Mapping[str, Any] = field(default_factory=dict)


Examine = Callable[[], Awaitable[Part]]  # may raise a GuichetError: then the part is not well


def database(storage: Storage) -> Examine:
    async def answers() -> Part:
        await storage.inbox.waiting_since()
        return Part(True)

    return answers


def inbox(storage: Storage, clock: Clock, most: timedelta = MOST_LAG) -> Examine:
    """Whether messages are being handled: how long the oldest has waited."""

    async def keeps_up() -> Part:
        since = await storage.inbox.waiting_since()
        lag = max(0.0, (clock() - since).total_seconds()) if since else 0.0
        return Part(lag <= most.total_seconds(), {"lag_seconds": round(lag, 1)})

    return keeps_up


def index(is_searchable: Callable[[], bool]) -> Examine:
    """Whether questions can be looked up."""

    async def searchable() -> Part:
        return Part(is_searchable())

    return searchable


class Health:
    """`parts` are asked at once, each within `seconds`; any that is not well makes the whole not ready.

    `mark` tells this desk from another.
    """

    def __init__(
        self, parts: Mapping[str, Examine], seconds: float = SECONDS, kept: float = KEPT_SECONDS, mark: str = ""
    ) -> None:
        self._parts = parts
        self._seconds = seconds
        self._kept = kept
        self._mark = mark
        self._lock = asyncio.Lock()
        self._found: tuple[float, dict[str, Part]] | None = None

    def routes(self) -> list[Route]:
        return [Route("/healthz", self.alive, methods=["GET"]), Route("/readyz", self.ready, methods=["GET"])]

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={MARK: self._mark} if self._mark else {})

    async def ready(self, request: Request) -> Response:
        parts = await self._findings()
        well = all(part.ok for part in parts.values())
        shown = {name: {"ok": part.ok, **part.detail} for name, part in parts.items()}
        return JSONResponse({"ready": well, "parts": shown}, 200 if well else 503)

    async def _findings(self) -> dict[str, Part]:
        async with self._lock:  # who asks meanwhile gets the same findings
            if self._found and time.monotonic() - self._found[0] < self._kept:
                return self._found[1]
            names = list(self._parts)
            parts = await asyncio.gather(*(self._examined(name) for name in names))
            found = dict(zip(names, parts, strict=True))
            self._found = time.monotonic(), found
            return found

    async def _examined(self, name: str) -> Part:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._parts[name]()
        except TimeoutError:
            return Part(False, {"error": "no answer in time"})
        except GuichetError as error:
            log.warning("%s is not well: %s", name, error)
            return Part(False, {"error": type(error).__name__})
