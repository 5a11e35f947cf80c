"""What a platform must offer so that its adapter can be put through the contract suite.

A rig stands where the platform's people and servers stand: it types, presses and looks at what arrived. It drives the
real adapter, with the platform's real wire (a server of ours, a pipe) and never a patched client library.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.model.messages import ConversationRef, Incoming, IncomingClick, IncomingForm, IncomingMessage
from bot.ports.adapters import ChatAdapter, ExternalId


@dataclass(frozen=True, slots=True)
class Post:
    """One thing that people see on the platform: one line of text a line, mark-up and wrapping taken away."""

    conversation: ConversationRef
    text: str
    buttons: tuple[str, ...] = ()  # labels
    edited: bool = False
    repeated: bool = False


class RecordingInbox:
    """An inbox that keeps what it is given, each key once, and how far was read."""

    def __init__(self) -> None:
        self.events: list[Incoming] = []
        self.reached: dict[str, str] = {}

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        if reached:
            self.reached |= reached
        known = {event.key for event in self.events}
        new = [event for event in events if event.key not in known]
        self.events += new
        return len(new)


class Rig(Protocol):
    @property
    def adapter(self) -> ChatAdapter:
        """Listening already."""
        ...

    @property
    def inbox(self) -> RecordingInbox: ...

    @property
    def desk(self) -> ConversationRef:
        """A conversation other than the asker's, to which the adapter can deliver."""
        ...

    @property
    def hostile(self) -> Sequence[str]:
        """Texts that would do something on this platform if they were passed on as they are."""
        ...

    async def user_says(self, text: str) -> IncomingMessage:
        """A person writes; return what the adapter made of it."""
        ...

    def posts(self) -> list[Post]:
        """What can be seen, in order. Where an edit changes what stands there, the post as it is now; where it cannot,
        one post more."""
        ...

    def harm(self) -> list[str]:
        """What the platform would have done beyond showing text: escape sequences, mentions of everybody, …"""
        ...


# What a rig offers besides, where its platform has it.


@runtime_checkable
class PressesButtons(Protocol):
    async def user_presses(self, label: str) -> IncomingClick:
        """The person presses that button of the latest post that has buttons, where they talk."""
        ...


@runtime_checkable
class LosesAnswers(Protocol):
    """The next call that posts something meets with this."""

    def lose_answer(self) -> None:
        """It takes effect, and its answer never comes."""
        ...

    def lose_call(self) -> None:
        """It never arrives, which cannot be told from a lost answer."""
        ...

    def refuse_with_rate_limit(self, retry_after: float) -> float:
        """For that many seconds. Return how many the adapter is to wait, or one more: others, where the platform does
        not tell."""
        ...


@runtime_checkable
class ShowsCues(Protocol):
    def cues(self, message: ExternalId) -> set[str]:
        """The cues that stand at a message at present, by our names for them."""
        ...


@runtime_checkable
class ShowsForms(Protocol):
    async def user_gets_trigger(self, label: str) -> str:
        """The person presses that button; return what the platform gave with the press."""
        ...

    def form(self) -> tuple[str, dict[str, str]]:
        """The title of the form that the person sees, and its fields: what stands in each, by label."""
        ...

    async def user_submits(self, values: dict[str, str]) -> IncomingForm:
        """The person fills in some fields, by label, and sends the form."""
        ...


@runtime_checkable
class KnowsReaders(Protocol):
    def readers(self, conversation: ConversationRef) -> set[str]:
        """The native ids of the people who can read there."""
        ...


@runtime_checkable
class CarriesFiles(Protocol):
    async def user_sends(self, text: str, name: str, content: bytes) -> IncomingMessage:
        """A person writes, with a file."""
        ...

    def files(self, conversation: ConversationRef) -> list[tuple[str, bytes]]:
        """Names and bytes of the files that the bot put there."""
        ...


@runtime_checkable
class MissesMessages(Protocol):
    async def user_says_unheard(self, text: str) -> datetime:
        """A person writes while the platform tells the adapter nothing; return when that was."""
        ...


@runtime_checkable
class KeepsStrangers(Protocol):
    """Its inbox introduces what it is given, as the desk does before it handles an event."""

    def heard(self) -> list[Incoming]:
        """The same events as they came."""
        ...


@dataclass(frozen=True, slots=True)
class RigKind:
    """How to open one. `adapter` tells which capabilities it declares, and `rig` what can be tried on it, before one is
    opened. `in_part`: of a server like another that everything is tried on, so that only that is which such servers do
    in their own ways."""

    name: str
    adapter: type[ChatAdapter]
    rig: type[Rig]
    open: Callable[[Path], AbstractAsyncContextManager[Rig]]
    in_part: bool = False
