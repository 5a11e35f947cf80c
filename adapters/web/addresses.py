"""Where a request comes from, as far as it can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from bot.web_settings import Network

UNKNOWN = "unknown"  # a peer without an address, such as a Unix socket's
SUBSCRIBER = 64  # bits of an IPv6 address that a provider gives to one subscriber, who has all that are below

Address = IPv4Address | IPv6Address


def peer(scope: Scope) -> Address | None:
    """The other end of the connection itself."""
    client = scope.get("client")
    return _address(client[0]) if client else None


def is_trusted(address: Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)


def client_address(scope: Scope, proxies: Sequence[Network]) -> Address | None:
    """The peer; behind trusted proxies the last in X-Forwarded-For that is none of them: what is left of it, anybody
    can have written."""
    address = peer(scope)
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    while hops and is_trusted(address, proxies):
        if (before := _address(_without_port(hops.pop().strip()))) is None:
            break
        address = before
    return address


def limited_as(address: Address | None) -> str:
    """The name under which an address is counted: of IPv6 its subscriber's network."""
    if address is None:
        return UNKNOWN
    return str(ip_network((address, SUBSCRIBER), strict=False) if address.version == 6 else address)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
