"""Receive: what an adapter hears is masked, bounded and stored, before its platform is acknowledged."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.engine.services import LONGEST_TEXT
from bot.errors import StorageUnavailable
from bot.model.messages import Incoming, IncomingFile, IncomingForm, IncomingMessage, IncomingReaction, Quoted
from bot.model.public import Post
from bot.ports.storage import InboxLedger
from bot.understanding.secrets import mask

PATIENCE = 20.0  # seconds; a locked SQLite file is waited for by the database itself, and not as long
KEPT_TEXT = LONGEST_TEXT + 1_000  # enough to see that a message is too long; the rest is never stored


class Receiver:
    """The Inbox that adapters are given."""

    def __init__(self, inbox: InboxLedger) -> None:
        self._inbox = inbox

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        """Store what is not known yet, secrets masked; return how many were new. Raises StorageUnavailable, also for a
        database that says nothing: who waits for the acknowledgement sends again, and what was stored is known then."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._inbox.receive(*(made_safe(event) for event in events), reached=reached)
        except TimeoutError as error:
            raise StorageUnavailable("the database does not answer") from error


def made_safe(event: Incoming) -> Incoming:
    """The event as it may be stored: passwords and tokens pasted by mistake are gone from its text."""
    match event:
        case IncomingMessage():
            masked = mask(event.text[:KEPT_TEXT])
            post = event.post and published_safely(event.post)
            kinds = tuple(secret.kind for secret in masked.secrets)
            return replace(event, text=masked.text, masked=kinds, post=post, files=named_safely(event.files))
        case IncomingForm():
            written = {name: mask(value[:KEPT_TEXT]) for name, value in event.values.items()}
            kinds = tuple(secret.kind for value in written.values() for secret in value.secrets)
            values = {name: value.text for name, value in written.items()}
            return replace(event, values=values, masked=kinds, quoted=event.quoted and quoted_safely(event.quoted))
        case IncomingReaction():
            return replace(event, quoted=quoted_safely(event.quoted))
        case _:
            return event


def published_safely(post: Post) -> Post:
    thread = tuple(replace(line, text=mask(line.text[:KEPT_TEXT]).text) for line in post.thread)
    return replace(post, warning=mask(post.warning[:KEPT_TEXT]).text, thread=thread)


def quoted_safely(quoted: Quoted) -> Quoted:
    thread = tuple(replace(said, text=mask(said.text[:KEPT_TEXT]).text) for said in quoted.thread)
    text = mask(quoted.text[:KEPT_TEXT]).text
    return replace(quoted, text=text, thread=thread, files=named_safely(quoted.files))


def named_safely(files: tuple[IncomingFile, ...]) -> tuple[IncomingFile, ...]:
    return tuple(replace(one, alternative=mask(one.alternative[:KEPT_TEXT]).text) for one in files)
