"""The workspaces that installed the app by themselves: their tokens, sealed in the database."""

import logging
from datetime import datetime

from adapters.slack.ids import PLATFORM
from bot.errors import SettingsError
from bot.model.installations import Installation
from bot.ports.adapters import Clock
from bot.ports.installations import Installations
from bot.sealing import Sealer
from bot.settings import Settings

log = logging.getLogger(__name__)

PURPOSE = "slack"  # of what is sealed


class InstalledWorkspaces:
    """Every method raises StorageUnavailable when the database cannot be reached."""

    def __init__(self, installations: Installations, sealer: Sealer, clock: Clock) -> None:
        self._installations = installations
        self._sealer = sealer
        self._clock = clock
        self._told: set[str] = set()  # of whom it was said that they cannot be connected

    @classmethod
    def of(cls, settings: Settings, installations: Installations, clock: Clock) -> "InstalledWorkspaces | None":
        """None where others cannot install the app."""
        if not settings.slack_client_id or settings.secret_key is None:
            return None
        return cls(installations, Sealer(settings.secret_key.get_secret_value(), PURPOSE), clock)

    async def keep(self, account: str, name: str, token: str, scopes: str) -> None:
        sealed = self._sealer.seal(token)
        await self._installations.keep(Installation(PLATFORM, account, name, sealed, self._clock(), scopes))
        log.info("slack: workspace %s installed the app", account)

    async def tokens(self) -> dict[str, str]:
        """By account, the first installed first; without those that were sealed with another key."""
        found: dict[str, str] = {}
        for account, (_, token) in (await self.all()).items():
            if token is not None:
                found[account] = token
            elif account not in self._told:
                self._told.add(account)
                log.error(
                    "slack: workspace %s is not connected: its token was sealed with another GUICHET_SECRET_KEY",
                    account,
                )
        return found

    async def all(self) -> dict[str, tuple[str, str | None]]:
        """Name and token by account; no token where it was sealed with another key."""
        found: dict[str, tuple[str, str | None]] = {}
        for one in await self._installations.all(PLATFORM):
            try:
                found[one.account] = (one.name, self._sealer.open(one.token))
            except SettingsError:
                found[one.account] = (one.name, None)
        return found

    async def forget(self, account: str, at: datetime) -> bool:
        """It threw the app out at that time: its token is worth nothing. One of a later installation is kept, since
        Slack may tell of the end of the last one late."""
        for one in await self._installations.all(PLATFORM):
            if one.account == account and one.installed_at <= at:
                log.info("slack: workspace %s removed the app", account)
                return await self._installations.forget(PLATFORM, account)
        return False
