"""What comes in: a platform's events, translated. Platform ids are strings and are never compared as numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.model.public import Post
from bot.model.values import Audience, Language

PUBLIC_ROOM = "public"  # the room, on every platform that has one, of threads that anybody reads; ids never look so


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Where a reply goes: a room of an account on a platform, and a thread if there is one."""

    platform: str
    account: str  # workspace, guild, instance or terminal
    room: str
    thread: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it: what is said there is a public reply."""
        return self.room == PUBLIC_ROOM

    @property
    def key(self) -> str:
        """One string for the conversation: what is serialised, and what orders deliveries."""
        return "\x1f".join((self.platform, self.account, self.room, self.thread or ""))


@dataclass(frozen=True, slots=True)
class MessageKey:
    """The message itself, never its delivery: twins of one message share it, an edit has another revision."""

    platform: str
    account: str
    kind: str  # message, click, deletion, reaction, form
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
    at_desk: bool | None = None  # a member of the desk's room on that platform; None where nobody asked


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
    alternative: str = ""  # of a picture, what it shows, as its sender says: plain text
    sensitive: bool = False  # its sender shows it to nobody who does not want to see it


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
    quiet: bool = False  # the answer is for the author alone, although others read the room
    markable: bool = False  # an emoji on the message can say what became of it
    caught_up: bool = False  # read in the platform's history, after a time in which nobody listened
    introduced: bool = True  # False: the platform is still to be asked who the author is and who reads the room
    link: str | None = None  # a permanent address of the message
    as_post: bool = False  # what it says is told as of a post, whoever reads it
    post: Post | None = None  # of what was published for others to read
    numbered: bool = False  # where it was written buttons are numbers: a number alone presses one
    answers: str | None = None  # native id of the message that it replies to, where the platform tells
    wants_ticket: bool = False  # it is a request for a ticket, whatever the words say
    # Of a quiet question: the room in which it was put, where its answer may be shared, and who reads there.
    asked_in: ConversationRef | None = None
    asked_among: Audience = Audience.PUBLIC
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
    introduced: bool = True
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


@dataclass(frozen=True, slots=True)
class Said:
    """One line of what was said around a message. `name`: who said it."""

    name: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Quoted:
    """A message, perhaps of somebody else, that an event is about. What the platform is still to be asked is empty.

    `conversation` is where its author reads an answer: the thread under it, or, where the desk cannot write, the room
    in which the author is alone with it. `thread`: what was said in its thread, in order, itself left out.
    """

    native_id: str
    conversation: ConversationRef
    author: Identity | None = None
    text: str = ""
    sent_at: datetime | None = None
    link: str | None = None  # a permanent address of the message
    audience: Audience = Audience.PUBLIC  # of its author where it stands
    files: tuple[IncomingFile, ...] = ()
    thread: tuple[Said, ...] = ()


# What a reaction asks for: a ticket for the message's author; or, of a ticket in the desk, what the buttons do.
ReactionCue = Literal["ticket", "claim", "resolve", "urgent"]


@dataclass(frozen=True, slots=True)
class IncomingReaction:
    """An emoji that means something was put on a message."""

    key: MessageKey  # its revision tells two times apart
    conversation: ConversationRef  # that the message is part of: its thread, or the thread that hangs from it
    author: Identity  # who reacted
    cue: ReactionCue
    quoted: Quoted
    sent_at: datetime
    audience: Audience = Audience.PUBLIC
    introduced: bool = True
    type: Literal["reaction"] = "reaction"


@dataclass(frozen=True, slots=True)
class IncomingForm:
    """A form that was filled in and sent. `form` is its name, `values` are by the names of its fields.

    What came of it is said in `conversation`, to the author alone. `quoted`: the message that the form was opened on.
    """

    key: MessageKey
    conversation: ConversationRef
    author: Identity
    form: str
    values: dict[str, str]
    sent_at: datetime
    subject: str = ""  # a ticket's reference, where the form is about one
    quoted: Quoted | None = None
    audience: Audience = Audience.PUBLIC
    masked: tuple[str, ...] = ()  # kinds of secrets that were masked before the form was stored
    introduced: bool = True
    type: Literal["form"] = "form"


Incoming = IncomingMessage | IncomingClick | IncomingDeletion | IncomingReaction | IncomingForm


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
