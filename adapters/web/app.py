"""The web application: routes, and what stands before them."""

import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from adapters.web.chat import Chat
from adapters.web.contact.page import ContactPage
from adapters.web.desk import Desk
from adapters.web.digest import Digests
from adapters.web.files import Downloads
from adapters.web.health import Health
from adapters.web.security import SecurityHeaders
from adapters.web.signin import guards
from adapters.web.signin.arrival import RoleOf, role_lookup
from adapters.web.signin.email import EmailSignIn
from adapters.web.site import Site
from adapters.web.stats import Stats
from bot.errors import StorageUnavailable
from bot.model.ids import new_id

STATIC = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
KEYS = {400: "invalid", 403: "role", 404: "not_found", 405: "method"}

log = logging.getLogger(__name__)


class Kept(StaticFiles):
    """Files that browsers keep: for good where the address holds a digest of the content, else they ask each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        )
        return response


def create_app(site: Site, health: Health | None = None) -> ASGIApp:
    settings, refusals = site.settings, site.refusals
    role_of = role_lookup(site.storage.unit_of_work)

    contact = ContactPage(site, site.services) if site.services else None

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        return refusals.response(request, error.status_code, KEYS.get(error.status_code, "invalid"), headers)

    async def unavailable(request: Request, error: Exception) -> Response:
        log.warning("a page could not be made: %s", error)
        return refusals.response(request, 503, "not_stored", {"Retry-After": "5"})

    async def failed(request: Request, error: Exception) -> Response:
        reference = f"E-{new_id().hex[-8:].upper()}"
        log.error("%s failed, reference %s", request.url.path, reference, exc_info=error)
        return refusals.response(request, 500, "failed", reference=reference)

    application = Starlette(
        routes=[
            *Chat(site).routes,
            *Desk(site).routes,
            *Downloads(site).routes,
            *Stats(site).routes,
            *Digests(site).routes,
            *(contact.routes if contact else ()),
            *(sign_in(site, role_of) if settings.sign_in == "email" else ()),
            *(health.routes() if health else ()),
            Mount("/static", Kept(directory=STATIC)),
        ],
        middleware=guards(settings, site.sessions, site.limits, refusals, role_of),
        exception_handlers={
            HTTPException: refused,
            StorageUnavailable: unavailable,
            Exception: failed,
            **(contact.exception_handlers if contact else {}),
        },
    )
    # Around everything, so that the page of a failure has the headers, too.
    return SecurityHeaders(application, https=(settings.public_url or "").startswith("https:"))


def sign_in(site: Site, role_of: RoleOf) -> list[Route]:
    assert site.mailer, "settings without a mail server for its codes are refused"
    codes = site.storage.sign_in_codes
    pages = EmailSignIn(
        site.settings, site.sessions, codes, site.mailer, site.limits, site.refusals, role_of=role_of, page=site.page
    )
    return pages.routes()
