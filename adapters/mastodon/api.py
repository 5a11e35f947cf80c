"""Calls to the server, in threads, with what came of them in our words."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from mastodon import Mastodon, MastodonAPIError, MastodonError, MastodonNetworkError

from adapters.mastodon.errors import FORBIDDEN, GONE, Answer, is_of_scope, moment, status_of, translated, words_of
from adapters.mastodon.pacing import Pacing
from bot import __version__
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited
from bot.settings import Settings
from bot.troubles import Troubles

NEWEST = "4.5.0"  # what a server is taken for: the library refuses nothing then, and what is not there is a 404
BEFORE_V2_MEDIA = "3.1.3"
THREADS = 8
PATIENCE = 8.0  # seconds in which a call that only reads is tried again
PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds before the second try; the next ones wait twice as long each time
APART = 0.2  # seconds by which those who were refused together come back at the most
WHO = "account_verify_credentials"
DONE_WITHOUT = frozenset({"blocks", "mutes"})  # the token need not allow them
BECOME_QUESTIONS = frozenset({301, 302, 303})  # redirections, of anything that is no question


class Api:
    """The account of GUICHET_MASTODON_TOKEN on its server. Methods are named as in Mastodon.py."""

    def __init__(
        self, settings: Settings, troubles: Troubles, ticks: Callable[[], float] = time.monotonic, *, token: str = ""
    ) -> None:
        """`ticks`: seconds, by which calls are paced. `token`: another than that of the settings."""
        self.url = settings.mastodon_url or ""
        self.troubles = troubles
        self._token = token or (settings.mastodon_token.get_secret_value() if settings.mastodon_token else "")
        self._timeout = settings.mastodon_timeout
        self._version = settings.mastodon_version or NEWEST
        self._ticks = ticks
        self._pacing = Pacing(ticks)
        self._told: tuple[float, datetime] | None = None  # when an answer last said what time it is, and what it said
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mastodon")
        self.is_closed = False
        self._here = threading.local()  # the answer to the call of each thread
        self.session = requests.Session()
        self.session.trust_env = not is_loopback(self.url)  # proxies are for elsewhere
        self.session.hooks["response"].append(self._heard)
        self.client = self.made()

    def made(self, version: str = "") -> Mastodon:
        """A client of the library, which takes the server for one of that version."""
        return Mastodon(
            access_token=self._token or None,
            api_base_url=self.url,
            session=self.session,
            mastodon_version=_three_parts(version or self._version),
            version_check_mode="created",
            ratelimit_method="throw",
            request_timeout=self._timeout,
            user_agent=f"guichet/{__version__}",
        )

    async def call(self, method: str, *args: Any, **params: Any) -> Any:
        """Call once. Raises RateLimited, PlatformUnavailable, DeliveryRefused, or OutcomeUnknown if it may have been
        done."""
        return await self._once(method, self._named(method), args, params, reads=False)

    async def read(self, method: str, *args: Any, patience: float = PATIENCE, **params: Any) -> Any:
        """Call what may be called any number of times, until it answers or `patience` (seconds) is over.

        Raises RateLimited, PlatformUnavailable, or DeliveryRefused for what the server will not tell.
        """
        loop = asyncio.get_running_loop()
        until, wait_next = loop.time() + patience, PAUSE
        while True:
            try:
                return await self._once(method, self._named(method), args, params, reads=True)
            except (RateLimited, OutcomeUnknown, PlatformUnavailable) as error:
                wait = error.retry_after if isinstance(error, RateLimited) else wait_next
                if status_of(error) in FORBIDDEN or loop.time() + wait > until:
                    if isinstance(error, RateLimited):
                        raise
                    raise PlatformUnavailable(str(error)) from error
                await asyncio.sleep(wait + random.uniform(0, APART))  # noqa: S311  # it keeps no secret
                wait_next = min(LONGEST_PAUSE, wait_next * 2)

    async def get(self, path: str, **params: Any) -> Any:
        """What the library has no method for, or asks for in another way: the JSON under a path. Raises as `call`."""

        def ask() -> Any:
            headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
            headers["User-Agent"] = f"guichet/{__version__}"
            try:
                answer = self.session.get(self.url + path, params=params, headers=headers, timeout=self._timeout)
            except requests.RequestException as error:
                raise MastodonNetworkError(path) from error
            if not answer.ok:
                raise MastodonAPIError("refused", answer.status_code, answer.reason, "")
            try:
                return answer.json()
            except (ValueError, json.JSONDecodeError) as error:
                raise MastodonAPIError("no JSON", str(error)) from None

        return await self._once(path, ask, (), {}, reads=True)

    def time_at(self, ticks: float) -> datetime | None:
        """What time it was by the server's clock then; None where it has not told."""
        return self._told[1] + timedelta(seconds=ticks - self._told[0]) if self._told else None

    async def in_thread(self, name: str, work: Callable[[], Any]) -> Any:
        """Whatever else is asked of a client of the library. Raises as `call`."""
        return await self._once(name, work, (), {}, reads=False)

    async def close(self) -> None:
        """What is under way is not waited for; what is called afterwards is not done."""
        self.is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.session.close()

    # --- one call --------------------------------------------------------------------------------------------------

    def _named(self, method: str) -> Callable[..., Any]:
        return getattr(self.client, method)  # type: ignore[no-any-return]

    async def _once(
        self, method: str, function: Callable[..., Any], args: tuple[Any, ...], params: dict[str, Any], *, reads: bool
    ) -> Any:
        if self.is_closed:
            raise PlatformUnavailable(f"{method}: this process has left the server")
        if wait := self._pacing.take(method, reads=reads):
            raise RateLimited(wait)

        def work() -> tuple[Any, MastodonError | None, Answer | None]:
            self._here.answer, self._here.method = None, method
            try:
                return function(*args, **params), None, self._here.answer
            except MastodonError as error:
                return None, error, self._here.answer

        found, error, answer = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        if error is None:
            self.troubles.ends("token", "")
            return found
        raise await self._understood(error, method, answer, reads=reads) from error

    async def _understood(
        self, error: MastodonError, method: str, answer: Answer | None, *, reads: bool
    ) -> DeliveryError:
        """Of a token that is good no more servers say 401, and some 400 or 403: asked who one is, they tell. Some say
        so, too, of a call that they do not know."""
        status = status_of(error)
        if is_of_scope(error):
            if method not in DONE_WITHOUT:
                self.troubles.begins("scope", method, words_of(error))
        elif status in FORBIDDEN:
            is_good = False if method == WHO else await self._is_good()
            if is_good is False:
                self.troubles.begins("token", "", f"HTTP {status} {words_of(error)}".strip())
                return PlatformUnavailable(f"{method}: the token was refused")
            if status == 401 and is_good and reads:
                return DeliveryRefused(f"{method}: HTTP 401 {words_of(error)}")
        return translated(error, method, answer)

    async def _is_good(self) -> bool | None:
        """Whether the token is; None where that cannot be told now."""
        try:
            await self._once(WHO, self._named(WHO), (), {}, reads=True)
        except DeliveryError as error:
            return False if status_of(error) in FORBIDDEN | GONE and not is_of_scope(error) else None
        return True

    def _heard(self, response: requests.Response, **_: Any) -> None:
        """Of every answer there is, those of streams included. A post that is sent elsewhere would become a question
        there: where that is, is to be the setting."""
        if response.status_code in BECOME_QUESTIONS and response.request.method not in ("GET", "HEAD"):
            response.close()
            raise requests.exceptions.InvalidURL("the address leads elsewhere")
        self._here.answer = Answer(response.status_code, response.headers)
        if told := moment(response.headers.get("Date", "")):
            self._told = self._ticks(), told
        if method := getattr(self._here, "method", ""):
            self._pacing.heard(method, response.status_code, response.headers)


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine."""
    try:
        host = (urlsplit(url).hostname or "").lower()
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _three_parts(version: str) -> str:
    return ".".join([*version.split("."), "0", "0"][:3])
