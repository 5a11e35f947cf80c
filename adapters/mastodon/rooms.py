"""Direct messages with somebody, as a room: what was said last in it, and which of the desk's posts say what."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from adapters.mastodon.ids import PLATFORM
from bot.model.messages import Incoming, IncomingMessage
from bot.ports.adapters import Memory, ReadInbox

KEPT = 30  # posts of the desk's in a room, of which it is known what they say


def last_name(account: str, room: str) -> str:
    """Under which `Memory` has the id of the status that was said last in a room, whoever said it."""
    return f"{PLATFORM}/{account}/last/{room}"


def _sent_name(account: str, room: str) -> str:
    return f"{PLATFORM}/{account}/sent/{room}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A post of the desk's: the part of a delivery, from 0."""

    delivery: UUID
    number: int
    status: str


class NotingLast:
    """An inbox that keeps with each direct message that it was the last one, so that the next answer hangs from it.
    Who replies to some part of what the desk said replies to its first one, which all of it goes by."""

    def __init__(self, inbox: ReadInbox, rooms: "Rooms") -> None:
        self._inbox = inbox
        self._rooms = rooms

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        said = sorted(
            (one for one in events if isinstance(one, IncomingMessage) and one.private and not one.key.revision),
            key=lambda one: one.sent_at,
        )
        last = {last_name(one.conversation.account, one.conversation.room): one.key.native_id for one in said}
        heard = [await self._to_the_whole(one) if isinstance(one, IncomingMessage) else one for one in events]
        return await self._inbox.receive(*heard, reached=last | dict(reached or {}))

    async def _to_the_whole(self, message: IncomingMessage) -> IncomingMessage:
        if not message.private or message.answers is None:
            return message
        sent = await self._rooms.sent(message.conversation.room)
        delivery = next((one.delivery for one in sent if one.status == message.answers), None)
        first = next((one.status for one in sent if one.delivery == delivery and one.number == 0), None)
        return replace(message, answers=first) if first else message


class Rooms:
    """Of one account. Raises StorageUnavailable throughout."""

    def __init__(self, memory: Memory, account: str) -> None:
        self._memory = memory
        self._account = account

    async def last(self, room: str) -> str | None:
        return await self._memory.recall(last_name(self._account, room))

    async def sent(self, room: str) -> list[Sent]:
        """The latest last."""
        kept = await self._memory.recall(_sent_name(self._account, room))
        try:
            return [Sent(UUID(one[0]), int(one[1]), str(one[2])) for one in json.loads(kept or "[]")]
        except (ValueError, TypeError, IndexError):
            return []

    async def keep(self, room: str, one: Sent) -> None:
        """It stands there, and is the last one."""
        known = [*(each for each in await self.sent(room) if each != one), one][-KEPT:]
        written = json.dumps([[each.delivery.hex, each.number, each.status] for each in known], separators=(",", ":"))
        await self._memory.keep(_sent_name(self._account, room), written)
        await self._memory.keep(last_name(self._account, room), one.status)
