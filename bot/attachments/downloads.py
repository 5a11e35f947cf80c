"""Reading a file from a platform's own hosts, and from nowhere else.

An address in a message is somebody's wish: without these checks it could make the desk read what only the desk can
reach. The host is looked up once, its addresses are checked, and the connection goes to the address that was checked.
"""

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Collection, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import FileRefused, PlatformUnavailable, RateLimited

MOST_REDIRECTS = 3
CHUNK = 64 * 1024
GONE = (401, 403, 404, 410)
REDIRECTS = (301, 302, 303, 307, 308)
WRITTEN_AS_IT_IS = "%/:=&?#+!$,;'@()*[]~"  # of an address; servers that name files as people do leave blanks in it


async def download(
    url: str,
    hosts: Collection[str],
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float = 30.0,
    inside: bool = False,
) -> AsyncIterator[bytes]:
    """The bytes at an address. `hosts`: names, or `.example.org` for all below it. `seconds`: for each answer and each
    portion. `inside`: the platform is on this network, and may be reached without encryption.

    Raises FileRefused (`refused`: not one of these hosts, or an address inside this network; `gone`), RateLimited, or
    PlatformUnavailable, which is worth another attempt.
    """
    try:
        connection, response = await asyncio.to_thread(_follow, url, hosts, headers or {}, seconds, inside)
        try:
            while chunk := await asyncio.to_thread(response.read1, CHUNK):
                yield chunk
            if response.length:  # bytes that were announced and never came
                raise PlatformUnavailable("the file broke off")
        finally:
            response.close()  # which may have outlived its connection
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        raise PlatformUnavailable(f"the file cannot be read: {error}") from error


def _follow(
    url: str, hosts: Collection[str], headers: Mapping[str, str], seconds: float, inside: bool
) -> tuple[HTTPConnection, HTTPResponse]:
    first = checked(url, hosts, inside=inside).hostname
    for _ in range(MOST_REDIRECTS + 1):
        parts = checked(url, hosts, inside=inside)
        own = dict(headers) if parts.hostname == first else {}  # a token is for whom it was meant
        connection = _connection(parts, seconds, inside)
        try:
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("GET", quote(path, safe=WRITTEN_AS_IT_IS), headers=own)
            response = connection.getresponse()
            if response.status == 200:
                return connection, response
            location = response.getheader("Location") if response.status in REDIRECTS else None
            response.close()
            if location is None:
                raise _refusal(response)
        except BaseException:
            connection.close()
            raise
        connection.close()
        url = urljoin(url, location)
    raise FileRefused("refused")


def checked(url: str, hosts: Collection[str], *, inside: bool = False) -> SplitResult:
    """The parts of an address on one of these hosts. Raises FileRefused for any other."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise FileRefused("refused") from error
    schemes = ("https", "http") if inside else ("https",)
    if parts.scheme not in schemes or parts.username or parts.password or (port not in (None, 443) and not inside):
        raise FileRefused("refused")
    if not any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts):
        raise FileRefused("refused")
    return parts


def is_outside(address: str) -> bool:
    """Whether an address is one of the open internet."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def _connection(parts: SplitResult, seconds: float, inside: bool) -> HTTPConnection:
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    if secure and not inside and (proxy := _proxy_before(host)):
        return _tunnel(proxy, host, port, seconds)
    addresses = [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not inside and not all(is_outside(str(address)) for address in addresses):
        raise FileRefused("refused")
    line = socket.create_connection((str(addresses[0]), port), seconds)
    if not secure:
        plain = HTTPConnection(host, port, timeout=seconds)
        plain.sock = line
        return plain
    context = ssl.create_default_context()
    connection = HTTPSConnection(host, port, timeout=seconds, context=context)
    try:
        connection.sock = context.wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise
    return connection


def _proxy_before(host: str) -> SplitResult | None:
    """The way out of this network, where there is only one: HTTPS_PROXY, unless NO_PROXY names the host."""
    proxy = getproxies().get("https")
    if not proxy or proxy_bypass(host):
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _tunnel(proxy: SplitResult, host: str, port: int, seconds: float) -> HTTPConnection:
    """The host is one of the platform's own; its address is for the proxy to know."""
    connection = HTTPSConnection(
        proxy.hostname or "", proxy.port or 3128, timeout=seconds, context=ssl.create_default_context()
    )
    headers = {}
    if proxy.username:
        who = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(who.encode()).decode()}"
    connection.set_tunnel(host, port, headers)
    return connection


def _refusal(response: HTTPResponse) -> Exception:
    if response.status in GONE:
        return FileRefused("gone")
    if response.status == 429:
        after = response.getheader("Retry-After", "")
        return RateLimited(float(after) if after.isdecimal() else 30.0)
    return PlatformUnavailable(f"the file's host answered {response.status}")
