"""Every request has a session; where people sign in, nothing but the sign-in is shown to who has not."""

from dataclasses import replace
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.contact.paths import is_contact
from adapters.web.limits import PROBES, STATIC
from adapters.web.refusals import Refusals
from adapters.web.sessions import Role, Session, Sessions, may_switch_roles
from adapters.web.signin.arrival import RoleOf
from adapters.web.signin.proxy import may_sign_in, take_identity
from bot.errors import StorageUnavailable
from bot.settings import Settings
from bot.web_settings import networks

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
OPEN_PATHS = (
    SIGN_IN,
    "/language",
    "/theme",
)  # and what can be chosen there and on the contact page


class Gate:
    """ASGI. Puts the Session into `request.state.session` and keeps its cookie; lets in who may come in.

    What a cookie claims is never more than the settings still allow: an address that was taken off the list, or a role
    tried on a page that has got a sign-in since, is worth nothing.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, sessions: Sessions, role_of: RoleOf, refusals: Refusals
    ) -> None:
        self._app = app
        self._settings = settings
        self._sessions = sessions
        self._role_of = role_of
        self._refusals = refusals
        self._proxies = networks(settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(STATIC) or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        before = self._sessions.read(request)
        try:
            session = await self._present(scope, request, before)
        except StorageUnavailable:
            await self._refusals.response(request, 503, "unavailable", {"Retry-After": "5"})(scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = session
        send = self._keeping(scope, before, send)
        if self._settings.sign_in and not session.email and not self._is_open(scope["path"]):
            await self._turned_away(request)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _present(self, scope: Scope, request: HTTPConnection, found: Session | None) -> Session:
        """The session as it is to be from now on: the one that was found, or another."""
        settings, now = self._settings, self._sessions.now
        said = take_identity(scope, settings, self._proxies)
        if said and (found is None or found.email != said.email):
            return Session.start(await self._role_of(said.email), now, email=said.email, name=said.name)
        if found and found.email:
            if not (said or (settings.sign_in == "email" and may_sign_in(found.email, settings))):
                return Session.start("public", now)
            if not self._sessions.is_stale(found):
                return found
            return replace(self._sessions.used(found), role=await self._role_of(found.email))
        free = may_switch_roles(request, settings)
        if found is None:
            first: Role = "employee" if free else "public"
            return Session.start(first, now)
        if found.is_internal and not free:
            return Session.start("public", now)
        return self._sessions.used(found) if self._sessions.is_stale(found) else found

    def _is_open(self, path: str) -> bool:
        if self._settings.sign_in != "email" and path == SIGN_IN:
            return False
        return path in OPEN_PATHS or is_contact(path)

    def _turned_away(self, request: HTTPConnection) -> Response:
        if self._settings.sign_in == "proxy":
            return self._refusals.response(request, 401, "proxy")
        scope, accepts = request.scope, request.headers.get("accept", "")
        if scope["method"] not in ("GET", "HEAD") or "text/html" not in accepts:
            return self._refusals.response(request, 401, "sign_in", {"X-Sign-In": SIGN_IN})
        path = scope["path"]
        return RedirectResponse(SIGN_IN if path == "/" else f"{SIGN_IN}?next={quote(path)}", 303)

    def _keeping(self, scope: Scope, before: Session | None, send: Send) -> Send:
        """Send the session's cookie with the response if it is another by then: here, or by a page that put another
        one into `request.state.session`; unless the page sent it itself."""

        async def with_cookie(message: Message) -> None:
            session: Session = scope["state"]["session"]
            if message["type"] == "http.response.start" and session != before:
                headers = MutableHeaders(scope=message)
                ours = f"{self._sessions.cookie}="
                if not any(value.startswith(ours) for value in headers.getlist("set-cookie")):
                    carrier = Response()
                    self._sessions.write(carrier, session)
                    headers.append("set-cookie", carrier.headers["set-cookie"])
            await send(message)

        return with_cookie


def local_path(value: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    usable = value.startswith("/") and not value.startswith(("//", "/\\")) and value.isprintable()
    return value if usable and "\\" not in value and len(value) <= 500 else "/"
