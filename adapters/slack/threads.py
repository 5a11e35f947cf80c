"""Threads of direct messages that began with `/ask`: which message became their root, and the other way round."""

from collections import OrderedDict
from dataclasses import replace

from adapters.slack.ids import PLATFORM, Asked, At, is_person
from bot.model.messages import ConversationRef, Incoming, IncomingMessage
from bot.ports.adapters import Memory

REMEMBERED = 5_000  # of each direction, in this process


class AskedThreads:
    """Kept for every replica and every restart; what was found once is not asked for again."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._roots: OrderedDict[str, str] = OrderedDict()
        self._asked: OrderedDict[str, str] = OrderedDict()

    async def root_of(self, conversation: ConversationRef) -> At | None:
        """The message that a thread named by its question hangs from; None while nothing was posted there."""
        if Asked.of(conversation.thread) is None:
            return None
        name = _root_name(conversation.account, str(conversation.thread))
        if name not in self._roots:
            found = await self._memory.recall(name)
            if found is None:
                return None  # it may have one soon
            _remember(self._roots, name, found)
        return At.of(self._roots[name])

    async def rooted(self, conversation: ConversationRef, root: At) -> None:
        """From now on `root` is what the thread hangs from."""
        asked = str(conversation.thread)
        by_thread = _root_name(conversation.account, asked)
        by_root = _asked_name(conversation.account, root)
        await self._memory.keep(by_root, asked)
        await self._memory.keep(by_thread, str(root))
        _remember(self._asked, by_root, asked)
        _remember(self._roots, by_thread, str(root))

    async def asked_at(self, account: str, root: At) -> Asked | None:
        """The question whose thread hangs from that message, if one does."""
        name = _asked_name(account, root)
        if name not in self._asked:
            found = await self._memory.recall(name)
            if found is None:
                return None
            _remember(self._asked, name, found)
        return Asked.of(self._asked[name])

    async def placed(self, event: Incoming) -> Incoming:
        """The event in the thread that its conversation is known by, where that began with `/ask`."""
        ref = event.conversation
        is_root = isinstance(event, IncomingMessage) and ref.thread == event.key.native_id
        if is_root or not is_person(ref.room) or not ref.thread or Asked.of(ref.thread):
            return event
        found = await self.asked_at(ref.account, At.of(ref.thread))
        return replace(event, conversation=replace(ref, thread=str(found))) if found else event


def _root_name(account: str, asked: str) -> str:
    return f"{PLATFORM}/{account}/{asked}"


def _asked_name(account: str, root: At) -> str:
    return f"{PLATFORM}/{account}/root:{root}"


def _remember(kept: OrderedDict[str, str], name: str, value: str) -> None:
    kept[name] = value
    kept.move_to_end(name)
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
