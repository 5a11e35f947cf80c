"""Waiting for what comes of something that was said."""

import asyncio
from collections.abc import Sequence

from bot.model.conversations import Message
from bot.model.ledger import Progress
from bot.model.messages import ConversationRef, MessageKey
from bot.ports.storage import Storage

LOOK = 0.1  # seconds between two looks where nothing tells of news


async def ended(storage: Storage, key: MessageKey, patience: float) -> Progress | None:
    """How far an event has come after `patience` seconds, or as soon as it is handled and delivered."""
    progress = await storage.inbox.progress(key)
    try:
        async with asyncio.timeout(patience):
            while not (progress and progress.is_over):
                await storage.changed("outbox", LOOK)
                progress = await storage.inbox.progress(key)
    except TimeoutError:
        pass
    return progress


async def answers_to(storage: Storage, ref: ConversationRef, progress: Progress) -> Sequence[Message]:
    """What was said in a conversation to the event that has come so far."""
    async with storage.unit_of_work() as uow:
        conversation = await uow.conversations.by_ref(ref)
        if conversation is None:
            return ()
        messages = await uow.conversations.messages(conversation.id, 20)
    return [message for message in messages if message.in_reply_to == progress.id]
