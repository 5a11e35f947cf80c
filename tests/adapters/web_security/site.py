"""A page behind everything that guards it, on a real server."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined
from limits import RateLimitItem, RateLimitItemPerMinute
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from adapters.email.smtp import SmtpMailer
from adapters.web import signin
from adapters.web.limits import Limits, too_many
from adapters.web.refusals import Refusals
from adapters.web.security import SecurityHeaders, server_options
from adapters.web.sessions import Session, Sessions, may_switch_roles
from adapters.web.signin.arrival import RoleOf
from bot.model.values import Language
from bot.ports.storage import Storage
from bot.settings import Settings
from bot.texts import Texts
from bot.web_settings import SmtpServer

KEY = "a-key-of-at-least-thirty-two-characters"
PUBLIC = "http://desk.example.org"
HTML = {"accept": "text/html"}
EMAIL_SIGN_IN: dict[str, Any] = {
    "sign_in": "email",
    "secret_key": KEY,
    "sign_in_emails": "ada@example.org, @example.com",
    "smtp_from": "desk@example.org",
}
PROXY_SIGN_IN: dict[str, Any] = {"sign_in": "proxy", "secret_key": KEY, "trusted_proxies": "127.0.0.1"}
BASE = '{% block title %}{% endblock %}<p id="csrf">{{ csrf }}</p>{% block main %}{% endblock %}'


def settings_of(home: Path, **values: Any) -> Settings:
    options: dict[str, Any] = {"_env_file": None, "home": home} | values
    return Settings(**options)


@dataclass
class Time:
    """A clock that tests turn."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **length: float) -> None:
        self.now += timedelta(**length)


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp, settings: Settings) -> AsyncIterator[str]:
    """The address of a real server, with the options that the product gives it."""
    options = server_options(settings) | {"port": 0, "lifespan": "off", "timeout_graceful_shutdown": 1}
    server = Server(uvicorn.Config(app, **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn sets a flag and tells nobody
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@dataclass
class Site:
    """The pages: `/` tells the session, `/say` takes a message, `/stream` does not end, `/role` tries a role."""

    settings: Settings
    storage: Storage
    clock: Time
    role_of: RoleOf
    limits: Limits
    said: list[str] = field(default_factory=list)
    reply_after: float = 0.05
    forwarded: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sessions = Sessions.of(self.settings, self.clock)
        self.refusals = Refusals(Texts.load(), Language.EN)
        loader = ChoiceLoader([DictLoader({"base.html": BASE}), PackageLoader("adapters.web")])
        self.templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self.templates.globals["static"] = str
        self.sign_in: signin.EmailSignIn | None = None

    def page(self, request: Request, template: str, /, status: int = 200, **values: object) -> Response:
        language = self.refusals.language(request)

        def words(key: str, **filled: object) -> str:
            return self.refusals.texts.plain(key, language, **filled)

        html = self.templates.get_template(template).render(
            values | {"t": words, "words": words, "csrf": request.state.session.csrf, "language": language.value}
        )
        return HTMLResponse(html, status)

    def app(self) -> ASGIApp:
        middleware = signin.guards(self.settings, self.sessions, self.limits, self.refusals, self.role_of)
        routes = [
            Route("/", self.home),
            Route("/say", self.say, methods=["POST"]),
            Route("/role", self.role, methods=["POST"]),
            Route("/stream", self.stream),
            Route("/static/page.css", self.style),
        ]
        if self.settings.smtp_url and self.settings.smtp_from:
            server = SmtpServer.parse(self.settings.smtp_url.get_secret_value())
            mailer = SmtpMailer(server, self.settings.smtp_from, 2.0)
            self.sign_in = signin.EmailSignIn(
                self.settings,
                self.sessions,
                self.storage.sign_in_codes,
                mailer,
                self.limits,
                self.refusals,
                self.role_of,
                self.page,
                reply_after=self.reply_after,
            )
            routes += self.sign_in.routes()
        return SecurityHeaders(Starlette(routes=routes, middleware=middleware), https=False)

    async def home(self, request: Request) -> Response:
        session: Session = request.state.session
        self.forwarded.append(request.headers.get(self.settings.proxy_header_email))
        return JSONResponse(
            {
                "id": session.id,
                "role": session.role,
                "email": session.email,
                "name": session.name,
                "csrf": session.csrf,
                "may_switch": may_switch_roles(request, self.settings),
            }
        )

    async def say(self, request: Request) -> Response:
        if (seconds := await self.limits.message(request.state.session)) is not None:
            return too_many(self.refusals, request, seconds)
        if "json" in request.headers.get("content-type", ""):
            text = (await request.json())["text"]
        else:
            async with request.form() as form:
                text = str(form["text"])
        self.said.append(text)
        return Response(status_code=204)

    async def role(self, request: Request) -> Response:
        if not may_switch_roles(request, self.settings):
            return Response(status_code=403)
        async with request.form() as form:
            wanted = form["role"]
        assert wanted in ("employee", "public", "technician")
        request.state.session = request.state.session.as_role(wanted)
        return Response(status_code=204)

    async def stream(self, request: Request) -> Response:
        async def events() -> AsyncIterator[dict[str, str]]:
            for number in range(3):
                yield {"data": str(number)}
                await asyncio.sleep(0.02)

        return EventSourceResponse(events())

    async def style(self, request: Request) -> Response:
        return Response("p{}", media_type="text/css", headers={"Cache-Control": "max-age=60"})


@dataclass
class Browser:
    """A client that keeps cookies and sends forms as a page of ours would."""

    http: httpx.AsyncClient

    async def session(self) -> dict[str, Any]:
        seen: dict[str, Any] = (await self.http.get("/")).json()
        return seen

    async def csrf(self) -> str:
        """The token on whichever page is shown."""
        page = await self.http.get("/", headers=HTML, follow_redirects=True)
        if page.headers["content-type"].startswith("application/json"):
            return str(page.json()["csrf"])
        found = re.search(r'id="csrf">([^<]+)<', page.text)
        assert found, page.text
        return found[1]

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, next: str = "/", **fields: str
    ) -> httpx.Response:
        data = {"csrf": await self.csrf(), "next": next} | fields
        return await self.http.post(path, data=data, headers=HTML | (headers or {}))


def many(number: int = 1000) -> RateLimitItem:
    return RateLimitItemPerMinute(number)
