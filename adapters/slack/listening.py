"""Hearing Slack, over a socket or over HTTP, and catching up with what was not heard."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from datetime import datetime

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from adapters.slack.api import Api
from adapters.slack.funnel import Funnel
from adapters.slack.http import serve
from adapters.slack.signing_in import SigningIn
from adapters.slack.sockets import AppTokenTroubles, Sockets
from adapters.slack.team import Team
from adapters.slack.vigil import Vigil
from bot.errors import SettingsError
from bot.ports.adapters import Clock
from bot.settings import Settings
from bot.troubles import Troubles


class Listening:
    """`vigil_of` makes the vigil of a workspace. `socket`: where http mode listens, or, in socket mode, the `pages` for
    people alone; None where there is nothing to listen for."""

    def __init__(
        self,
        settings: Settings,
        app: AsyncApp,
        signed_in: SigningIn,
        funnel: Funnel,
        troubles: Troubles,
        clock: Clock,
        vigil_of: Callable[[Team], Vigil],
        socket: socket.socket | None,
        pages: Sequence[web.RouteDef] = (),
    ) -> None:
        self._settings = settings
        self._app = app
        self._signed_in = signed_in
        self._funnel = funnel
        self._troubles = troubles
        self._clock = clock
        self._vigil_of = vigil_of
        self._socket = socket
        self._pages = pages
        self._group: asyncio.TaskGroup | None = None
        self._vigils: dict[str, Vigil] = {}
        self._watches: dict[str, tuple[Team, asyncio.Task[None]]] = {}
        self._is_serving = False
        self._sockets: Sockets | None = None

    @property
    def heard_until(self) -> datetime | None:
        """None while nobody listens."""
        if self._is_serving:
            return self._clock()
        return self._sockets.heard_until if self._sockets else None

    def missed(self, account: str) -> None:
        """Something that was heard could not be stored."""
        if vigil := self._vigils.get(account):
            vigil.missed(self._clock())

    def watch_over(self, team: Team) -> None:
        """Keep the cursor of a workspace from now on."""
        account = team.workspace.account
        watched, _ = self._watches.get(account, (None, None))
        if self._group is None or watched is team:
            return
        self.leave(account)  # it was installed anew, and has another token
        self._vigils[account] = vigil = self._vigil_of(team)
        self._watches[account] = (team, self._group.create_task(vigil.run()))

    def leave(self, account: str) -> None:
        """A workspace is no longer connected."""
        self._vigils.pop(account, None)
        _, task = self._watches.pop(account, (None, None))
        if task:
            task.cancel()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self._signed_in.look_around())
            group.create_task(self._signed_in.follow(self.watch_over, self.leave))
            if self._socket and self._settings.slack_mode == "http":
                await self._serve(self._socket)
            elif self._socket:
                runner = await serve(None, self._socket, self._pages)
                try:
                    await self._connect()
                finally:
                    await runner.cleanup()
            else:
                await self._connect()

    async def _serve(self, listening: socket.socket) -> None:
        secret = self._settings.slack_signing_secret
        signed_with = secret.get_secret_value() if secret else ""
        runner = await serve(self._app, listening, self._pages, secret=signed_with)
        self._is_serving = True
        try:
            if self._signed_in.teams:
                self._funnel.hold()
            self._watch_over_all()
            await asyncio.Event().wait()
        finally:
            self._is_serving = False
            await runner.cleanup()

    async def _connect(self) -> None:
        settings = self._settings
        if settings.slack_app_token is None:
            raise SettingsError("GUICHET_SLACK_APP_TOKEN: socket mode needs an app-level token, xapp-…")
        token = settings.slack_app_token.get_secret_value()
        api = Api(token, settings.slack_api_url, AppTokenTroubles(self._troubles))
        account = next(iter(self._signed_in.teams), "")
        self._sockets = Sockets(
            self._app, api, token, account, self._troubles, settings.slack_ping_seconds, self._clock, self._line_is_open
        )
        try:
            await self._sockets.run()
        finally:
            await api.close()

    def _line_is_open(self, lost_at: datetime | None) -> None:
        if not self._vigils:
            if self._signed_in.teams:
                self._funnel.hold()
            self._watch_over_all()
        elif lost_at is not None:
            self._funnel.hold()
            for vigil in self._vigils.values():
                vigil.missed(lost_at)

    def _watch_over_all(self) -> None:
        for team in self._signed_in.teams.values():
            self.watch_over(team)
