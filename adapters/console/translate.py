"""A line that was typed, made into what the desk hears: pure functions."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adapters.console.safe import clean
from adapters.console.speaker import PLATFORM, Speaker
from bot.model.documents import Button
from bot.model.ids import new_id
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingMessage, MessageKey
from bot.model.values import Audience

LONGEST = 6_000  # characters passed on: more than the desk accepts, so that the desk is the one who says so

_ENDS = frozenset({"/quit", "/exit"})
_SWITCHES = {
    "employee": Speaker.EMPLOYEE,
    "employé": Speaker.EMPLOYEE,
    "employe": Speaker.EMPLOYEE,
    "technician": Speaker.TECHNICIAN,
    "technicien": Speaker.TECHNICIAN,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """The buttons last shown in a room, and by which message."""

    message: str  # external id
    buttons: tuple[Button, ...]
    delivery: UUID | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    pass


@dataclass(frozen=True, slots=True)
class Switch:
    """`/as`; without a speaker it was not understood."""

    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class Press:
    button: Button
    delivery: UUID | None


@dataclass(frozen=True, slots=True)
class Say:
    text: str


def read(line: str, offer: Offer | None) -> Quit | Switch | Press | Say | None:
    """What a line means at this console; None for an empty one. Commands of the desk are text like any other."""
    text = clean(line).strip()[:LONGEST]
    words = text.casefold().split()
    if not words:
        return None
    if len(words) == 1 and words[0] in _ENDS:
        return Quit()
    if words[0] == "/as":
        return Switch(_SWITCHES.get(words[1]) if len(words) == 2 else None)
    if offer and text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= len(offer.buttons):
        return Press(offer.buttons[int(text) - 1], offer.delivery)
    return Say(text)


def event(
    said: Press | Say, conversation: ConversationRef, author: Identity, at: datetime
) -> IncomingMessage | IncomingClick:
    """With a fresh native id: every line is a message of its own, also when it says the same."""
    key = MessageKey(PLATFORM, conversation.account, "message", str(new_id()))
    if isinstance(said, Say):
        return IncomingMessage(key, conversation, author, said.text, at, private=True, audience=Audience.INTERNAL)
    return IncomingClick(
        replace(key, kind="click"),
        conversation,
        author,
        said.button.action,
        said.button.value,
        at,
        audience=Audience.INTERNAL,
        delivery=said.delivery,
    )
