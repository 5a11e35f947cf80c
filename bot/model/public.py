"""What is said in public: posts that were heard, what the desk may say for anybody to read, and who wants no word."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.values import Language, Sentiment, Urgency

# Who may read a post, the widest first: anybody, listed; anybody; the author's followers; those it names.
Reach = Literal["public", "unlisted", "private", "direct"]
REACHES: tuple[Reach, ...] = ("public", "unlisted", "private", "direct")

# How a post was found: it names the account; it has a watched hashtag.
FoundBy = Literal["mention", "hashtag"]

# What became of a post. `seen`: nothing is said to it; `held`: a reply waits for approval; `approved`: it is on its
# way; `answered`: it stands, or goes out by itself; `left`: a technician left it; `withdrawn`: its author took it back
# before that.
PostState = Literal["seen", "held", "approved", "answered", "left", "withdrawn"]


def narrowest(*reaches: Reach) -> Reach:
    """The one that the fewest people read."""
    return max(reaches, key=REACHES.index)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a public thread. `ours`: the account wrote it."""

    handle: str  # ada@example.social
    text: str
    sent_at: datetime
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What the platform tells of a message that was published."""

    found_by: FoundBy
    reach: Reach
    root: str  # native id of the post that its thread begins with; its own where it begins one
    handle: str  # its author's, with the host: ada@example.social
    in_reply_to: str | None = None
    tags: tuple[str, ...] = ()  # in lower case, without #
    warning: str = ""  # its content warning, which an answer repeats
    thread: tuple[Line, ...] = ()  # what was said before it, from the root
    by_bot: bool = False
    no_bots: bool = False  # its author asks programs not to write to them (#nobot)
    unwanted: bool = False  # the account blocks or mutes its author, or they the account


@dataclass(frozen=True, slots=True)
class PublicTarget:
    """What a public reply answers, and how far it may reach. Nobody but the author is mentioned."""

    post: str  # native id
    handle: str
    reach: Reach
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A post that was heard and what came of it. `text` has its secrets masked and is empty once it was taken back.

    `number`, a reference like P12, is there once a reply was held. `token` is what a public link to it ends in.
    """

    platform: str
    account: str
    native_id: str
    root: str
    handle: str
    person_id: UUID
    conversation_id: UUID
    found_by: FoundBy
    reach: Reach
    text: str
    language: Language
    sent_at: datetime
    seen_at: datetime
    message_id: UUID  # the Message that it is
    token: str
    link: str | None = None
    warning: str = ""
    complaint: bool = False
    urgency: Urgency = Urgency.LOW
    sentiment: Sentiment = Sentiment.NEUTRAL
    because: str = ""  # the rule that decided
    state: PostState = "seen"
    number: int | None = None
    reply: Document | None = None  # as held, approved or sent
    edited: bool = False  # a technician wrote the reply
    cards: tuple[UUID, ...] = ()  # Messages that show it in the desk's rooms
    held_at: datetime | None = None
    reminded_at: datetime | None = None  # the desk, that it still waits
    decided_at: datetime | None = None
    decided_by: UUID | None = None  # Person
    replied_at: datetime | None = None  # put into the outbox
    reply_id: UUID | None = None  # the Message of the reply
    reply_link: str | None = None  # where it stands
    opened_at: datetime | None = None  # its link, first
    verified_at: datetime | None = None  # that who opened it is its author, first
    ticket_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0

    @property
    def reference(self) -> str:
        return f"P{self.number}" if self.number else ""

    @property
    def target(self) -> PublicTarget:
        return PublicTarget(self.native_id, self.handle, self.reach, self.warning)


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who said stop: nothing is written to them that they did not ask for since."""

    platform: str
    account: str
    native_id: str  # theirs
    since: datetime
    id: UUID = field(default_factory=new_id)
    version: int = 0
