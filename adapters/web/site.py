"""What every page works with, and how a page is made."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from adapters.web import show
from adapters.web.limits import Limits
from adapters.web.markup import inline, is_safe_address, prose
from adapters.web.places import Role, Visitor, demonstrated_name
from adapters.web.refusals import Refusals
from adapters.web.sessions import Session, Sessions, may_switch_roles
from bot.attachments.intake import Intake
from bot.attachments.kinds import SHOWN
from bot.attachments.nowhere import no_files
from bot.attachments.showing import file_path, size_text
from bot.categories import Categories
from bot.engine.services import Services
from bot.model.documents import OPTIONS, Fields
from bot.model.messages import Identity
from bot.model.tickets import Ticket
from bot.model.values import Language
from bot.ports.adapters import Clock, Inbox
from bot.ports.mail import Mailer
from bot.ports.storage import Storage, UnitOfWork
from bot.settings import Settings
from bot.tickets.promises import said_of, working_time

HERE = Path(__file__).parent
THEMES = ("light", "dark")
THEME_COOKIE = "guichet_theme"
ZONE_COOKIE = "guichet_zone"

Translate = Callable[..., str]  # (key, language, **values): a sentence of the catalogue
About = Callable[[UnitOfWork, Ticket, Language], Awaitable[Fields | None]]


@dataclass(frozen=True)
class Site:
    """`appoint` makes whoever plays a technician one. `category` names a category. `mailer` sends codes to sign in.
    `about`: what technicians are shown of who asked, beside the ticket.

    `categories`: the slugs of the tree, in its order.
    """

    settings: Settings
    sessions: Sessions
    limits: Limits
    refusals: Refusals
    storage: Storage
    inbox: Inbox
    say: Translate
    category: Callable[[str, Language], str]
    tree: Categories
    clock: Clock
    appoint: Callable[[Identity], Awaitable[None]]
    mailer: Mailer | None = None
    files: Intake = field(default_factory=no_files)
    about: About | None = None
    services: Services | None = None  # what the contact page works with; None: there is none
    categories: tuple[str, ...] = ()
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # open streams are to end

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def language_of(self, request: Request) -> Language:
        return self.refusals.language(request)

    def when(self, at: datetime, language: Language) -> str:
        """A moment as one says it now: today 14:30."""
        return said_of(at, self.clock(), self.zone, language, self.say)

    def may_switch(self, request: Request) -> bool:
        """Whether this visitor may try every role."""
        return may_switch_roles(request, self.settings)

    def visitor(self, request: Request) -> Visitor:
        session: Session = request.state.session
        role = Role(session.role)
        name = session.name or ("" if session.email else demonstrated_name(session.native_id, role))
        zone = known_zone(request.cookies.get(ZONE_COOKIE, ""))
        return Visitor(session.native_id, role, name, self.language_of(request), session.email, zone)

    def context(self, request: Request) -> dict[str, Any]:
        """What every template may use. `t(key, …)` is a sentence with its mark-up, `words` the same as plain text."""
        language = self.language_of(request)
        session: Session | None = getattr(request.state, "session", None)
        theme = request.cookies.get(THEME_COOKIE)

        def words(key: str, **values: object) -> str:
            return self.say(key, language, **values)

        def event(kind: str) -> str:
            """The name of a step in a ticket's life; of one that is newer than the pages, its own."""
            try:
                return words(f"web.event.{kind}")
            except KeyError:
                return kind.replace("_", " ")

        def t(key: str, **values: object) -> Markup:
            return inline(words(key, **values))

        return {
            "t": t,
            "words": words,
            "language": language.value,
            "zone": self.zone.key,
            "theme": theme if theme in THEMES else None,
            "csrf": session.csrf if session else "",
            "visitor": self.visitor(request) if session else None,
            "demo": session is not None and not session.email and self.may_switch(request),
            "may_leave": session is not None and session.email is not None and self.settings.sign_in == "email",
            "form_id": str(uuid4()),
            "path": request.url.path,
            "moment": lambda at: show.moment(at, language, self.zone, self.clock()),
            "age": lambda at: show.age(at, language, self.clock()),
            "day": lambda day: show.day(day, language),
            "when": lambda at: self.when(at, language),
            "late": lambda at: at < self.clock(),
            "span": lambda seconds: working_time(seconds, language),
            "size": lambda size: size_text(size, language),
            "accept": ",".join(f".{one}" for one in self.settings.file_types),
            "slugs": self.categories,
            "event": event,
            "category": lambda slug: self.category(slug, language),
            "home": "/",
            "press_path": "/press",
            "files_at": "",
        } | getattr(request.state, "shown_as", {})

    def fragment(self, request: Request, template: str, /, **values: object) -> str:
        """`view` is the context itself, for macros, which do not see it."""
        context = self.context(request)
        return templates().get_template(template).render(context | {"view": context} | values)

    def page(self, request: Request, template: str, /, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(self.fragment(request, template, **values), status)


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str | None:
    """The zone that a browser says it is in, if there is one of that name."""
    zone = unquote(name)
    return zone if zone in zones() else None


@cache
def templates() -> Environment:
    """Compiled once per process: nothing of a site is in them."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"inline": inline, "prose": prose}
    environment.tests |= {"safe_address": is_safe_address, "option": OPTIONS.__contains__}
    environment.tests["shown"] = SHOWN.__contains__
    environment.globals |= {"static": static_address, "file_path": file_path}
    return environment


@cache
def static_address(name: str) -> str:
    """With a digest of the content, so that browsers may keep the file for as long as it is the same."""
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?{digest}"


def script_texts(words: Callable[..., str], keys: tuple[str, ...]) -> str:
    """Sentences for a script, as the value of an attribute."""
    return json.dumps({key.rpartition(".")[2]: words(key) for key in keys}, ensure_ascii=False)
