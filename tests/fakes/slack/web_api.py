"""The Web API: how a call comes in, who may make it, what may befall it, and its answer."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.slack.faults import Faults, Scripted
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.state import Channel, Installation, Json, Message, State, User
from tests.fakes.slack.world import World


class SlackError(Exception):
    """A call answered with `ok: false`; `more` stands beside the error's name."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error, self.more = error, more


@dataclass(frozen=True, slots=True)
class Called:
    """A call that was made. `error`: what was answered, empty if it succeeded; `lost`: the caller never knew."""

    method: str
    params: Json
    at: float
    error: str = ""
    lost: bool = False
    status: int = 200
    token: str = ""
    answer: Json = field(default_factory=dict)


@dataclass
class Call:
    """One call while it is handled."""

    method: str
    params: Json
    token: str
    request: web.Request
    world: World
    sockets: Sockets
    faults: Faults
    installation: Installation | None = None

    @property
    def state(self) -> State:
        return self.world.state

    @property
    def app(self) -> Installation:
        assert self.installation
        return self.installation

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name)
        return default if value is None else str(value)

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        if not (value := self.text(name)):
            raise SlackError(error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return value

    def flag(self, name: str) -> bool:
        return self.params.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        return int(self.text(name) or default)

    def structure(self, name: str) -> Any:
        """A list or an object; forms carry them as JSON."""
        value = self.params.get(name)
        if isinstance(value, str) and value:
            try:
                return json.loads(value)
            except ValueError:
                raise SlackError("invalid_json" if name != "blocks" else "invalid_blocks_format") from None
        return value

    def user(self, name: str = "user") -> User:
        """A person whom this workspace can see."""
        found = self.state.users.get(self.needed(name, "user_not_found"))
        if not found:
            raise SlackError("user_not_found")
        return found

    def channel(self, name: str = "channel", *, member: bool = False) -> Channel:
        """A conversation that the app can see; `member`: that it must be part of."""
        wanted = self.needed(name, "channel_not_found")
        found = self.state.channels.get(wanted)
        mine = self.app.bot_user
        if not found or (found.is_private and mine not in found.members):
            raise SlackError("channel_not_found")
        if found.team != self.app.team and mine not in found.members:
            raise SlackError("channel_not_found")
        if member and mine not in found.members:
            raise SlackError("not_in_channel")
        return found

    def message(self, channel: Channel, name: str = "ts", error: str = "message_not_found") -> Message:
        found = channel.messages.get(self.needed(name, error))
        if not found:
            raise SlackError(error)
        return found

    def page(self, items: list[Any], default: int, most: int = 1_000) -> tuple[list[Any], str]:
        """A page of what there is, and the cursor of the next one."""
        start = 0
        if cursor := self.text("cursor"):
            if cursor not in self.state.cursors:
                raise SlackError("invalid_cursor")
            start = self.state.cursors[cursor]
        limit = max(1, min(self.number("limit", default), most))
        beyond = start + limit
        if beyond >= len(items):
            return items[start:], ""
        following = f"dXNlcjpV{beyond:08d}="
        self.state.cursors[following] = beyond
        return items[start:beyond], following


Handler = Callable[[Call], Json | Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes`: any one of them is enough; for an empty tuple, none is needed. `kind` of the token: bot, app, none."""

    run: Handler
    scopes: tuple[str, ...] = ()
    kind: str = "bot"


@dataclass
class WebApi:
    world: World
    sockets: Sockets
    faults: Faults
    methods: Mapping[str, Method]
    calls: list[Called] = field(default_factory=list)
    posted: dict[str, float] = field(default_factory=dict)  # when the last post went to a channel

    async def serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = await _params(request)
        token = params.pop("token", "") or request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        call = Call(method, params, str(token), request, self.world, self.sockets, self.faults)
        scripted = self.faults.next_of(method) or Scripted()
        if method in self.faults.hang:
            self.faults.happened["hang"] += 1
            self._note(call, {}, "hang")
            while method in self.faults.hang:  # noqa: ASYNC110 - a switch of the tests
                await asyncio.sleep(0.02)
            return _cut(request)
        if scripted.cut:
            self._note(call, {}, "cut")
            return _cut(request)
        if refused := self._refusal(call, scripted):
            return refused
        answer, headers = await self._answer(call, scripted)
        if delay := self.faults.delay():
            await asyncio.sleep(delay)
        lost = scripted.lost or (
            method in self.faults.lose_methods and answer["ok"] and self.faults.every("lose", self.faults.lose_every)
        )
        self._note(call, answer, str(answer.get("error", "")), lost=lost)
        return _cut(request) if lost else _json(answer, headers=headers)

    def _refusal(self, call: Call, scripted: Scripted) -> web.Response | None:
        """What the gateway in front of Slack says in its place."""
        wait = scripted.retry_after
        limited = not self.faults.limit_methods or call.method in self.faults.limit_methods
        if limited and self.faults.every("limit", self.faults.limit_every):
            wait = self.faults.retry_after
        if wait is None and self.faults.pace and call.method in ("chat.postMessage", "chat.postEphemeral"):
            channel, now = call.text("channel"), time.monotonic()
            if now - self.posted.get(channel, -1e9) < self.faults.pace:
                self.faults.happened["pace"] += 1
                wait = max(1, round(self.faults.pace))
            else:
                self.posted[channel] = now
        if wait is not None:
            self._note(call, {}, "ratelimited", status=429)
            return _json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": f"{wait:g}"})
        status = scripted.status
        if self.faults.every("break", self.faults.break_every):
            status = 503
        if status is not None:
            self._note(call, {}, f"http_{status}", status=status)
            return web.Response(status=status, text="<html><body>upstream connect error</body></html>")
        return None

    async def _answer(self, call: Call, scripted: Scripted) -> tuple[Json, dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            if scripted.error:
                more = {"needed": scripted.needed, "provided": "none"} if scripted.needed else {}
                raise SlackError(scripted.error, **more)
            method = self.methods.get(call.method)
            if not method:
                raise SlackError("unknown_method", req_method=call.method)
            self._authorise(call, method)
            if call.installation:
                headers["x-oauth-scopes"] = ",".join(call.app.scopes)
            result = method.run(call)
            answer = await result if isinstance(result, Awaitable) else result
            return {"ok": True, **answer}, headers
        except SlackError as refused:
            return {"ok": False, "error": refused.error, **refused.more}, headers

    def _authorise(self, call: Call, method: Method) -> None:
        if method.kind == "none":
            return
        if not call.token:
            raise SlackError("not_authed")
        if method.kind == "app":
            if call.token.startswith("xoxb-"):
                raise SlackError("not_allowed_token_type")
            if call.token != call.state.app_token:
                raise SlackError("invalid_auth")
            return
        if call.token.startswith("xapp-"):
            raise SlackError("not_allowed_token_type")
        installation = call.state.installations.get(call.token)
        if not installation:
            raise SlackError("invalid_auth")
        if installation.gone:
            raise SlackError(installation.gone)
        call.installation = installation
        if method.scopes and not set(method.scopes) & set(installation.scopes):
            raise SlackError("missing_scope", needed=method.scopes[0], provided=",".join(installation.scopes))

    def _note(self, call: Call, answer: Json, error: str, *, lost: bool = False, status: int = 200) -> None:
        self.calls.append(Called(call.method, call.params, time.time(), error, lost, status, call.token, answer))


async def _params(request: web.Request) -> Json:
    """Of the address and of the body, which may be a form or JSON."""
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json() if request.can_read_body else {}
        params.update(body if isinstance(body, dict) else {})
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        params.update(await request.post())
    return params


def _json(answer: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(answer, status=status, headers=headers)


def _cut(request: web.Request) -> web.Response:
    """No answer at all: the caller sees its connection end."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
