"""The workspaces that the app is in: who it is there, and the desk's channels."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from adapters.slack.api import Api
from adapters.slack.examine import meant, named
from adapters.slack.rooms import SlackDesk, is_id
from adapters.slack.team import Team
from adapters.slack.unanswered import or_unknown
from adapters.slack.workspace import Workspace
from bot.errors import DeliveryError, PlatformUnavailable, StorageError
from bot.settings import Settings
from bot.troubles import Troubles

log = logging.getLogger(__name__)

LEAST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds before the next try
LOOK_AROUND = 300.0  # seconds between two looks whether the desk's channels can be used
FOLLOW = 10.0  # seconds between two looks who has installed the app, or removed it

Tokens = Callable[[], Awaitable[Mapping[str, str]]]  # by account


Keep = Callable[[str], Awaitable[None]]


async def no_tokens() -> Mapping[str, str]:
    return {}


async def nothing_kept(_: str) -> None:
    """Nobody else has to know where the desk is."""


class SigningIn:
    """`teams` and `workspaces` are those that are connected, by account. `desk` has its channels as they were written,
    until Slack tells their ids. `tokens`: of the workspaces that installed the app, besides the desk's own.
    `keep` is given what other processes are to know of the desk."""

    def __init__(
        self,
        settings: Settings,
        desk: SlackDesk,
        troubles: Troubles,
        tokens: Tokens = no_tokens,
        keep: Keep = nothing_kept,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._channels = desk.wanted or desk.channels
        self._keep = keep
        self._troubles = troubles
        self._tokens = tokens
        self.teams: dict[str, Team] = {}
        self.workspaces: dict[str, Workspace] = {}
        self._not_before: dict[str, float] = {}  # by token, in the loop's time, of those that were refused
        self._own = ""  # the account of the token in the settings
        self._ids: dict[str, str] = {}  # by name; a look that fails does not close the desk

    async def all(self) -> None:
        """Sign in wherever the app is. Where Slack refuses or cannot be reached it is tried again; returns when the
        desk's own workspace is there, if it has one. The others are tried again by `follow`."""
        own, pause = self._settings.slack_bot_token, LEAST_PAUSE
        while True:
            try:
                if own:
                    await self.join(own.get_secret_value(), is_desk=True)
                await self._join_others()
                return
            except DeliveryError as error:
                log.warning("slack: not signed in yet: %s", error)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _join_others(self) -> list[Team]:
        """Those that are new, or have another token. One that has thrown the app out must not keep it from the rest."""
        joined = []
        try:
            tokens = await self._tokens()
        except StorageError as error:
            log.warning("slack: who installed the app cannot be read: %s", error)
            return []
        for account, token in tokens.items():
            now = asyncio.get_running_loop().time()
            known = self.workspaces.get(account)
            is_new = account != self._own and (known is None or known.api.client.token != token)
            if is_new and now >= self._not_before.get(token, 0.0):
                try:
                    joined.append(await self.join(token, account))
                except DeliveryError as error:
                    self._not_before[token] = now + LOOK_AROUND
                    log.warning("slack: workspace %s, which installed the app, cannot be reached: %s", account, error)
        for account in self.workspaces.keys() - tokens.keys() - {self._own}:
            await self.leave(account)
        return joined

    async def follow(self, joined: Callable[[Team], None], left: Callable[[str], None]) -> None:
        """Until cancelled: connect workspaces that install the app, and leave those that remove it, on whichever
        replica that was seen."""
        while True:
            await asyncio.sleep(FOLLOW)
            before = set(self.workspaces)
            for team in await self._join_others():
                joined(team)
            for account in before - set(self.workspaces):
                left(account)

    def is_own(self, account: str) -> bool:
        """Whether that is the workspace of the token in the settings."""
        return bool(self._own) and account == self._own

    async def leave(self, account: str) -> None:
        """Not to be connected to a workspace any more."""
        self.teams.pop(account, None)
        if workspace := self.workspaces.pop(account, None):
            await workspace.api.close()
            self._troubles.ends("installed_token", account)

    async def join(self, token: str, account: str = "", *, is_desk: bool = False) -> Team:
        """The workspace of a token, connected; `account`, if it is known. Raises a DeliveryError."""
        api = Api(token, self._settings.slack_api_url, self._troubles, account=account, is_installed=not is_desk)
        try:
            about = await api.read("auth.test")
        except BaseException:
            await api.close()
            raise
        team_id, user = about.get("team_id"), about.get("user_id")
        if not isinstance(team_id, str) or not isinstance(user, str):
            await api.close()
            raise PlatformUnavailable("auth.test: neither workspace nor user")
        account = team_id
        if not is_desk and self._own == account:  # installed there, too: the token in the settings counts
            await api.close()
            return self.teams[account]
        api.account = account
        self._troubles.ends("token", "")
        before = self.workspaces.get(account)
        workspace = Workspace(
            account,
            api,
            user,
            str(about.get("bot_id") or ""),
            str(about.get("team") or ""),
            str(about.get("url") or ""),
        )
        self.workspaces[account] = workspace
        team = self.teams[account] = Team.of(
            workspace,
            self._desk,
            self._settings.slack_ticket_emoji,
            own=is_desk,
            asks_members=self._settings.desk_members_are_technicians,
        )
        if before:
            await before.api.close()
        if is_desk:
            self._own = self._desk.account = account
            if self._channels.lack:
                log.warning("slack: %s; %s", self._channels.lack, meant(self._channels))
            await self.find_desk()
        log.info("slack: signed in to %s (%s)", workspace.name, account)
        return team

    async def look_around(self) -> None:
        """Until cancelled: whether the desk's channels are there and can be written to."""
        while True:
            await asyncio.sleep(LOOK_AROUND)
            await self.find_desk()

    async def find_desk(self) -> None:
        """Look up the desk's channels; what is wrong with one is among the troubles."""
        workspace = self.workspaces.get(self._desk.account)
        if workspace is None:
            return
        try:
            self._ids |= await named(workspace.api, self._channels)
        except DeliveryError as error:
            log.warning("slack: the desk's channels cannot be looked up: %s", error)
        self._desk.channels = self._channels.with_ids(self._ids)
        await self._keep(self._desk.kept)
        for name in self._channels.all:
            await self._look_at(workspace, name, name if is_id(name) else self._ids.get(name))

    async def _look_at(self, workspace: Workspace, name: str, id: str | None) -> None:
        if id is None:
            self._troubles.begins("channel", name, "channel_not_found")
            return
        self._troubles.ends("channel", name)
        try:
            answer = await or_unknown(workspace.api, "conversations.info", channel=id)
        except DeliveryError:
            return  # the call itself has told of it
        about = (answer or {}).get("channel") or {}
        if about.get("is_archived"):
            self._troubles.begins("channel", id, "is_archived")
        elif about.get("is_member") is False:
            self._troubles.begins("channel", id, "not_in_channel")
        elif about:
            self._troubles.ends("channel", id)

    async def close(self) -> None:
        for workspace in self.workspaces.values():
            await workspace.api.close()
        self.teams.clear()
        self.workspaces.clear()
