"""What the fake Mastodon knows: accounts, posts, who follows, blocks and mutes whom. It can be pickled."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tests.fakes.mastodon.ids import order

Json = dict[str, Any]
Visibility = Literal["public", "unlisted", "private", "direct"]
Pair = tuple[str, str]  # accounts: who, whom


@dataclass
class Account:
    """`domain` is None for an account of this server's own. `policy`: what it wants to be told of, by reason."""

    id: str
    username: str
    domain: str | None
    display_name: str
    created: datetime
    note: str = ""
    bot: bool = False
    locked: bool = False
    limited: bool = False  # silenced by the moderators
    suspended: bool = False
    language: str | None = None
    privacy: Visibility = "public"
    discoverable: bool = True
    fields: list[tuple[str, str]] = field(default_factory=list)
    policy: dict[str, str] = field(default_factory=dict)
    permitted: set[str] = field(default_factory=set)  # whose notifications are never filtered
    followed_tags: set[str] = field(default_factory=set)
    markers: dict[str, Json] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)  # conversations

    @property
    def acct(self) -> str:
        return self.username if self.domain is None else f"{self.username}@{self.domain}"


@dataclass
class Media:
    id: str
    account: str
    kind: str  # image, video, audio, gifv
    mimetype: str
    name: str
    content: bytes
    ready: float  # time.time() from which it can be attached
    description: str | None = None
    focus: str | None = None
    status: str | None = None


@dataclass
class Poll:
    id: str
    options: list[str]
    expires: datetime
    multiple: bool = False
    votes: dict[str, list[int]] = field(default_factory=dict)  # by account


@dataclass
class Edit:
    """What a post said at one time."""

    text: str
    html: str
    spoiler: str
    sensitive: bool
    at: datetime
    media: list[str]


@dataclass
class Status:
    """One post, or a boost of one. `at` is the server's clock when it came to this server, `created` what its author's
    server says. `text` is what was written, `html` what is made of it."""

    id: str
    account: str
    text: str
    html: str
    visibility: Visibility
    created: datetime
    at: float
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    reply_to: str | None = None
    reply_account: str | None = None
    conversation: str = ""  # the first post's id
    mentions: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    poll: str | None = None
    boost_of: str | None = None
    edited: datetime | None = None
    edits: list[Edit] = field(default_factory=list)
    application: str | None = None
    key: str | None = None  # the Idempotency-Key it came with
    favourites: list[str] = field(default_factory=list)

    @property
    def parties(self) -> list[str]:
        return list(dict.fromkeys([self.account, *self.mentions]))


@dataclass
class Notification:
    id: str
    account: str  # who is told
    kind: str
    sender: str
    created: datetime
    status: str | None = None
    filtered: bool = False


@dataclass
class Request:
    """The filtered notifications of one sender."""

    id: str
    account: str
    sender: str
    created: datetime
    updated: datetime
    dismissed: bool = False


@dataclass
class Conversation:
    """The direct messages of one thread with the same people in it, as one of them has them."""

    id: str
    account: str
    others: list[str]
    thread: str
    last: str


@dataclass
class Application:
    id: str
    client_id: str
    client_secret: str
    name: str
    redirect_uris: list[str]
    scopes: list[str]
    website: str | None = None


@dataclass
class Token:
    """`gone`: revoked. `account` is None for an application's own."""

    token: str
    application: str
    account: str | None
    scopes: list[str]
    created: datetime
    gone: bool = False


@dataclass
class Code:
    """What an account's holder gave an application, to be changed for a token once."""

    application: str
    account: str
    redirect_uri: str
    scopes: list[str]
    at: float
    challenge: str | None = None
    used: bool = False


@dataclass
class Report:
    id: str
    by: str
    about: str
    statuses: list[str]
    comment: str
    category: str
    created: datetime
    forward: bool = False


@dataclass
class State:
    seed: int = 0
    bot: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)  # that stand, by id
    deleted: dict[str, Status] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)  # what stands, by account,
    below: dict[str, list[str]] = field(default_factory=dict)  # by what it answers,
    boosting: dict[str, list[str]] = field(default_factory=dict)  # by what it boosts
    media: dict[str, Media] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)  # by client id
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    emojis: dict[str, str] = field(default_factory=dict)  # address of the picture, by shortcode
    follows: set[Pair] = field(default_factory=set)
    asked: set[Pair] = field(default_factory=set)  # to follow a locked account
    blocks: set[Pair] = field(default_factory=set)
    mutes: dict[Pair, bool] = field(default_factory=dict)  # whether notifications are muted too
    muted_threads: set[Pair] = field(default_factory=set)  # account, conversation
    notes: dict[Pair, str] = field(default_factory=dict)
    bookmarks: set[Pair] = field(default_factory=set)  # account, status
    pinned: set[Pair] = field(default_factory=set)
    keys: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)  # status and time, by account and key
    counters: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def find(self, username: str, domain: str | None = None) -> Account | None:
        username, host = username.lower(), (domain or "").lower()
        for one in self.accounts.values():
            if one.username.lower() == username and (one.domain or "").lower() == host:
                return one
        return None

    def author(self, status: Status) -> Account:
        return self.accounts[status.account]

    def sorted(self) -> list[Status]:
        """What stands, the newest id first."""
        return sorted(self.statuses.values(), key=lambda one: order(one.id), reverse=True)

    def add(self, status: Status) -> None:
        self.statuses[status.id] = status
        for index, key in self._indexes(status):
            index.setdefault(key, []).append(status.id)

    def remove(self, status: Status) -> None:
        """Its replies hang from nothing then."""
        for index, key in self._indexes(status):
            index[key].remove(status.id)
        for one in self.below.pop(status.id, []):
            self.statuses[one].reply_to = None
        self.deleted[status.id] = self.statuses.pop(status.id)

    def _indexes(self, status: Status) -> list[tuple[dict[str, list[str]], str]]:
        found = ((self.written, status.account), (self.below, status.reply_to), (self.boosting, status.boost_of))
        return [(index, key) for index, key in found if key]

    def by(self, account: str) -> list[Status]:
        return [self.statuses[one] for one in self.written.get(account, [])]

    def replies(self, status: str) -> list[Status]:
        return sorted((self.statuses[one] for one in self.below.get(status, [])), key=lambda one: order(one.id))

    def boosts(self, status: str) -> list[Status]:
        return [self.statuses[one] for one in self.boosting.get(status, [])]

    def hides(self, one: str, other: str) -> bool:
        """Either blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def may_see(self, viewer: str | None, status: Status) -> bool:
        """What an account may be shown; None: anybody, without an account."""
        if status.account == viewer:
            return True
        if self.accounts[status.account].suspended or (viewer and (status.account, viewer) in self.blocks):
            return False
        if status.visibility in ("public", "unlisted"):
            return True
        if viewer is None:
            return False
        return viewer in status.mentions or (
            status.visibility == "private" and (viewer, status.account) in self.follows
        )

    def ancestors(self, status: Status) -> list[Status]:
        """From the first to the one it answers; the chain ends where a post was deleted."""
        found: list[Status] = []
        while status.reply_to and (above := self.statuses.get(status.reply_to)):
            found.append(above)
            status = above
        return found[::-1]

    def descendants(self, status: Status) -> Iterator[Status]:
        for one in self.replies(status.id):
            yield one
            yield from self.descendants(one)

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
