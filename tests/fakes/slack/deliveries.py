"""How the app is told: events with their copies and repetitions, and interactions that want an answer in three seconds.

Which way they go (sockets or signed requests) is the carrier's, who says whether, when and how it was acknowledged.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.fakes.slack.faults import Faults
from tests.fakes.slack.state import Channel, Installation, Json, State

# Who is told of what, and which scope that takes.
SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "app_home_opened": "",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "channel_rename": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_left": "groups:read",
    "team_join": "users:read",
    "user_change": "users:read",
    "app_uninstalled": "",
    "tokens_revoked": "",
}
MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


@dataclass(frozen=True, slots=True)
class Ack:
    """What came of one delivery. `seconds` until it was acknowledged; None if it was not, and `reason` says why."""

    kind: str  # events_api, interactive, slash_commands
    what: str  # the event's or interaction's type
    attempt: int
    seconds: float | None
    payload: Json = field(default_factory=dict)  # what came with the acknowledgement
    reason: str = ""
    replica: int = 0  # number of the socket it went over
    event_id: str = ""

    @property
    def ok(self) -> bool:
        return self.seconds is not None


class Carrier(Protocol):
    """`start` puts it on its way at once, so that the order of calls is the order on the wire."""

    def start(self, kind: str, body: Json, attempt: int, reason: str) -> "asyncio.Future[Ack]": ...


@dataclass
class Deliveries:
    """`lost` are the events that nobody took; `waits` the seconds between two attempts. `keeps`: what a server had not
    delivered when it went is delivered when it is back, as Slack does over HTTP; on sockets it is lost."""

    state: State
    faults: Faults
    carrier: Carrier
    events: Iterable[str]  # subscribed to
    keeps: bool = False
    running: bool = False
    waits: tuple[float, ...] = (0.2, 1.0, 3.0)
    acks: list[Ack] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)  # every event, once
    lost: list[Json] = field(default_factory=list)
    unsubscribed: list[str] = field(default_factory=list)  # what the app is not told, for want of event or scope
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def pending(self) -> int:
        """Events on their way."""
        return len(self._tasks)

    def emit(self, installation: Installation, event: Json, subscription: str, channel: Channel | None = None) -> None:
        """Tell one workspace's app of an event, as often and as long as the faults and its silence have it."""
        needed = SCOPES[subscription]
        if subscription not in self.events or (needed and needed not in installation.scopes):
            self.unsubscribed.append(subscription)
            return
        event_id = self.state.new_id("Ev")
        body = {
            "token": "verification-token",
            "team_id": installation.team,
            "context_team_id": installation.team,
            "context_enterprise_id": None,
            "api_app_id": self.state.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": installation.team,
                    "user_id": installation.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": f"4-{event_id}",
        }
        self.sent.append(body)
        if not self.running:
            self._miss(body)
            return
        first = self.carrier.start("events_api", body, 0, "")
        self.keep(self._see_through(body, first))
        for number in range(1, self.faults.copies):
            self.faults.happened["copies"] += 1
            self.keep(self._copy(body, self.faults.dice.random() * self.faults.copies_within * number))

    async def interact(self, kind: str, body: Json) -> Ack:
        """A press, a submitted form, a command: sent once, with the answer or the lack of one."""
        ack = await self.carrier.start(kind, body, 0, "")
        self.acks.append(ack)
        return ack

    async def _copy(self, body: Json, after: float) -> None:
        await asyncio.sleep(after)
        await self._see_through(body, self.carrier.start("events_api", body, 0, ""))

    async def _see_through(self, body: Json, first: "asyncio.Future[Ack]", attempted: int = 0) -> None:
        """Until it is acknowledged or given up. What nobody is there to hear is not tried again, as with Slack."""
        try:
            ack = await first
            self.acks.append(ack)
            for attempt, wait in enumerate(() if ack.reason == "nobody_listens" else self.waits, attempted + 1):
                if ack.ok:
                    break
                await asyncio.sleep(wait)
                self.faults.happened["redelivered"] += 1
                ack = await self.carrier.start("events_api", body, attempt, ack.reason)
                self.acks.append(ack)
        except asyncio.CancelledError:
            self._miss(body)
            raise
        if not ack.ok:
            self.lost.append(body)

    def _miss(self, body: Json) -> None:
        """The server is gone before the event was acknowledged."""
        (self.state.kept if self.keeps else self.lost).append(body)

    def begin(self) -> None:
        self.running = True
        kept, self.state.kept = self.state.kept, []
        for body in kept:
            self.keep(self._see_through(body, self.carrier.start("events_api", body, 1, "http_timeout"), 1))

    def keep(self, work: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        self.running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
