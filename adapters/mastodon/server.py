"""The desk's own server: who the desk is there, and what the server allows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from adapters.mastodon.api import WHO, Api
from bot.errors import OutcomeUnknown, PlatformUnavailable


@dataclass(frozen=True, slots=True)
class Me:
    """The desk's own account. Compare `id`; `acct` differs with who writes it."""

    id: str
    username: str
    domain: str  # that its handle ends in
    is_bot: bool = False

    @property
    def handle(self) -> str:
        return f"{self.username}@{self.domain}"


class Server:
    """One account on one server."""

    def __init__(self, api: Api, ticks: Callable[[], float]) -> None:
        self.api = api
        self.account = urlsplit(api.url).hostname or ""  # in conversations: the host of the address that is a setting
        self.me: Me | None = None
        self._signing_in = asyncio.Lock()
        self._ticks = ticks

    async def sign_in(self) -> Me:
        """Who the token belongs to; asked once. Raises PlatformUnavailable, RateLimited."""
        async with self._signing_in:
            if self.me is None:
                self.me = me_of(await self.api.read(WHO), self.account)
            return self.me

    def full(self, acct: str) -> str:
        """A handle with its host: those of this server are told without."""
        domain = self.me.domain if self.me else self.account
        return acct if "@" in acct else f"{acct}@{domain}"


def me_of(account: Any, host: str) -> Me:
    """Raises PlatformUnavailable for what is no account."""
    if not isinstance(account, dict) or not account.get("id"):
        raise PlatformUnavailable(f"{WHO}: an answer that cannot be read")
    acct = str(account.get("acct") or account.get("username") or "")
    username, _, domain = acct.partition("@")
    return Me(str(account["id"]), username, domain or host, bool(account.get("bot")))


def id_of(answer: Any, method: str) -> str:
    """Of what was made. Raises OutcomeUnknown for an answer without one."""
    found = answer.get("id") if isinstance(answer, dict) else None
    if not found:
        raise OutcomeUnknown(f"{method}: an answer without an id")
    return str(found)
