"""One chat platform, and what else it may be able to do. Vendor types and vendor errors stop in the adapter."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from bot.model.documents import Document
from bot.model.forms import Form
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, Incoming, IncomingClick, IncomingFile, Quoted
from bot.model.values import Audience, Language

ExternalId = str
Clock = Callable[[], datetime]  # aware, UTC


class Inbox(Protocol):
    """Where an adapter puts what it hears. Only when `receive` has returned may the platform be acknowledged."""

    async def receive(self, *events: Incoming) -> int:
        """Store what is not known yet, in order and in one transaction; return how many were new."""
        ...


class ReadInbox(Inbox, Protocol):
    """The Inbox of an adapter that reads a platform page by page."""

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        """`reached`: how far the platform was read, kept in the same transaction under names that `Memory` recalls."""
        ...


class ChatAdapter(Protocol):
    """One platform, on one or more accounts."""

    platform: str

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts it can deliver to at present."""
        ...

    async def run(self, inbox: ReadInbox) -> None:
        """Listen until cancelled, or until the platform has no more to say."""
        ...

    async def send(self, delivery: Delivery) -> ExternalId:
        """Post, or edit when `delivery.replaces` is set; return the platform's id of the message.

        Raises a DeliveryError; OutcomeUnknown only if the call may have gone through.
        """
        ...


@runtime_checkable
class Edits(Protocol):
    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None: ...

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None: ...


@runtime_checkable
class Reacts(Protocol):
    """`cue` is a name of ours (working, delivered, undelivered); the adapter knows its emoji."""

    async def react(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None: ...

    async def unreact(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None: ...


class Memory(Protocol):
    """What an adapter keeps beyond its process, for every replica: short strings without personal data, by name.

    Every method raises StorageUnavailable when the database cannot be reached.
    """

    async def recall(self, name: str) -> str | None: ...

    async def keep(self, name: str, value: str) -> None:
        """The last to keep a name wins."""
        ...

    async def kept(self, prefix: str) -> dict[str, str]:
        """What is kept under all names that start so."""
        ...

    async def forget(self, name: str) -> None: ...


class SharedFiles(Protocol):
    """The files that documents name, by the id that they have there."""

    async def content(self, id: UUID) -> bytes | None:
        """None while it is on its way. Raises FileRefused for one that cannot be had, StorageUnavailable."""
        ...


class Reception(Protocol):
    """What an adapter may ask the desk while somebody waits. It looks things up and changes nothing.

    Every method raises StorageUnavailable when the database cannot be reached.
    """

    async def form_of(self, click: IncomingClick) -> Form | None:
        """The form that a press opens, filled in, in the language of who pressed; None if it opens none, or they may
        not: then the press goes to the inbox like any other."""
        ...

    async def new_ticket_form(self, author: Identity, quoted: Quoted | None = None, text: str = "") -> Form:
        """With the words of a message that it is opened on, or `text`, what was typed before it was opened."""
        ...

    async def problems_in(self, form: str, values: Mapping[str, str], author: Identity) -> dict[str, str]:
        """What is wrong with what was written, by field, in the author's language; empty if it can be taken."""
        ...

    async def home(self, author: Identity, audience: Audience = Audience.PUBLIC) -> Document:
        """Their tickets and who acts next, the last answers, and the announced problems, in their language.

        `audience`: what they may read, who read it alone.
        """
        ...

    async def language_of(self, author: Identity) -> Language: ...

    async def knows(self, conversation: ConversationRef) -> bool:
        """Whether the desk has spoken there."""
        ...

    async def whose(self, conversation: ConversationRef) -> str | None:
        """The native id of the person whose question is spoken of there."""
        ...

    async def live_threads(self, platform: str, account: str, since: datetime) -> list[ConversationRef]:
        """Threads in which something was said since then, or that belong to a ticket that is not closed."""
        ...


@runtime_checkable
class Introduces(Protocol):
    """For platforms whose events must be acknowledged before there is time to ask who sent them."""

    async def introduce(self, event: Incoming) -> Incoming | None:
        """The event with what the platform knows of its author, of who reads the room, and of what it quotes; None if
        it is nothing that the desk should hear.

        Called before the event is handled, outside any transaction. Raises PlatformUnavailable to be asked again.
        """
        ...


@runtime_checkable
class KnowsDeskMembers(Protocol):
    async def is_at_desk(self, person: Identity) -> bool | None:
        """Whether somebody is a full member and in a room of the desk's; None where that cannot be told, or does not
        matter. Raises PlatformUnavailable."""
        ...


@runtime_checkable
class OpensForms(Protocol):
    async def open_form(self, trigger: str, form: Form) -> None:
        """`trigger` is what the platform gave with a press, and is soon worth nothing. Raises a DeliveryError."""
        ...


@runtime_checkable
class LinksTo(Protocol):
    async def link_to(self, message: ExternalId) -> str | None:
        """The address at which what was posted is read; None where that cannot be told now."""
        ...


@runtime_checkable
class SendsPrivately(Protocol):
    async def private_room(self, person: Identity) -> ConversationRef:
        """The room in which the bot and this person are alone."""
        ...


@runtime_checkable
class TransfersFiles(Protocol):
    def fetch(self, file: IncomingFile) -> AsyncIterator[bytes]: ...

    async def upload(self, conversation: ConversationRef, name: str, content: bytes) -> ExternalId: ...


@runtime_checkable
class CatchesUp(Protocol):
    async def catch_up(self, inbox: Inbox, since: datetime) -> int:
        """Read what was said while nobody listened; return how many events were new."""
        ...


@runtime_checkable
class Polls(Protocol):
    async def poll(self, inbox: Inbox) -> int:
        """Ask the platform for news once; return how many events were new."""
        ...


@runtime_checkable
class WatchesHashtags(Protocol):
    async def poll_hashtags(self, inbox: ReadInbox) -> int:
        """Ask once for posts with the hashtags that are watched; return how many were new. Raises a DeliveryError."""
        ...


@runtime_checkable
class FindsPosted(Protocol):
    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        """Whether a delivery of unknown outcome arrived after all: its id on the platform, or None if surely not.

        Raises PlatformUnavailable when that cannot be told now, RateLimited when it can in some seconds.
        """
        ...
