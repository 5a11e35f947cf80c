"""The server, and what tests ask of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.ports import free_port
from tests.fakes.slack import methods_chat, methods_conversations, methods_files, methods_people, methods_views, oauth
from tests.fakes.slack.clients import mentions
from tests.fakes.slack.control import Control
from tests.fakes.slack.deliveries import SCOPES, Ack, Deliveries
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.harm import Harm, harms
from tests.fakes.slack.http_events import HttpEvents
from tests.fakes.slack.installing import ALL_SCOPES, add_team, install
from tests.fakes.slack.people import Person, Which
from tests.fakes.slack.rendering import Seen, seen, title_of
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.state import Channel, Installation, Json, Kind, Message, State, Team, User
from tests.fakes.slack.web_api import Called, SlackError, WebApi
from tests.fakes.slack.world import RESPONSE_SECONDS, RESPONSE_USES, World

METHODS = {
    **methods_chat.METHODS,
    **methods_conversations.METHODS,
    **methods_files.METHODS,
    **methods_people.METHODS,
    **methods_views.METHODS,
}


class FakeSlack:
    """`manifest`: the app's, with its scopes, events and commands; without one, the app may do and is told everything.
    `request_urls`: HTTP mode, with the addresses of the app's replicas; without, Socket Mode. `state`: of a server that
    ran before."""

    def __init__(
        self,
        *,
        port: int = 0,
        manifest: Json | None = None,
        request_urls: Iterable[str] = (),
        state: State | None = None,
        seed: int = 0,
        commands: Collection[str] = ("/ask", "/ticket", "/kb", "/desk"),
    ) -> None:
        scopes, events = ALL_SCOPES, list(SCOPES)
        if manifest:
            scopes = manifest["oauth_config"]["scopes"]["bot"]
            events = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
            commands = [one["command"] for one in manifest["features"].get("slash_commands", [])]
        self.commands = commands
        self.port = port or free_port()
        self.faults = Faults(seed=seed)
        self.state = state or State(seed=seed)
        if not self.state.teams:
            install(self.state, add_team(self.state, "Example").id, scopes)
        self.sockets = Sockets(self.state, self.faults)
        self.http = HttpEvents(self.state, list(request_urls))
        carrier = self.http if self.http.urls else self.sockets
        self.deliveries = Deliveries(self.state, self.faults, carrier, events)
        if self.http.urls:
            self.deliveries.keeps, self.deliveries.waits = True, (0.2, 2.0, 10.0)
        self.world = World(self.state, self.deliveries, f"http://127.0.0.1:{self.port}")
        self.api = WebApi(self.world, self.sockets, self.faults, METHODS)
        self._runner: web.AppRunner | None = None

    # Where it is, and how the app is known to it

    @property
    def url(self) -> str:
        return self.world.base

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def team(self) -> Team:
        return next(iter(self.state.teams.values()))

    @property
    def installation(self) -> Installation:
        """In the first workspace; the latest, if there were several."""
        return [one for one in self.state.installations.values() if one.team == self.team.id][-1]

    @property
    def bot(self) -> User:
        return self.state.users[self.installation.bot_user]

    @property
    def bot_token(self) -> str:
        return self.installation.token

    @property
    def app_token(self) -> str:
        return self.state.app_token

    @property
    def signing_secret(self) -> str:
        return self.state.signing_secret

    @property
    def calls(self) -> list[Called]:
        return self.api.calls

    @property
    def acks(self) -> list[Ack]:
        return self.deliveries.acks

    # Running

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeSlack"]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Open the door, at the same address as before."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self.api.serve)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/control", Control(self).serve)
        app.router.add_post("/actions/{team}/{key}", self._respond)
        app.router.add_get("/oauth/v2/authorize", self._authorize_page)
        app.router.add_post("/oauth/v2/authorize", self._authorize)
        app.router.add_post("/upload/v1/{file}", self._take)
        app.router.add_get("/files-pri/{file}/{name:.+}", self._give)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.sockets.begin()
        self.http.begin()
        self.deliveries.begin()

    async def stop(self) -> None:
        """Go, as a server that is killed. What people wrote stays; what was on its way over a socket is lost."""
        await self.deliveries.stop()
        await self.sockets.end()
        await self.http.end()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def restart(self, pause: float = 0.0) -> None:
        await self.stop()
        await asyncio.sleep(pause)
        await self.start()

    def save(self, path: Path) -> None:
        self.state.save(path)

    async def _respond(self, request: web.Request) -> web.Response:
        to = self.world.responses.get(f"{request.match_info['team']}/{request.match_info['key']}")
        if not to or time.monotonic() - to.at > RESPONSE_SECONDS or to.uses >= RESPONSE_USES:
            return web.json_response({"ok": False, "error": "used_url" if to else "expired_url"}, status=404)
        body = await request.json()
        scripted = self.faults.next_of("response_url")
        if scripted and scripted.status:
            return web.Response(status=scripted.status, text="upstream connect error")
        to.uses += 1
        error = ""
        try:
            methods_chat.respond(self.world, to, body)
        except SlackError as refused:
            error = refused.error
        lost = bool(scripted and scripted.lost)
        self.calls.append(Called("response_url", body, time.time(), error, lost))
        if lost and request.transport:
            request.transport.abort()
        return web.Response(text=error or "ok", status=400 if error else 200)

    async def _authorize_page(self, request: web.Request) -> web.Response:
        return oauth.page(self.world, request)

    async def _authorize(self, request: web.Request) -> web.Response:
        return await oauth.allow(self.world, request)

    async def _take(self, request: web.Request) -> web.Response:
        return await methods_files.take(self.world, request)

    async def _give(self, request: web.Request) -> web.StreamResponse:
        return await methods_files.give(self.world, request)

    # Workspaces, people, channels

    def workspace(self, name: str, *, installed: bool = False) -> Team:
        """Another workspace: one whose people share channels with the first, or one that has the app too."""
        team = add_team(self.state, name)
        if installed:
            install(self.state, team.id, self.installation.scopes)
        return team

    def person(
        self,
        name: str,
        *,
        email: str | None = None,
        locale: str = "en-US",
        tz: str = "Europe/London",
        guest: bool = False,
        single_channel: bool = False,
        bot: bool = False,
        team: Team | None = None,
        **more: Any,
    ) -> Person:
        """Somebody with an account, found again by name. `guest`: of several channels, or `single_channel`; `team`: of
        another workspace, a stranger here; `more` are fields of User."""
        home = (team or self.team).id
        for user in self.state.users.values():
            if user.real_name == name and user.team == home:
                return Person(self, user)
        made = self.state.new_id("U")
        handle = name.lower().replace(" ", ".")
        user = User(made, home, handle, name, email or f"{handle}@example.com", locale, tz, **more)
        user.is_restricted, user.is_ultra_restricted = guest or single_channel, single_channel
        if bot:
            user.is_bot, user.bot_id, user.email = True, self.state.new_id("B"), None
        self.state.users[made] = user
        return Person(self, user)

    def channel(
        self,
        name: str,
        members: Iterable[Person] = (),
        *,
        private: bool = False,
        bot: bool = True,
        shared: bool = False,
        archived: bool = False,
        group: bool = False,
        team: Team | None = None,
    ) -> Channel:
        """A channel with its members, the app among them unless `bot` is False; found again by name, and then the
        members are added. `group`: a group's direct messages. `shared`: with another organisation."""
        home = (team or self.team).id
        people = [one.id for one in members]
        if found := self.state.by_name(home, name):
            found.members.extend(one for one in people if one not in found.members)
            return found
        kind: Kind = "mpim" if group else "private" if private else "channel"
        app = self.state.installed_in(home)
        if bot and app:
            people.append(app.bot_user)
        made = Channel(self.state.new_id("C"), home, name, kind, people, archived, shared, created=int(time.time()))
        made.creator = people[0] if people else ""
        self.state.channels[made.id] = made
        return made

    def typed(self, text: str, team: str = "") -> str:
        """Text as a client in a workspace (the first, if none is named) sends it."""
        app = self.state.installed_in(team or self.team.id)
        bot = self.state.users[app.bot_user] if app else self.bot
        return mentions(text, self.state.users.values(), self.state.channels.values(), bot)

    def invites_bot(self, channel: Channel) -> None:
        self.world.join(channel, self.bot.id)

    def kicks_bot(self, channel: Channel) -> None:
        self.world.leave(channel, self.bot.id)

    def archives(self, channel: Channel) -> None:
        self.world.archive(channel, channel.creator)

    def unfurls(self, which: Which) -> None:
        """Slack shows a preview of a link: the message changes, its words do not."""
        message = which.message if isinstance(which, Seen) else which
        self.world.edit(
            message, message.user, edited=False, attachments=[{"text": "A page", "from_url": "https://x.y"}]
        )

    def says_as_app(self, app: Person, where: Channel, text: str, thread: Which | None = None) -> Message:
        """Another app (or a workflow, with is_workflow_bot) writes."""
        root = (thread.message if isinstance(thread, Seen) else thread).root if thread else None
        more = {"bot_id": app.user.bot_id, "app_id": "A0OTHER0001", "subtype": "bot_message"}
        return self.world.post(where, app.id, self.typed(text), thread_ts=root, **more)

    def revokes(self, error: str = "token_revoked") -> None:
        self.world.revoke(self.installation, error, uninstalled=error == "account_inactive")

    # What can be seen

    def messages(
        self, where: Channel | str, thread: Which | str | None = None, *, by_bot: bool | None = None
    ) -> list[Seen]:
        """What stands in a channel now, in order, ephemeral messages too: without `thread`, what is not a reply in a
        thread; with it, the thread with its root. `by_bot`: the app's only, or everybody else's only."""
        channel = self.state.channels[where.id if isinstance(where, Channel) else where]
        everything = sorted([*channel.messages.values(), *channel.ephemerals], key=lambda one: one.ts)
        if thread is None:
            found = [one for one in everything if not one.is_reply or one.subtype == "thread_broadcast"]
        else:
            root = (
                thread.message.root
                if isinstance(thread, Seen)
                else thread.root
                if isinstance(thread, Message)
                else thread
            )
            found = [one for one in everything if one.root == root]
        return [seen(self.state, one) for one in found if by_bot is None or by_bot == (one.app_id == self.state.app_id)]

    def everything(self, where: Channel | str) -> list[Seen]:
        """What stands in a channel now, threads included, in order of time."""
        channel = self.state.channels[where.id if isinstance(where, Channel) else where]
        found = sorted([*channel.messages.values(), *channel.ephemerals], key=lambda one: one.ts)
        return [seen(self.state, one) for one in found]

    def posts(self) -> list[Seen]:
        """All that the app has written and that still stands, in order of time."""
        found = [
            one
            for channel in self.state.channels
            for one in self.everything(channel)
            if one.message.app_id == self.state.app_id
        ]
        return sorted(found, key=lambda one: one.ts)

    def called(self, method: str) -> list[Called]:
        return [one for one in self.calls if one.method == method]

    def harm(self, meant: Iterable[Person] = ()) -> list[Harm]:
        """The app's messages that notified somebody they should not have; see `harms`."""
        return harms(self.state, {one.id for one in meant})

    def transcript(self) -> str:
        """Everything that stands in every channel, for people to read."""
        parts = []
        for channel in self.state.channels.values():
            roots = [one for one in self.everything(channel) if not one.message.is_reply]
            if not roots:
                continue
            parts.append(f"── {title_of(self.state, channel)}")
            for root in roots:
                parts.append(str(root))
                parts += [str(one) for one in self.messages(channel, root.ts) if one.message.is_reply]
        return "\n".join(parts)

    async def until(self, true: Callable[[], Any], timeout: float = 5.0, what: str = "") -> Any:
        """Wait until something holds, and return it. AssertionError with the transcript if it takes too long."""
        end = time.monotonic() + timeout
        while not (found := true()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout:g} s: {what or true}\n{self.transcript()}")
            await asyncio.sleep(0.01)
        return found

    async def quiet(self, seconds: float = 0.3, timeout: float = 10.0) -> None:
        """Wait until nothing has been delivered, called or changed for some time."""
        end, last, since = time.monotonic() + timeout, (-1, -1, -1), time.monotonic()
        while time.monotonic() - since < seconds or self.deliveries.pending:
            now = (len(self.calls), len(self.acks), self.world.changes)
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() > end:
                raise AssertionError(f"not quiet within {timeout:g} s: {now}\n{self.transcript()}")
            await asyncio.sleep(0.01)
