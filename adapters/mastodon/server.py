"""The desk's own server: who the desk is there, and what the server allows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from adapters.mastodon.api import WHO, Api
from adapters.mastodon.limits import Limits
from bot.errors import OutcomeUnknown, PlatformUnavailable
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Me:
    """The desk's own account. Compare `id`; `acct` differs with who writes it."""

    id: str
    username: str
    domain: str  # that its handle ends in
    is_bot: bool = False
    pages: frozenset[str] = frozenset()  # addresses that a mention of it leads to

    @property
    def handle(self) -> str:
        return f"{self.username}@{self.domain}"


class Server:
    """One account on one server."""

    def __init__(self, api: Api, settings: Settings, ticks: Callable[[], float]) -> None:
        self.api = api
        self.limits = Limits(api, settings, ticks)
        self.account = urlsplit(api.url).hostname or ""  # in conversations: the host of the address that is a setting
        self.me: Me | None = None
        self._signing_in = asyncio.Lock()

    async def sign_in(self) -> Me:
        """Who the token belongs to; asked once. Raises PlatformUnavailable, RateLimited."""
        async with self._signing_in:
            if self.me is None:
                found = await self.api.read(WHO)
                self.me = me_of(found, (await self.limits.now()).domain or self.account)
            return self.me

    def full(self, acct: str) -> str:
        """A handle with its host: those of this server are told without."""
        domain = self.me.domain if self.me else self.account
        return acct if "@" in acct else f"{acct}@{domain}"


def me_of(account: Any, host: str) -> Me:
    """`host`: that the handles of its server end in. Raises PlatformUnavailable for what is no account."""
    if not isinstance(account, dict) or not account.get("id"):
        raise PlatformUnavailable(f"{WHO}: an answer that cannot be read")
    acct = str(account.get("acct") or account.get("username") or "")
    username, _, domain = acct.partition("@")
    pages = frozenset(str(page) for page in (account.get("url"), account.get("uri")) if page)
    return Me(str(account["id"]), username, domain or host, bool(account.get("bot")), pages)


def id_of(answer: Any, method: str) -> str:
    """Of what was made. Raises OutcomeUnknown for an answer without one."""
    found = answer.get("id") if isinstance(answer, dict) else None
    if not found:
        raise OutcomeUnknown(f"{method}: an answer without an id")
    return str(found)
