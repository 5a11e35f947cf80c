"""What stands between the network and the pages: plain ASGI, so that streams pass through as they are."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.contact.paths import is_contact
from adapters.web.limits import PROBES, STATIC
from adapters.web.multipart import Multipart
from adapters.web.refusals import Refusals
from adapters.web.sessions import Session
from adapters.web.uploads import is_upload
from bot.settings import Settings
from bot.web_settings import is_loopback

LARGEST_BODY = 64 * 1024  # bytes
READ_AWAY = 256  # times the largest body: what is read of one that is too long, before its sender is cut off
BODY_SECONDS = 15.0  # for a whole body to arrive
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
MOST_FIELDS = 100  # of a form
MOST_CONNECTIONS = 1000  # at once; a stream holds one
YEAR = 365 * 24 * 3600

FILES = "/files/"
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"  # of what people sent: were it opened, it could nothing

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def server_options(settings: Settings) -> dict[str, Any]:
    """For uvicorn.Config. Its own reading of forwarded headers stays off: ours asks who the peer is."""
    return {
        "host": settings.web_host,
        "port": settings.web_port,
        "proxy_headers": False,
        "server_header": False,
        "ws": "none",
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": 15,
        "access_log": False,
        "log_config": None,
    }


class SecurityHeaders:
    """Adds what browsers are to refuse. Only static files may be kept by a browser."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": f"max-age={YEAR}"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                of_contact = is_contact(scope["path"])
                if scope["path"].startswith(FILES) or (of_contact and FILES in scope["path"]):
                    headers["Content-Security-Policy"] = SANDBOX
                if of_contact:
                    headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
                if not scope["path"].startswith(STATIC):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


class KnownHosts:
    """Refuses requests meant for another host: a foreign name that was made to resolve to this machine."""

    def __init__(self, app: ASGIApp, settings: Settings, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals
        self._hosts = {"localhost", "127.0.0.1", "::1", settings.web_host} if is_loopback(settings.web_host) else set()
        if public := settings.public_url and urlsplit(settings.public_url).hostname:
            self._hosts.add(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES and not self._is_known(Headers(scope=scope)):
            await self._refusals.response(HTTPConnection(scope), 400, "host")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, headers: Headers) -> bool:
        named = headers.getlist("host")
        return len(named) == 1 and host_of(named[0]) in self._hosts


def host_of(netloc: str) -> str | None:
    """The host in `host:port`, in lower case; None where there is more than that, or nothing."""
    try:
        parts = urlsplit(f"//{netloc}")
        parts.port  # noqa: B018  # raises for a port that is none
    except ValueError:
        return None
    return parts.hostname if parts.netloc == netloc and "@" not in netloc else None


class BoundedBody:
    """Reads the whole body before anything else sees the request: at most so long, and in so much time."""

    def __init__(self, app: ASGIApp, refusals: Refusals, largest: int, seconds: float) -> None:
        self._app = app
        self._refusals = refusals
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_upload(scope, headers.get("content-type", "")):  # read as it comes, within bounds of its own
            await self._app(scope, receive, send)
            return
        length = headers.get("content-length", "")
        if not length and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body, length_read = await self._read(receive)
        except TimeoutError:
            await self._refuse(scope, receive, send, 408, "too_slow")
            return
        if length_read > self._largest:
            await self._refuse(scope, receive, send, 413, "too_large")
        elif body is not None:
            await self._app(scope, replayed(body, receive), send)

    async def _read(self, receive: Receive) -> tuple[bytes | None, int]:
        """The body, none of it if it is too long or the client left; and how much was read.

        Of what is too long a good deal is read and thrown away: a server that closes while somebody still sends is one
        whose answer they never see.
        """
        pieces: list[bytes] = []
        length = 0
        while length <= self._largest * READ_AWAY:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None, 0
            piece = message.get("body", b"")
            length += len(piece)
            if length <= self._largest:
                pieces.append(piece)
            else:
                pieces.clear()
            if not message.get("more_body"):
                break
        return b"".join(pieces), length

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, key: str) -> None:
        # What is left of the body would be taken for the next request.
        response = self._refusals.response(HTTPConnection(scope), status, key, {"Connection": "close"})
        await response(scope, receive, send)


def replayed(body: bytes, receive: Receive, *, more: bool = False) -> Receive:
    """Hand what was read already of a body to whoever asks next; after it comes what the connection says."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": more}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


async def first_field(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """The token of a form with files, which is the first thing in it, read without the rest; and the whole form again.

    Empty where it is not the first, or is not there.
    """
    heard, over = bytearray(), False

    async def beginning() -> AsyncIterator[bytes]:
        nonlocal over
        while not over and len(heard) < LARGEST_BODY:
            message = await receive()
            over = not message.get("more_body", False)
            heard.extend(message.get("body", b""))
            yield message.get("body", b"")

    token = ""
    try:
        form = Multipart(Headers(scope=scope).get("content-type", ""), beginning())
        async with aclosing(aiter(form)) as parts:
            async for part in parts:
                token = await part.text(1000) if part.name == CSRF_FIELD and part.filename is None else ""
                break
    except HTTPException:
        token = ""
    return token, replayed(bytes(heard), receive, more=not over)


class ForgeryCheck:
    """Whoever changes something shows the session's token, from a page of ours. Runs inside the sessions, on a body
    that was read."""

    def __init__(self, app: ASGIApp, settings: Settings, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals
        self._public = settings.public_url
        self._loopback = is_loopback(settings.web_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if is_upload(scope, request.headers.get("content-type", "")):
            field, again = await first_field(scope, receive)
        else:
            body = await Request(scope, receive).body()
            field, again = await self._field(scope, body), replayed(body, receive)
        if not self._is_ours(request):
            await self._refusals.response(request, 403, "origin")(scope, receive, send)
            return
        session: Session | None = scope["state"].get("session")
        shown = request.headers.get(CSRF_HEADER) or field
        if session is None or not secrets.compare_digest(shown.encode(errors="replace"), session.csrf.encode()):
            reason = "csrf" if "cookie" in request.headers else "cookies"
            await self._refusals.response(request, 403, reason)(scope, receive, send)
            return
        await self._app(scope, again, send)

    def _is_ours(self, request: HTTPConnection) -> bool:
        """What the browser says of the page that sent the request; where it says nothing, the token decides."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = request.headers.get("origin")
        if origin is None or (self._public and origin == self._public):
            return True
        return self._loopback and origin == f"http://{request.headers.get('host', '')}"

    async def _field(self, scope: Scope, body: bytes) -> str:
        if "form" not in Headers(scope=scope).get("content-type", ""):
            return ""
        request = Request(scope, replayed(body, _gone))
        try:
            async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
                value = form.get(CSRF_FIELD, "")
        except (MultiPartException, HTTPException):  # the latter inside an application
            return ""
        return value if isinstance(value, str) else ""


async def _gone() -> Message:
    return {"type": "http.disconnect"}
