"""What the desk tells one technician alone: a ticket given to them, a hand-over, that nobody is there."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.conversations import Message
from bot.model.documents import Document
from bot.model.messages import ConversationRef
from bot.ports.storage import UnitOfWork

RECENT = timedelta(days=1)  # how long they stand on the page
MOST = 5  # shown at once
LOOKED_AT = 100  # messages of the room, which holds the answers to what they did, too

_REFERENCE = re.compile(r"\bT(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Notice:
    """`number` is its delivery's: what is as old as that has been put away with it."""

    number: int
    text: str
    at: datetime

    @property
    def path(self) -> str | None:
        """The page of the ticket that it names first."""
        return path_in(self.text)


async def notices_of(uow: UnitOfWork, room: ConversationRef, after: int, now: datetime) -> tuple[Notice, ...]:
    """The latest of a technician's room, the newest first, later than the one with number `after`."""
    place = await uow.conversations.by_ref(room)
    if place is None:
        return ()
    found = [
        Notice(int(one.native_id), one.text, one.sent_at)
        for one in await uow.conversations.messages(place.id, LOOKED_AT)
        if is_notice(one) and one.native_id and one.native_id.isdecimal() and now - one.sent_at < RECENT
    ]
    return tuple(sorted((one for one in found if one.number > after), key=lambda one: -one.number)[:MOST])


def is_notice(message: Message) -> bool:
    """Said by the desk of its own accord: answers name what they answer."""
    return message.author == "bot" and message.in_reply_to is None and not message.deleted


def headline(document: Document) -> str:
    """The first line of what was announced."""
    return next(iter(document.text.splitlines()), "")


def path_in(text: str) -> str | None:
    match = _REFERENCE.search(text)
    return f"/desk/T{match[1]}" if match else None
