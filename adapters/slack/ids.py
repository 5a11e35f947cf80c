"""How Slack's ids stand in ours.

A message is `CHANNEL:TS`, since a `ts` is unique in its channel only; a thread is named by its root message. The direct
messages with a person are the room named by their user id: a workspace has one such room for each. What a person asked
with `/ask` is a thread of that room, `ask:CHANNEL:TRIGGER`, until its first message is posted there; so is, of a
channel, what the desk says there first and at length below.
"""

from dataclasses import dataclass
from uuid import UUID

from bot.model.messages import ConversationRef

PLATFORM = "slack"
ASKED = "ask"
OURS = "guichet"
HOME = "home"  # stands for the App Home where a channel is meant: nobody else is there


@dataclass(frozen=True, slots=True)
class At:
    """Where one message stands."""

    channel: str
    ts: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}"

    @classmethod
    def of(cls, native_id: str) -> "At":
        """Raises ValueError for what is no message's id."""
        channel, _, ts = native_id.partition(":")
        if not channel or not ts or ":" in ts:
            raise ValueError(f"no message of Slack's: {native_id!r}")
        return cls(channel, ts)


@dataclass(frozen=True, slots=True)
class Asked:
    """A thread without a root yet: of a question put with `/ask`, in the direct messages with who asked, its answer
    shown in `channel`; or begun by the desk in `channel`, where `trigger` is a name."""

    channel: str
    trigger: str

    def __str__(self) -> str:
        return f"{ASKED}:{self.channel}:{self.trigger}"

    @classmethod
    def of(cls, thread: str | None) -> "Asked | None":
        kind, _, rest = (thread or "").partition(":")
        channel, _, trigger = rest.partition(":")
        return cls(channel, trigger) if kind == ASKED and channel and trigger else None


def is_person(room: str) -> bool:
    """Whether a room is the direct messages with a person, named by their user id."""
    return room[:1] in ("U", "W")


def channel_room(account: str, channel: str, root: str | None = None) -> ConversationRef:
    """A channel, or the thread under the message `root` (a `ts`) in it."""
    return ConversationRef(PLATFORM, account, channel, str(At(channel, root)) if root else None)


def person_room(account: str, user: str, thread: At | Asked | None = None) -> ConversationRef:
    """The direct messages with a person, or a thread in them."""
    return ConversationRef(PLATFORM, account, user, str(thread) if thread else None)


def block_id(delivery: UUID, number: int) -> str:
    """The id of a block of a delivery: by it the post is found again, and a press tells what showed its button."""
    return f"{OURS}:{delivery}:{number}"


def delivery_of(block: object) -> UUID | None:
    """The delivery that a block belongs to; None for a block that is none of ours."""
    ours, _, rest = block.partition(":") if isinstance(block, str) else ("", "", "")
    try:
        return UUID(rest.partition(":")[0]) if ours == OURS else None
    except ValueError:
        return None
