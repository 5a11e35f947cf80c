"""How much one address and one person may ask for in a minute."""

import math
import time
from collections import OrderedDict
from typing import Self

from babel.dates import format_timedelta
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.storage.memory import Entry
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.web.addresses import client_address, limited_as
from adapters.web.refusals import Refusals
from adapters.web.sessions import Session
from bot.settings import Settings
from bot.web_settings import Network

STATIC = "/static/"
PROBES = ("/healthz", "/readyz")
IN_MINUTES = 90  # seconds; what is to be waited longer is said in minutes
MOST_KEYS = 20_000  # addresses and persons remembered at once
CONTACT = {  # what one address may do on the contact page
    "message": RateLimitItemPerMinute(30, 5),
    "code": RateLimitItemPerMinute(10, 15),
    "link": RateLimitItemPerMinute(30, 15),  # phones share addresses
    "form": RateLimitItemPerMinute(5, 15),
}
SIGN_INS = RateLimitItemPerMinute(20, 15)  # forms of the sign-in that one address may send in a quarter of an hour


class BoundedMemory(MemoryStorage):
    """The library's memory, but for its sweeps, which take a thread a key, and its size, which has no end.

    What was not heard of for longest is forgotten first; who is being refused is heard of all the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: OrderedDict[str, list[Entry]] = OrderedDict()
        self.events = self._windows

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.time()
        entries = [entry for entry in self._windows.get(key, []) if entry.atime > now - expiry]
        granted = len(entries) + amount <= limit
        self._windows[key] = [Entry(expiry) for _ in range(amount if granted else 0)] + entries
        self._windows.move_to_end(key)
        self._forget(now)
        return granted

    def _forget(self, now: float) -> None:
        while self._windows:
            _, entries = next(iter(self._windows.items()))
            if len(self._windows) <= MOST_KEYS and entries and entries[0].expiry > now:
                return
            self._windows.popitem(last=False)


class Limits:
    """Moving windows in this process's memory: each replica counts for itself."""

    def __init__(self, requests: RateLimitItem, messages: RateLimitItem, sign_ins: RateLimitItem = SIGN_INS) -> None:
        self._memory = BoundedMemory()
        self._limiter = MovingWindowRateLimiter(self._memory)
        self._requests = requests
        self._messages = messages
        self._sign_ins = sign_ins

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            RateLimitItemPerMinute(settings.web_requests_per_minute),
            RateLimitItemPerMinute(settings.web_messages_per_minute),
        )

    async def request(self, address: str) -> int | None:
        """Count a request; None if it may go on, else the seconds to wait."""
        return await self._hit(self._requests, "request", address)

    async def message(self, session: Session) -> int | None:
        """Count a message of a person; None if it may go on, else the seconds to wait."""
        return await self._hit(self._messages, "message", session.native_id)

    async def sign_in(self, address: str) -> int | None:
        """Count a form of the sign-in; None if it may go on, else the seconds to wait."""
        return await self._hit(self._sign_ins, "sign-in", address)

    async def contact(self, kind: str, address: str) -> int | None:
        """Count what is done on the contact page; None if it may go on, else the seconds to wait."""
        return await self._hit(CONTACT[kind], f"contact-{kind}", address)

    async def _hit(self, item: RateLimitItem, kind: str, name: str) -> int | None:
        if await self._limiter.hit(item, kind, name):
            return None
        free_at = (await self._limiter.get_window_stats(item, kind, name)).reset_time
        return max(1, math.ceil(free_at - time.time()))


def too_many(refusals: Refusals, request: HTTPConnection, seconds: int) -> Response:
    """429 with the time to wait."""
    said = seconds if seconds < IN_MINUTES else math.ceil(seconds / 60) * 60
    wait = format_timedelta(said, threshold=IN_MINUTES / 60, locale=str(refusals.language(request)))
    return refusals.response(request, 429, "too_many", {"Retry-After": str(seconds)}, wait=wait)


class RequestLimit:
    """ASGI: refuses an address that asks too often. Static files are free, and so are the probes, as an orchestrator
    that is refused would restart a process that is well; a stream counts once, when it opens."""

    def __init__(self, app: ASGIApp, limits: Limits, proxies: tuple[Network, ...], refusals: Refusals) -> None:
        self._app = app
        self._limits = limits
        self._proxies = proxies
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and not path.startswith(STATIC) and path not in PROBES:
            seconds = await self._limits.request(limited_as(client_address(scope, self._proxies)))
            if seconds is not None:
                await too_many(self._refusals, HTTPConnection(scope), seconds)(scope, receive, send)
                return
        await self._app(scope, receive, send)
