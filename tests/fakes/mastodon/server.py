"""The server, and what tests ask of it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from tests.fakes.mastodon import (
    methods_accounts,
    methods_instance,
    methods_media,
    methods_notifications,
    methods_statuses,
    methods_timelines,
    oauth,
)
from tests.fakes.mastodon.control import Control
from tests.fakes.mastodon.faults import Faults
from tests.fakes.mastodon.notifying import REASONS
from tests.fakes.mastodon.people import Person, Which
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.rendering import Seen, seen, transcript
from tests.fakes.mastodon.shapes import Shapes
from tests.fakes.mastodon.state import Account, Report, State
from tests.fakes.mastodon.streams import Streams
from tests.fakes.mastodon.web_api import Called, Route, WebApi
from tests.fakes.mastodon.world import World
from tests.fakes.ports import free_port

ROUTES: dict[str, Route] = {
    **oauth.ROUTES,
    **methods_instance.ROUTES,
    **methods_accounts.ROUTES,
    **methods_statuses.ROUTES,
    **methods_notifications.ROUTES,
    **methods_timelines.ROUTES,
    **methods_media.ROUTES,
}
LONG_AGO = datetime(2024, 2, 29, tzinfo=UTC)


class FakeMastodon:
    """`quirks`: what the server is like. `max_characters`: of a post. `bot`: whether the app's account bears the flag
    of an automated one. `state`: of a server that ran before."""

    def __init__(
        self,
        *,
        port: int = 0,
        streaming_port: int = 0,
        quirks: Quirks | None = None,
        domain: str = "masto.example",
        max_characters: int = 500,
        username: str = "guichet",
        bot: bool = True,
        state: State | None = None,
        seed: int = 0,
    ) -> None:
        self.port, self.streaming_port = port or free_port(), streaming_port or free_port()
        self.quirks = quirks or Quirks()
        self.faults = Faults(seed=seed)
        self.state = state or State(seed=seed)
        self.streams = Streams(self.state, self.quirks, self.faults)
        shapes = Shapes(self.state, self.quirks, f"http://127.0.0.1:{self.port}", domain)
        self.world = World(self.state, self.quirks, self.faults, shapes, self.streams)
        self.world.streaming_host = f"127.0.0.1:{self.streaming_port}"
        self.world.max_characters = max_characters
        self.api = WebApi(self.world, self.faults, ROUTES)
        if not self.state.bot:
            self.state.bot = self._account(username, None, username.title(), bot=bot).id
            scopes = ["profile", "read", "write", "follow", "push"]
            application = oauth.register(self.world, "guichet", [oauth.OOB], scopes)
            oauth.grant(self.world, application, self.state.bot, scopes)
        self._runners: list[web.AppRunner] = []

    # Where it is, and how the app is known to it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bot(self) -> Account:
        return self.state.accounts[self.state.bot]

    @property
    def token(self) -> str:
        """The bot's, with all scopes; the latest that is good, if there were several."""
        tokens = [one for one in self.state.tokens.values() if one.account == self.state.bot and not one.gone]
        return tokens[-1].token if tokens else ""

    @property
    def calls(self) -> list[Called]:
        return self.api.calls

    @property
    def reports(self) -> list[Report]:
        return self.state.reports

    # Running

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeMastodon"]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Open the doors, at the same addresses as before."""
        api = web.Application(client_max_size=32 * 1024 * 1024)
        streaming = web.Application()
        streaming.router.add_get("/api/v1/streaming/{stream:.+}", self.streams.serve)
        api.router.add_post("/control", Control(self).serve)
        api.router.add_route("*", "/{path:.*}", self.api.serve)
        await self._open(api, self.port)
        if self.quirks.streaming not in ("none", "refused"):
            await self._open(streaming, self.streaming_port, handler_cancellation=True)
        self.streams.begin()

    async def _open(self, app: web.Application, port: int, **more: Any) -> None:
        app.on_response_prepare.append(self._date)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, **more)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()

    async def _date(self, request: web.Request, answer: web.StreamResponse) -> None:
        if not self.quirks.tells_time:
            answer.headers.popall("Date", None)

    async def stop(self) -> None:
        """Go, as a server that is killed: streams are cut. What people wrote stays."""
        await self.streams.end()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def restart(self, pause: float = 0.0) -> None:
        await self.stop()
        await asyncio.sleep(pause)
        await self.start()

    def save(self, path: Path) -> None:
        self.state.save(path)

    # People

    def person(self, handle: str, *, name: str = "", **account: Any) -> Person:
        """Somebody with an account, found again by handle: `ada` here, `ada@elsewhere.example` on another server.
        `account` are fields of Account."""
        username, _, domain = handle.removeprefix("@").partition("@")
        known = self.world.find(username, domain or None)
        return Person(self, known or self._account(username, domain or None, name or username.title(), **account))

    def _account(self, username: str, domain: str | None, name: str, **more: Any) -> Account:
        created = more.pop("created", LONG_AGO)
        made = Account(self.world.new_id("account", created), username, domain, name, created, **more)
        self.state.accounts[made.id] = made
        return made

    def token_for(self, who: Person, scopes: Iterable[str] = ("read", "write", "follow")) -> str:
        """As another application of theirs would have it."""
        application = oauth.register(self.world, "Another", [oauth.OOB], list(scopes))
        return oauth.grant(self.world, application, who.id, list(scopes)).token

    async def authorises(self, address: str, *, allow: bool = True) -> str:
        """The bot's holder opens the authorisation page and says yes or no; returned is the code that the page shows
        (or that the redirection bears), or what else the page says. Nothing is followed beyond this server."""
        async with ClientSession(trust_env=False) as session:
            async with session.get(address) as page:
                text = await page.text()
            if 'name="decision"' not in text:
                return text
            hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
            fields = {name: unescape(value) for name, value in hidden}
            fields["decision"] = "allow" if allow else "deny"
            async with session.post(f"{self.url}/oauth/authorize", data=fields, allow_redirects=False) as page:
                if page.status == 302:
                    return page.headers["Location"]
                text = await page.text()
        shown = re.search(r'class="oauth-code" readonly value="([^"]+)"', text)
        return shown[1] if shown else text

    def emoji(self, *shortcodes: str) -> None:
        """Custom emoji of this server, `:blobcat:` in texts."""
        for one in shortcodes:
            self.state.emojis[one] = f"https://{self.world.shapes.domain}/emoji/{one}.png"

    def accepts(self) -> None:
        """The bot's holder has it told of everybody, of unasked direct messages too."""
        self.bot.policy.update(dict.fromkeys(REASONS, "accept"))

    def revokes(self) -> None:
        """The bot's holder takes all its tokens back."""
        for one in self.state.tokens.values():
            one.gone = one.gone or one.account == self.state.bot

    def freezes(self) -> None:
        """The moderators lock the bot out: 403 for whatever it does."""
        self.api.frozen.add(self.state.bot)

    # What can be seen

    def posts(self) -> list[Seen]:
        """All that the bot has written and that still stands, in order of time."""
        found = [one for one in self.state.by(self.state.bot) if not one.boost_of]
        return [seen(self.state, one) for one in sorted(found, key=lambda one: one.at)]

    def replies(self, which: Which, *, by_bot: bool = True) -> list[Seen]:
        """What stands right under a post: the bot's, or everybody's."""
        found = self.state.replies(which.id)
        return [seen(self.state, one) for one in found if not by_bot or one.account == self.state.bot]

    def thread(self, which: Which) -> list[Seen]:
        """The whole thread that a post stands in, in order of time."""
        conversation = (which.status if isinstance(which, Seen) else which).conversation
        found = [one for one in self.state.statuses.values() if one.conversation == conversation and not one.boost_of]
        return [seen(self.state, one) for one in sorted(found, key=lambda one: one.created)]

    def seen(self, which: Which) -> Seen:
        """A post as it stands now."""
        return seen(self.state, self.state.statuses[which.id])

    def called(self, name: str) -> list[Called]:
        """`POST /api/v1/statuses`, `GET /api/v1/statuses/{id}/context`: what the app called, in order."""
        return [one for one in self.calls if one.name == name]

    def transcript(self) -> str:
        """Everything that stands, for people to read."""
        return transcript(self.state)

    async def until(self, true: Callable[[], Any], timeout: float = 5.0, what: str = "") -> Any:
        """Wait until something holds, and return it. AssertionError with the transcript if it takes too long."""
        end = time.monotonic() + timeout
        while not (found := true()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout:g} s: {what or true}\n{self.transcript()}")
            await asyncio.sleep(0.01)
        return found

    async def quiet(self, seconds: float = 0.3, timeout: float = 10.0, ignoring: Iterable[str] = ("GET",)) -> None:
        """Wait until nothing has been called or changed for some time; calls whose names begin with `ignoring` (what an
        app does over and over) do not count."""
        started = tuple(ignoring)
        end, last, since = time.monotonic() + timeout, (-1, -1), time.monotonic()
        while time.monotonic() - since < seconds:
            now = (sum(not one.name.startswith(started) for one in self.calls), self.world.changes)
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() > end:
                raise AssertionError(f"not quiet within {timeout:g} s: {now}\n{self.transcript()}")
            await asyncio.sleep(0.01)
