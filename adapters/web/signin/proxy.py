"""Signing in at a reverse proxy, which says in a header who it let through."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from adapters.web.addresses import is_trusted, peer
from bot.settings import Settings
from bot.web_settings import Network, email_address

LONGEST_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class ProxyIdentity:
    email: str
    name: str


def take_identity(scope: Scope, settings: Settings, proxies: Sequence[Network]) -> ProxyIdentity | None:
    """Who the proxy says it is; None if the peer is no trusted proxy, or says nothing, or two things.

    The headers are taken out of the request, whoever sent them: nothing behind this can believe them by mistake.
    """
    headers = Headers(scope=scope)
    emails, names = headers.getlist(settings.proxy_header_email), headers.getlist(settings.proxy_header_name)
    taken = {settings.proxy_header_email.lower().encode(), settings.proxy_header_name.lower().encode()}
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in taken]
    if settings.sign_in != "proxy" or not is_trusted(peer(scope), proxies) or len(emails) != 1:
        return None
    email = email_address(emails[0])
    if email is None or not may_sign_in(email, settings, otherwise=True):
        return None
    name = names[0].encode("latin-1").decode("utf-8", "replace") if len(names) == 1 else ""
    return ProxyIdentity(email, "".join(filter(str.isprintable, name))[:LONGEST_NAME].strip())


def may_sign_in(email: str, settings: Settings, *, otherwise: bool = False) -> bool:
    """Whether an address in its one form is on the list; `otherwise`, if there is no list."""
    if not settings.sign_in_emails:
        return otherwise
    return email in settings.sign_in_emails or f"@{email.rpartition('@')[2]}" in settings.sign_in_emails
