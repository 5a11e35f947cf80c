"""What the fake Slack knows: workspaces, people, channels, messages. It can be pickled."""

import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["channel", "private", "im", "mpim"]


@dataclass
class Team:
    id: str
    name: str
    domain: str


@dataclass
class User:
    """`locale` and `tz` are as Slack has them: `fr-FR`, `Europe/Paris`. `team` is where the account is."""

    id: str
    team: str
    name: str  # the handle
    real_name: str
    email: str | None = None
    locale: str = "en-US"
    tz: str = "Europe/London"
    is_bot: bool = False
    bot_id: str | None = None
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    is_workflow_bot: bool = False
    deleted: bool = False
    display_name: str = ""
    home: Json | None = None  # the view that was published to them


@dataclass
class Upload:
    id: str
    name: str
    mimetype: str
    content: bytes = b""
    user: str = ""
    team: str = ""
    title: str = ""
    channels: list[str] = field(default_factory=list)
    awaited: int | None = None  # bytes announced for an upload that is still to come
    alternative: str = ""


@dataclass
class Message:
    """One message. `at` and `edited_at` are the server's clock (time.time()) when it was written."""

    ts: str
    channel: str
    user: str
    text: str
    team: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    subtype: str | None = None
    metadata: Json | None = None
    edited_ts: str | None = None
    edited_by: str = ""
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None  # only this user sees it, and the Web API never shows it
    at: float = field(default_factory=time.time)
    edited_at: float | None = None
    arguments: Json = field(default_factory=dict)  # of the call that posted it

    @property
    def root(self) -> str:
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Channel:
    id: str
    team: str
    name: str
    kind: Kind = "channel"
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_ext_shared: bool = False
    is_org_shared: bool = False
    creator: str = ""
    topic: str = ""
    purpose: str = ""
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)  # by ts, in order
    ephemerals: list[Message] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)  # ts of the replies, by root

    @property
    def is_private(self) -> bool:
        return self.kind != "channel"

    @property
    def type(self) -> str:
        """What events call it."""
        return {"channel": "channel", "private": "group", "im": "im", "mpim": "mpim"}[self.kind]

    def add(self, message: Message) -> Message:
        self.messages[message.ts] = message
        if message.is_reply:
            assert message.thread_ts
            self.replies.setdefault(message.thread_ts, []).append(message.ts)
        return message

    def thread(self, root: str) -> list[Message]:
        """The replies under a message, in order."""
        return [self.messages[ts] for ts in self.replies.get(root, []) if ts in self.messages]


@dataclass
class Installation:
    """The app in one workspace. `gone`: what the Web API says to a token that is good no more."""

    team: str
    token: str
    bot_user: str
    bot_id: str
    scopes: list[str]
    installer: str = ""
    gone: str | None = None


@dataclass
class View:
    """A modal that somebody sees, or what they were shown in their Home tab."""

    id: str
    team: str
    user: str
    view: Json
    root: str
    previous: str | None = None
    hash: str = ""
    channel: str | None = None  # where the interaction was that opened it
    closed: bool = False


@dataclass
class State:
    seed: int = 0
    app_id: str = "A0FAKE00001"
    app_token: str = "xapp-1-A0FAKE00001-1-deadbeef"
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    client_id: str = "111.222"
    client_secret: str = "0123456789abcdef"
    app_name: str = "guichet"
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)  # by token
    counters: dict[str, int] = field(default_factory=dict)
    clock: int = 0  # microseconds of the last ts
    ahead: int = 0  # microseconds that this Slack's clock is before ours
    read_at: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, Any] = field(default_factory=dict)
    kept: list[Json] = field(default_factory=list)  # events that are still to be delivered
    notified: list[tuple[str, str, str, str]] = field(default_factory=list)  # by the app: channel, ts, mention, text

    def new_id(self, prefix: str) -> str:
        self.counters[prefix] = self.counters.get(prefix, 0) + 1
        return f"{prefix}0{self.seed % 100:02d}{self.counters[prefix]:07d}"

    def new_ts(self) -> str:
        """Now, and later than every one before."""
        self.clock = max(self.clock + 1, time.time_ns() // 1_000 + self.ahead)
        return f"{self.clock // 1_000_000}.{self.clock % 1_000_000:06d}"

    def team_of_token(self, token: str) -> Installation | None:
        return self.installations.get(token)

    def installed_in(self, team: str) -> Installation | None:
        """The installation of a workspace that still counts."""
        return next((one for one in self.installations.values() if one.team == team and not one.gone), None)

    def installed_for(self, channel: Channel) -> Iterator[Installation]:
        """Whose app is told what happens there: a shared channel belongs to several workspaces."""
        for one in self.installations.values():
            if not one.gone and one.bot_user in channel.members:
                yield one

    def by_name(self, team: str, name: str) -> Channel | None:
        wanted = name.removeprefix("#")
        return next((one for one in self.channels.values() if one.name == wanted and one.team == team), None)

    def direct(self, one: str, other: str) -> Channel:
        """The direct messages of two accounts, opened if they were not."""
        both = sorted((one, other))
        for channel in self.channels.values():
            if channel.kind == "im" and sorted(channel.members) == both:
                return channel
        team = self.users[one].team
        opened = Channel(self.new_id("D"), team, "", "im", [one, other], created=int(time.time()))
        self.channels[opened.id] = opened
        return opened

    def save(self, path: Path) -> None:
        """Whole, or not at all."""
        beside = path.with_suffix(".new")
        beside.write_bytes(pickle.dumps(self))
        beside.replace(path)

    @staticmethod
    def load(path: Path) -> "State":
        state = pickle.loads(path.read_bytes())
        assert isinstance(state, State)
        return state
