"""Who somebody is, as Slack knows them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack.api import Api
from adapters.slack.cache import Cache
from adapters.slack.ids import PLATFORM
from adapters.slack.unanswered import or_unknown
from bot.errors import DeliveryRefused
from bot.model.messages import Identity

SECONDS = 900.0  # for which what is known of somebody holds
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """`member`: a full member of the workspace, as far as is known; neither a guest nor somebody of another one."""

    id: str
    name: str = ""
    email: str | None = None
    locale: str | None = None
    timezone: str | None = None
    member: bool = False
    bot: bool = False

    def identity(self, account: str) -> Identity:
        return Identity(
            PLATFORM, account, self.id, self.name, self.email, self.locale, self.timezone, guest=not self.member
        )


def profile_of(user: Mapping[str, Any], account: str) -> Profile:
    """From a user object."""
    about: Mapping[str, Any] = user.get("profile") or {}
    outside = user.get("is_stranger") or user.get("is_restricted") or user.get("is_ultra_restricted")
    teams = (user.get("enterprise_user") or {}).get("teams") or ()  # of an organisation with several workspaces
    at_home = user.get("team_id") in (None, "", account) or account in teams
    names = (about.get("display_name"), about.get("real_name"), user.get("real_name"), user.get("name"))
    return Profile(
        id=str(user["id"]),
        name=next((name for name in names if isinstance(name, str) and name.strip()), ""),
        email=_text(about.get("email")),
        locale=_text(user.get("locale")),
        timezone=_text(user.get("tz")),
        member=not outside and at_home and not user.get("deleted"),
        bot=bool(user.get("is_bot")),
    )


class People:
    """The people of one workspace, and those who write there from others. Unless it is the desk's `own`, nobody there
    is a member: what they may read, and whose address theirs is, another organisation decides."""

    def __init__(
        self, api: Api, account: str, clock: Callable[[], float] = time.monotonic, *, own: bool = True
    ) -> None:
        self._api = api
        self._account = account
        self._own = own
        self._cache: Cache[str, Profile] = Cache(self._ask, SECONDS, MOST, clock)

    async def get(self, user: str) -> Profile:
        """Somebody whom Slack does not tell of is nobody's member. Raises PlatformUnavailable."""
        return await self._cache.get(user)

    def known(self, user: str) -> Identity:
        """What is known without asking."""
        found = self._cache.known(user)
        return found.identity(self._account) if found else Identity(PLATFORM, self._account, user, guest=not self._own)

    def name(self, user: str) -> str:
        """The name, if it is known without asking."""
        found = self._cache.known(user)
        return found.name if found else ""

    async def _ask(self, user: str) -> Profile:
        try:
            answer = await or_unknown(self._api, "users.info", user=user, include_locale=True)
        except DeliveryRefused:
            return Profile(user)
        found = (answer or {}).get("user")
        if not isinstance(found, dict) or not found.get("id"):
            return Profile(user)
        profile = profile_of(found, self._account)
        return replace(profile, member=profile.member and self._own)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
