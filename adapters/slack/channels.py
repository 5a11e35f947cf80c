"""What a channel is, and who can read along in it."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.api import Api, forbidden_by
from adapters.slack.cache import Cache
from adapters.slack.people import profile_of
from adapters.slack.unanswered import may_not_ask, or_unknown
from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.model.values import Audience

SECONDS = 300.0  # for which what is known of a channel holds
MEMBERS_SECONDS = 60.0  # for which it is known who is in it
UNTOLD = 30.0  # seconds for which an answer waits for Slack to say who will read it
MOST = 5_000
PAGE = 200
MOST_PEOPLE = 20_000  # of a workspace or a channel; of larger ones nobody knows whether there are guests
SHARED = ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared", "is_global_shared")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """`shared`: people of other organisations read it, or may; also where nothing is known of it. `closed`: Slack says
    that the bot is not in it, or that there is no such channel for it."""

    id: str
    name: str = ""
    shared: bool = True
    private: bool = False
    member: bool = False  # whether the bot is in it
    archived: bool = False
    closed: bool = False


def channel_of(about: Mapping[str, Any]) -> Channel:
    """From a conversation object."""
    return Channel(
        id=str(about["id"]),
        name=str(about.get("name") or ""),
        shared=any(about.get(mark) for mark in SHARED) or bool(about.get("connected_team_ids")),
        private=bool(about.get("is_private")),
        member=bool(about.get("is_member")),
        archived=bool(about.get("is_archived")),
        closed=about.get("is_member") is False,
    )


class Channels:
    """The channels of one workspace. What is said in those of another than the desk's `own` is public."""

    def __init__(
        self, api: Api, account: str, clock: Callable[[], float] = time.monotonic, *, own: bool = True
    ) -> None:
        self._api = api
        self._account = account
        self._own = own
        self._clock = clock
        self._untold: dict[str, float] = {}  # channels, and since when nobody could tell who reads them
        self._about: Cache[str, Channel] = Cache(self._ask, SECONDS, MOST, clock)
        self._audience: Cache[str, Audience] = Cache(self._judge, SECONDS, MOST, clock)
        self._guests: Cache[str, frozenset[str] | None] = Cache(self._ask_guests, SECONDS, 1, clock)
        self._members: Cache[str, frozenset[str] | None] = Cache(self._ask_members, MEMBERS_SECONDS, MOST, clock)

    def name(self, channel: str) -> str:
        """The name, if it is known without asking."""
        found = self._about.known(channel)
        return found.name if found else ""

    async def get(self, channel: str) -> Channel:
        """Raises PlatformUnavailable."""
        return await self._about.get(channel)

    async def audience(self, channel: str) -> Audience:
        """Internal only where nobody but full members of the workspace is; public where that cannot be told.

        Raises PlatformUnavailable while it may be told in a moment: an answer that leaves out what the asker may read
        is worse than one that comes later.
        """
        if not self._own:
            return Audience.PUBLIC
        try:
            found = await self._audience.get(channel)
        except PlatformUnavailable as error:
            now = self._clock()
            since = self._untold.get(channel, now)
            self._untold[channel] = since = since if now - since < SECONDS else now
            if now - since < UNTOLD and not forbidden_by(error):
                raise
            log.warning("who reads channel %s cannot be told, so it counts as public: %s", channel, error)
            return Audience.PUBLIC
        self._untold.pop(channel, None)
        return found

    async def members(self, channel: str) -> frozenset[str] | None:
        """Everybody's user id; None where Slack does not tell. Raises PlatformUnavailable."""
        return await self._members.get(channel)

    async def _ask_members(self, channel: str) -> frozenset[str] | None:
        try:
            members = await self._all("conversations.members", "members", channel=channel)
        except PlatformUnavailable:
            if may_not_ask(self._api):
                return None
            raise
        return None if members is None else frozenset(map(str, members))

    async def _ask(self, channel: str) -> Channel:
        try:
            answer = await or_unknown(self._api, "conversations.info", channel=channel)
        except DeliveryRefused as error:
            return Channel(channel, closed="channel_not_found" in str(error))
        about = (answer or {}).get("channel")
        return channel_of(about) if isinstance(about, dict) and about.get("id") else Channel(channel)

    async def _judge(self, channel: str) -> Audience:
        if (await self.get(channel)).shared:
            return Audience.PUBLIC
        guests = await self._guests.get(self._account)
        if guests is None:
            return Audience.PUBLIC
        if guests:
            members = await self._all("conversations.members", "members", channel=channel)
            if members is None or not guests.isdisjoint(str(one) for one in members):
                return Audience.PUBLIC
        return Audience.INTERNAL

    async def _ask_guests(self, account: str) -> frozenset[str] | None:
        """Everybody in the workspace who is no full member; None if that cannot be told."""
        people = await self._all("users.list", "members")
        if people is None:
            return None
        profiles = (profile_of(one, account) for one in people if one.get("id") and not one.get("deleted"))
        return frozenset(one.id for one in profiles if not one.member and not one.bot)

    async def _all(self, method: str, of: str, **params: Any) -> list[Any] | None:
        """Everything on all pages; None where that is too much, or Slack does not tell."""
        found: list[Any] = []
        try:
            async for page in pages(self._api, method, of, PAGE * 5, **params):
                found += page
                if len(found) > MOST_PEOPLE:
                    return None
        except DeliveryRefused:
            return None
        except PlatformUnavailable as error:
            if forbidden_by(error) != "scope":
                raise
            return None
        return found


async def pages(api: Api, method: str, of: str, limit: int, **params: Any) -> AsyncIterator[list[Any]]:
    """What stands under `of`, page by page. Raises PlatformUnavailable or DeliveryRefused."""
    cursor = ""
    while True:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        answer = await api.read(method, limit=limit, **params, **more)
        yield list(answer.get(of) or ())
        last, cursor = cursor, str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor or cursor == last:
            return
