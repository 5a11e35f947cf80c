"""Whether the public address leads to this desk, seen from outside as far as that can be told from here."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from bot.checks import Check
from bot.web_settings import is_loopback

SECONDS = 5.0
MARK = "X-Desk"  # a header of /healthz that tells one desk from another
PART = "page"


def mark_of(key: str) -> str:
    """What a desk with this key says that it is: of no other use."""
    return hmac.new(key.encode(), b"guichet.web.desk", hashlib.sha256).hexdigest()[:16]


async def examined(address: str, key: str, seconds: float = SECONDS) -> AsyncIterator[Check]:
    """What is found at GUICHET_PUBLIC_URL. `key`: what this desk signs with."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host):
        remedy = "set it to the address that people outside type; what deploy/nginx.conf.example serves is enough"
        yield Check(PART, "warning", f"{address} leads to this machine alone: nobody else can open its links", remedy)
    elif parts.scheme != "https":
        remedy = "serve it over https: what people write, and the cookies that let them in, go through in clear"
        yield Check(PART, "warning", f"{address} is not https", remedy)
    if not await _resolves(host, parts.port or (443 if parts.scheme == "https" else 80)):
        remedy = "correct GUICHET_PUBLIC_URL, or have the name point to your proxy"
        yield Check(PART, "broken", f"{host} is not known to the DNS", remedy)
        return
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield await _whose(session, address, mark_of(key))
    except (aiohttp.ClientError, TimeoutError) as error:
        what = f"{address}/healthz cannot be reached from here ({_cause(error)})"
        remedy = "start the desk (guichet run) and its proxy; some networks cannot reach their own outside address"
        yield Check(PART, "warning", what, remedy)


async def _whose(session: aiohttp.ClientSession, address: str, mark: str) -> Check:
    async with session.get(f"{address}/healthz", allow_redirects=False) as answer:
        status, said = answer.status, answer.headers.get(MARK)
    if said != mark:
        what = f"{address}/healthz answers {status}, but not as this desk"
        remedy = "have the proxy pass it on to this desk, with the path as it is; a desk needs the same "
        return Check(PART, "broken", what, f"{remedy}GUICHET_SECRET_KEY on every replica")
    headers = {"Accept": "text/html", "User-Agent": "guichet doctor"}
    async with session.get(f"{address}/contact", allow_redirects=False, headers=headers) as answer:
        if answer.status != 200:
            remedy = "let /contact, /c/, /d/ and /static/ through without a sign-in: deploy/nginx.conf.example does"
            return Check(PART, "broken", f"{address}/contact answers {answer.status}: the public is kept out", remedy)
    return Check(PART, "ok", f"{address} leads to this desk, and the public may open the contact page")


async def _resolves(host: str, port: int) -> bool:
    try:
        return bool(await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        return False


def _cause(error: Exception) -> str:
    cause = getattr(error, "os_error", None)
    return str(getattr(cause, "strerror", None) or str(error) or type(error).__name__)
