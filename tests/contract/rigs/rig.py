"""What a platform must offer so that its adapter can be put through the contract suite.

A rig stands where the platform's people and servers stand: it types, presses and looks at what arrived. It drives the
real adapter, with the platform's real wire (a server of ours, a pipe) and never a patched client library.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.model.messages import ConversationRef, Incoming, IncomingClick, IncomingMessage
from bot.ports.adapters import ChatAdapter


@dataclass(frozen=True, slots=True)
class Post:
    """One thing that people see on the platform: one line of text a line, mark-up and wrapping taken away."""

    conversation: ConversationRef
    text: str
    buttons: tuple[str, ...] = ()  # labels
    edited: bool = False
    repeated: bool = False


class RecordingInbox:
    """An inbox that keeps what it is given, each key once."""

    def __init__(self) -> None:
        self.events: list[Incoming] = []

    async def receive(self, *events: Incoming) -> int:
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

    async def user_presses(self, label: str) -> IncomingClick:
        """The person presses that button of the latest post that has buttons, where they talk."""
        ...

    def posts(self) -> list[Post]:
        """What can be seen, in order. Where an edit changes what stands there, the post as it is now; where it cannot,
        one post more."""
        ...

    def harm(self) -> list[str]:
        """What the platform would have done beyond showing text: escape sequences, mentions of everybody, …"""
        ...


@dataclass(frozen=True, slots=True)
class RigKind:
    """How to open one. `adapter` tells which capabilities it declares, before one is opened."""

    name: str
    adapter: type[ChatAdapter]
    open: Callable[[Path], AbstractAsyncContextManager[Rig]]
