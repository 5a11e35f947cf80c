"""The client API's calls: routes, tokens and scopes, rate limits, pages, and what the faults do to them."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.mastodon.faults import Faults, Scripted
from tests.fakes.mastodon.ids import order
from tests.fakes.mastodon.parameters import parameters
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.shapes import Shapes
from tests.fakes.mastodon.state import Account, Json, State, Status, Token
from tests.fakes.mastodon.world import Refused, World

T = TypeVar("T")
FALSE = (False, 0, "0", "f", "F", "false", "False", "FALSE", "off", "OFF", "")


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it came in, and what became of it. `name`: `POST /api/v1/statuses`."""

    name: str
    path: str
    params: Json
    at: float
    status: int
    error: str = ""
    lost: bool = False
    account: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: Any = None


@dataclass
class Call:
    """One call of a route; `ids` are the parts of the path that differ. What is set in `headers` goes with the answer,
    under `status`."""

    name: str
    ids: tuple[str, ...]
    params: Json
    request: web.Request
    world: World
    faults: Faults
    token: Token | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def state(self) -> State:
        return self.world.state

    @property
    def shapes(self) -> Shapes:
        return self.world.shapes

    @property
    def quirks(self) -> Quirks:
        return self.world.quirks

    @property
    def viewer(self) -> str | None:
        return self.token.account if self.token else None

    @property
    def me(self) -> Account:
        assert self.token and self.token.account
        return self.state.accounts[self.token.account]

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.params.get(name)
        return default if value is None else value not in FALSE

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def several(self, name: str) -> list[str]:
        value = self.params.get(name)
        return [str(one) for one in (value if isinstance(value, list) else [] if value is None else [value])]

    def the_status(self, wanted: str | None = None) -> Status:
        """The post that the path names (or `wanted`), if who asks may see it."""
        found = self.state.statuses.get(wanted or self.ids[0])
        if not found or not self.state.may_see(self.viewer, found):
            raise Refused(404, "Record not found")
        return found

    def my_status(self) -> Status:
        found = self.the_status()
        if found.account != self.viewer:
            raise Refused(404, "Record not found")
        return found

    def the_account(self, wanted: str | None = None) -> Account:
        found = self.state.accounts.get(wanted or self.ids[0])
        if not found:
            raise Refused(404, "Record not found")
        return found

    def shown(self, statuses: Iterable[Status]) -> list[Json]:
        return [self.shapes.status(one, self.viewer) for one in statuses]

    def page(self, found: Iterable[T], key: Callable[[T], str], default: int = 20, most: int = 40) -> list[T]:
        """A page of what there is, the newest first: before max_id, after since_id, or the first ones after min_id."""
        items = sorted(found, key=lambda one: order(key(one)), reverse=True)
        limit = max(1, min(self.number("limit", default), most))
        if before := self.text("max_id"):
            items = [one for one in items if order(key(one)) < order(before)]
        if since := self.text("since_id"):
            items = [one for one in items if order(key(one)) > order(since)]
        first = self.text("min_id")
        if first:
            items = [one for one in items if order(key(one)) > order(first)]
        page = items[-limit:] if first and self.quirks.min_id else items[:limit]
        if page and self.quirks.link_headers:
            self._link(key(page[0]), key(page[-1]), more=len(page) == limit)
        if not self.quirks.pages_in_order:
            self.faults.dice.shuffle(page)
        return [one for one in page for _ in range(self.faults.poll_copies)]

    def _link(self, newest: str, oldest: str, *, more: bool) -> None:
        kept = [(name, one) for name, one in self.request.query.items() if name not in ("max_id", "min_id", "since_id")]
        address = f"{self.shapes.base}{self.request.path}"
        links = [f'<{address}?{urlencode([*kept, ("max_id", oldest)])}>; rel="next"'] if more else []
        links.append(f'<{address}?{urlencode([*kept, ("min_id", newest)])}>; rel="prev"')
        self.headers["Link"] = ", ".join(links)


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """`scope`: that the token needs. `kind`: an account's token (user), any token (app), or perhaps one (open)."""

    run: Handler
    scope: str = ""
    kind: str = "user"


def covers(granted: Iterable[str], wanted: str) -> bool:
    """`read` covers `read:statuses`, and `profile` who one is."""
    granted = set(granted)
    return (
        not wanted
        or bool({wanted, wanted.split(":")[0]} & granted)
        or (wanted == "read:accounts" and "profile" in granted)
    )


# Calls in so many seconds that an account has of these, besides those of all kinds.
FEW = {
    "POST /api/v1/media": (30, 1_800.0),
    "POST /api/v2/media": (30, 1_800.0),
    "DELETE /api/v1/statuses/{id}": (30, 1_800.0),
    "POST /api/v1/statuses/{id}/unreblog": (30, 1_800.0),
}


@dataclass
class WebApi:
    """`rate` calls in `period` seconds for each account; 0: as many as it likes. `frozen`: accounts whose login does
    not count any more."""

    world: World
    faults: Faults
    routes: Mapping[str, Route]
    rate: int = 300
    period: float = 300.0
    calls: list[Called] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    _used: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _patterns: list[tuple[str, re.Pattern[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in sorted(self.routes, key=lambda one: one.count("{")):
            self._patterns.append(
                (
                    name,
                    re.compile(re.sub(r"\{\w+\}", "([^/]+)", re.escape(name).replace("\\{", "{").replace("\\}", "}"))),
                )
            )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name, ids = self._route(request)
        call = Call(name, ids or (), await parameters(request), request, self.world, self.faults)
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or call.text("access_token")
        call.token = self.world.state.tokens.get(sent)
        scripted = self.faults.next_for(name)
        if name in self.faults.hang:
            self.faults.happened["hang"] += 1
            self._note(call, 0, "hang")
            while name in self.faults.hang:  # noqa: ASYNC110 - a switch of the tests
                await asyncio.sleep(0.02)
            return _cut(request)
        if scripted.cut:
            self._note(call, 0, "cut")
            return _cut(request)
        limits = self._limits(call)
        if refused := self._refusal(call, scripted, limits):
            return refused
        status, answer = await self._answer(call, scripted, self.routes[name] if ids is not None else None)
        if delay := self.faults.delay():
            await asyncio.sleep(delay)
        while name in self.faults.mute:  # noqa: ASYNC110 - a switch of the tests
            await asyncio.sleep(0.02)
        took = status < 400 and name in self.faults.lose_methods
        lost = scripted.lost or (took and self.faults.every("lose", self.faults.lose_every))
        error = str(answer.get("error", "")) if status >= 400 and isinstance(answer, dict) else ""
        self._note(call, status, error, lost=lost, answer=answer)
        return _cut(request) if lost else self._json(answer, status, call.headers | limits)

    def _route(self, request: web.Request) -> tuple[str, tuple[str, ...] | None]:
        """Its name and the parts that differ; None: there is no such thing here."""
        path = request.path
        slash = len(path) > 1 and path.endswith("/")
        plain = path.rstrip("/") if slash else path
        for name, pattern in self._patterns:
            if found := pattern.fullmatch(f"{request.method} {plain}"):
                method, _, template = name.partition(" ")
                quirks = self.world.quirks
                below = any(template.startswith(f"{one}/") for one in quirks.without)
                if quirks.has(method, template) and not below and (quirks.trailing_slash or not slash):
                    return name, found.groups()
                break
        return f"{request.method} {path}", None

    def _limits(self, call: Call) -> dict[str, str]:
        """Count the call; what the headers say of it, of the narrowest of its limits."""
        if not self.rate or not call.token or not call.request.path.startswith("/api"):
            return {}
        who, now = call.token.account or call.token.token, self.world.now().timestamp()
        found = []
        for kind, (rate, period) in {"": (self.rate, self.period), call.name: FEW.get(call.name, (0, 0.0))}.items():
            if rate:
                window = int(now // period)
                self._used[who, kind, window] += 1
                found.append((rate - self._used[who, kind, window], rate, (window + 1) * period))
        left, rate, reset = min(found)
        said = {"X-RateLimit-Limit": str(rate), "X-RateLimit-Remaining": str(left)}
        return said | {"X-RateLimit-Reset": self._reset(reset)}

    def _reset(self, at: float) -> str:
        if self.world.quirks.rate_limit_reset == "epoch":
            return str(round(at))
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _refusal(self, call: Call, scripted: Scripted, limits: dict[str, str]) -> web.StreamResponse | None:
        """What is said in the server's place, or before it looks."""
        wait = scripted.retry_after
        limited = not self.faults.limit_methods or call.name in self.faults.limit_methods
        if limited and self.faults.every("limit", self.faults.limit_every):
            wait = self.faults.retry_after
        over = int(limits.get("X-RateLimit-Remaining", 0)) < 0
        if over or wait is not None:
            if wait is not None:
                reset = self._reset(self.world.now().timestamp() + wait)
                limits = {"X-RateLimit-Limit": str(self.rate), "X-RateLimit-Reset": reset}
            self._note(call, 429, "Too many requests")
            return self._json({"error": "Too many requests"}, 429, limits | {"X-RateLimit-Remaining": "0"})
        status = None if scripted.error else scripted.status
        if self.faults.every("break", self.faults.break_every):
            status = 503
        if status is not None:
            self._note(call, status, f"http_{status}")
            return web.Response(status=status, text="<html><body>Bad gateway</body></html>", content_type="text/html")
        return None

    async def _answer(self, call: Call, scripted: Scripted, route: Route | None) -> tuple[int, Any]:
        try:
            if scripted.error and scripted.status:
                raise Refused(scripted.status, scripted.error)
            if route is None:
                raise Refused(self.world.quirks.not_there, "Not Found")
            self._authorise(call, route)
            result = route.run(call)
            answer = await result if isinstance(result, Awaitable) else result
        except Refused as refused:
            return refused.status, {"error": refused.error}
        return call.status, answer

    def _authorise(self, call: Call, route: Route) -> None:
        unauthorised = self.world.quirks.unauthorised
        known = call.token is not None and not call.token.gone
        if route.kind == "open" and (call.token is None or not route.scope):
            return  # a token that nobody knows is as good as none there
        if not known:
            if call.token:
                raise Refused(unauthorised, "The access token was revoked")
            raise Refused(unauthorised, "The access token is invalid")
        assert call.token
        if route.kind == "user" and call.token.account is None:
            raise Refused(422, "This method requires an authenticated user")
        if call.token.account in self.frozen:
            raise Refused(403, "Your login is currently disabled")
        if not covers(call.token.scopes, route.scope):
            raise Refused(403, "This action is outside the authorized scopes")

    def _json(self, answer: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.StreamResponse:
        now = format_datetime(self.world.now(), usegmt=True)
        if isinstance(answer, web.StreamResponse):
            answer.headers["Date"] = now
            return answer
        kept = dict(headers or {})
        if not self.world.quirks.rate_limit_headers:
            kept = {name: value for name, value in kept.items() if not name.startswith("X-RateLimit")}
        kept["Date"] = now
        made = web.json_response(answer, status=status, headers=kept)
        made.headers["Content-Type"] = self.world.quirks.content_type
        return made

    def _note(self, call: Call, status: int, error: str, *, lost: bool = False, answer: Any = None) -> None:
        headers = {
            name: call.request.headers[name]
            for name in ("Idempotency-Key", "User-Agent")
            if name in call.request.headers
        }
        now = time.time()
        self.calls.append(
            Called(call.name, call.request.path, call.params, now, status, error, lost, call.viewer, headers, answer)
        )


def _cut(request: web.Request) -> web.Response:
    """No answer at all: the caller sees its connection end."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
