"""What comes in: a platform's events, translated. Platform ids are strings and are never compared as numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.model.values import Audience, Language


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Where a reply goes: a room of an account on a platform, and a thread if there is one."""

    platform: str
    account: str  # workspace, guild, instance or terminal
    room: str
    thread: str | None = None

    @property
    def key(self) -> str:
        """One string for the conversation: what is serialised, and what orders deliveries."""
        return "\x1f".join((self.platform, self.account, self.room, self.thread or ""))


@dataclass(frozen=True, slots=True)
class MessageKey:
    """The message itself, never its delivery: twins of one message share it, an edit has another revision."""

    platform: str
    account: str
    kind: str  # message, click, deletion
    native_id: str
    revision: str = ""

    def __str__(self) -> str:
        return "\x1f".join((self.platform, self.account, self.kind, self.native_id, self.revision))


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as one platform knows them. `email` is there only if the platform vouches for it."""

    platform: str
    account: str
    native_id: str
    name: str = ""
    email: str | None = None
    locale: str | None = None  # BCP 47, such as fr or en-GB
    timezone: str | None = None  # IANA, such as Europe/Paris
    guest: bool = False


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with a message; its bytes stay on the platform until they are fetched.

    Where the adapter took them itself, `stored_as` names them in the file store, or `problem` says why it did not.
    """

    native_id: str
    name: str
    media_type: str
    size: int
    url: str = ""
    stored_as: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    key: MessageKey
    conversation: ConversationRef
    author: Identity
    text: str  # plain text, platform mark-up already translated
    sent_at: datetime  # aware, UTC
    private: bool = False  # nobody else reads the room
    mentioned: bool = False  # the text addresses the bot by name
    audience: Audience = Audience.PUBLIC  # of the least privileged reader of the room
    language: Language | None = None  # wanted by the caller; otherwise detected
    files: tuple[IncomingFile, ...] = ()
    masked: tuple[str, ...] = ()  # kinds of secrets that were masked before the message was stored
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class IncomingClick:
    """A button pressed. `action` and `value` are those of the Button that was sent."""

    key: MessageKey
    conversation: ConversationRef
    author: Identity
    action: str
    value: str
    sent_at: datetime
    audience: Audience = Audience.PUBLIC
    delivery: UUID | None = None  # the delivery that showed the button, where the platform returns it
    type: Literal["click"] = "click"


@dataclass(frozen=True, slots=True)
class IncomingDeletion:
    """The author took a message back; `message` is the key the message came with, whatever its revision."""

    key: MessageKey
    conversation: ConversationRef
    author: Identity
    message: str  # native id
    sent_at: datetime
    type: Literal["deletion"] = "deletion"


Incoming = IncomingMessage | IncomingClick | IncomingDeletion


@dataclass(frozen=True, slots=True)
class Entities:
    """What a message names. Each value as the person wrote it, without repetition."""

    devices: tuple[str, ...] = ()  # models, such as LX-420
    error_codes: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()

    def merged(self, other: "Entities") -> "Entities":
        """Both together, each value once, in the order of first mention."""
        return Entities(
            *(
                tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name))))
                for name in ("devices", "error_codes", "serials", "phones", "emails", "applications")
            )
        )


@dataclass(frozen=True, slots=True)
class MaskedSecret:
    """A secret that was pasted by mistake and is no longer in the text. `kind`: password, token, card, key."""

    kind: str


@dataclass(frozen=True, slots=True)
class MaskedText:
    text: str
    secrets: tuple[MaskedSecret, ...] = field(default=())
