"""Calls to Slack's Web API, with what came of them in our words."""

import asyncio
import logging
import random
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.errors import kind_of, name_of, translated
from bot.errors import DeliveryError, OutcomeUnknown, PlatformUnavailable, RateLimited
from bot.troubles import Troubles

TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
PATIENCE = 8.0  # seconds in which a call that only reads is tried again
PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds before the second try; the next ones wait twice as long each time
APART = 0.2  # seconds by which those who were refused together come back at the most: in step, they would be again
WITHOUT_TOKEN = frozenset({"oauth.v2.access"})  # the library signs it in a way that aiohttp is about to drop
NO_TROUBLE = ("channel", "chat.postEphemeral")  # people may ask where the bot is not, and are answered elsewhere
LOOPBACK = ("localhost", "127.0.0.1", "::1")  # as this machine is called


# Below these levels the libraries write down what people said, whom Slack tells of, and what a request was signed with.
QUIET = {"slack_bolt": logging.WARNING, "slack_sdk": logging.INFO}


def keep_quiet() -> None:
    """Whatever the level of our own log."""
    for name, level in QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))


class Api:
    """One workspace's Web API. The client has no retry handlers: a post whose answer was lost would be made twice."""

    def __init__(
        self, token: str, url: str, troubles: Troubles, *, account: str = "", is_installed: bool = False
    ) -> None:
        """`is_installed`: the token came of an installation, not out of the settings."""
        keep_quiet()
        self.client = AsyncWebClient(token=token, base_url=url, timeout=int(TIMEOUT.total or 10), retry_handlers=[])
        if is_direct(self.client.base_url):
            self.client.proxy = None  # the library applies HTTPS_PROXY to every address there is
        self.account = account
        self.is_installed = is_installed
        self.troubles = troubles
        self.granted: frozenset[str] | None = None  # scopes, where Slack says them

    async def write(self, method: str, **params: Any) -> dict[str, Any]:
        """Call once. Raises RateLimited, PlatformUnavailable, DeliveryRefused, or OutcomeUnknown if it may have been
        done."""
        try:
            return await self._call(method, params)
        except DeliveryError:
            raise
        except Exception as error:
            raise self._understood(error, method, params) from error

    async def read(self, method: str, *, patience: float = PATIENCE, **params: Any) -> dict[str, Any]:
        """Call what may be called any number of times, until it answers or `patience` (seconds) is over.

        Raises PlatformUnavailable, or DeliveryRefused for what Slack will not tell.
        """
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + patience, PAUSE
        while True:
            try:
                return await self.write(method, **params)
            except (RateLimited, OutcomeUnknown, PlatformUnavailable) as error:
                wait = error.retry_after if isinstance(error, RateLimited) else pause
                if forbidden_by(error) or loop.time() + wait > until:
                    said = str(error)
                    named = said if said.startswith(f"{method}:") else f"{method}: {said}"
                    raise PlatformUnavailable(named) from error
                await asyncio.sleep(wait + random.uniform(0, APART))  # noqa: S311  # it keeps no secret
                if not isinstance(error, RateLimited):
                    pause = min(LONGEST_PAUSE, pause * 2)

    async def _call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.client.session is None or self.client.session.closed:
            self.client.session = aiohttp.ClientSession(timeout=TIMEOUT)  # made in the loop that uses it
        # The library knows which methods take JSON and which only forms.
        named = getattr(self.client, method.replace(".", "_"))
        try:
            call = self.client.api_call(method, data=params) if method in WITHOUT_TOKEN else named(**params)
            data, headers = (response := await call).data, response.headers
        except AttributeError as error:  # the library takes every answer that is plain text for an object
            raise OutcomeUnknown(f"{method}: an answer that cannot be read") from error
        if not isinstance(data, dict):
            raise OutcomeUnknown(f"{method}: an answer that cannot be read")
        self.troubles.ends(self._named("token"), self.account)
        if scopes := headers.get("x-oauth-scopes"):
            self.granted = frozenset(scopes.replace(" ", "").split(","))
        return data

    def _understood(self, error: Exception, method: str, params: dict[str, Any]) -> DeliveryError:
        if (
            isinstance(error, SlackApiError)
            and (kind := kind_of(name := name_of(error)))
            and (kind, method) != NO_TROUBLE
        ):
            where = str(params.get("channel", "")) if kind == "channel" else self.account
            self.troubles.begins(self._named(kind), where, name if kind != "scope" else _needed(error) or name)
        return translated(error, method)

    def thrown_out(self, error: str) -> None:
        """The token is good no more, as an event says."""
        self.troubles.begins(self._named("token"), self.account, error)

    def _named(self, kind: str) -> str:
        """What is wrong with an installed token, others than the desk's operator put right."""
        return f"installed_{kind}" if self.is_installed and kind in ("token", "scope") else kind

    async def close(self) -> None:
        if self.client.session is not None:
            await self.client.session.close()


def _needed(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("needed", "")) if isinstance(data, dict) else ""


def forbidden_by(error: BaseException) -> str | None:
    """`token` or `scope`: what somebody has to see to before Slack will do it; None where it may do it by itself."""
    kind = _kind_behind(error)
    return kind if kind in ("token", "scope") else None


def is_of_channel(error: BaseException) -> bool:
    """Whether Slack refused since the bot cannot write in the channel as it is now."""
    return _kind_behind(error) == "channel"


def _kind_behind(error: BaseException) -> str | None:
    while error.__cause__ is not None:
        error = error.__cause__
    return kind_of(name_of(error)) if isinstance(error, SlackApiError) else None


def hostname_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by what it is called."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_direct(url: str) -> bool:
    """Whether no proxy stands before an address: it is of this machine, or NO_PROXY names it."""
    host = hostname_of(url)
    return is_loopback(host) or bool(proxy_bypass(host))
