"""A running desk with a contact page, and what a Mastodon would show of it: direct messages on their way."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.people import Person, PersonIdentity
from bot.model.public import PublicPost
from bot.model.values import Language
from storage.store import SqlStorage
from tests.fakes.ports import free_port
from tests.ledger.guichet import Guichet

HERE = ("mastodon", "acme.example")
WORDS = "The app of acme is down again, third time this week! #acme"
SETTINGS = {
    "GUICHET_WEB_REQUESTS_PER_MINUTE": "10000",
    "GUICHET_WEB_MESSAGES_PER_MINUTE": "1000",
    "GUICHET_TIMEZONE": "Europe/Paris",
    "GUICHET_CONTACT_AWAY_SECONDS": "2",
    "GUICHET_CONTACT_TELL_MINUTES": "0",
}


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[tuple[str, Path]]:
    """The address of the page, and the home of its desk."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    values = SETTINGS | {"GUICHET_WEB_PORT": str(port), "GUICHET_PUBLIC_URL": address} | settings
    with Guichet(folder / "home", "run", "--no-console", settings=values) as desk:
        desk.until("is ready on")
        yield address, folder / "home"


@dataclass
class Author:
    """Somebody on Mastodon, with a post that the desk has heard."""

    storage: SqlStorage
    site: str
    post: PublicPost
    native_id: str

    @classmethod
    async def posts(cls, storage: SqlStorage, site: str, text: str = WORDS, **more: Any) -> "Author":
        now, native = datetime.now(UTC), new_id().hex[-12:]
        person = Person("Ada Lovelace")
        place = Conversation(ConversationRef(*HERE, "public", native), person.id)
        said = Message(place.id, "person", text, now, native, person.id, Language.EN)
        fields: dict[str, Any] = {"language": Language.EN, "complaint": True, "because": "bot"} | more
        post = PublicPost(
            *HERE, native, native, "ada@elsewhere.example", person.id, place.id, "hashtag", "public", text,
            sent_at=now, seen_at=now, message_id=said.id, token=f"t-{native}",
            link=f"https://elsewhere.example/@ada/{native}", **fields,
        )  # fmt: skip
        async with storage.unit_of_work() as work:
            work.people.add(person)
            work.people.add(PersonIdentity(person.id, *HERE, f"u{native}", "Ada Lovelace"))
            work.conversations.add(place)
            work.conversations.add(said)
            work.public.add(post)
            await work.commit()
        return cls(storage, site, post, f"u{native}")

    @property
    def path(self) -> str:
        return f"/c/{self.post.token}"

    @property
    def room(self) -> ConversationRef:
        return ConversationRef(*HERE, self.native_id)

    async def tells_directly(self, *texts: str) -> None:
        """What they wrote in direct messages before, and the desk heard."""
        place = Conversation(self.room, self.post.person_id, Language.EN)
        async with self.storage.unit_of_work() as work:
            work.conversations.add(place)
            for text in texts:
                native = new_id().hex
                at = datetime.now(UTC)
                said = Message(place.id, "person", text, at, native, self.post.person_id, Language.EN)
                work.conversations.add(said)
            await work.commit()

    async def takes_back(self) -> None:
        async with self.storage.unit_of_work() as work:
            post = await work.public.get(self.post.id)
            assert post
            fields: dict[str, Any] = {name: getattr(post, name) for name in post.__slots__}
            work.public.save(PublicPost(**fields | {"text": "", "state": "withdrawn"}))
            await work.commit()

    async def reads(self, pattern: str, *, after: int = 0) -> str:
        """The latest thing of that look in their direct messages, after the first so many; waited for."""
        async with asyncio.timeout(30):
            while True:
                rows = await self.storage.outbox.of_conversation(self.room)
                if found := re.findall(pattern, "\n".join(row.document.text for row in rows[after:])):
                    return str(found[-1])
                await self.storage.changed("outbox", 0.2)

    async def code(self, *, after: int = 0) -> str:
        return await self.reads(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", after=after)

    async def link(self, *, after: int = 0) -> str:
        """The path of the latest link."""
        return await self.reads(rf"{self.site}(/d/\S+)", after=after)
