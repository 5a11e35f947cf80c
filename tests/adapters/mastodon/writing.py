"""The Mastodon adapter before the fake server, to send with: it listens to nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.mastodon.adapter import MastodonAdapter
from adapters.mastodon.ids import direct_room, public_thread
from bot.engine.background import in_background
from bot.errors import RateLimited
from bot.model.documents import Block, Document, Paragraph, plain
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.public import PublicTarget, Reach
from bot.model.values import Language
from bot.ports.adapters import ExternalId
from bot.public.rooms import room_by_handle
from bot.settings import Settings
from tests.adapters.slack.hearing import Store
from tests.fakes.mastodon import FakeMastodon, Person, Quirks, Seen, Status

HOST = "127.0.0.1"
PRESETS = {
    "mastodon": Quirks,
    "pleroma": Quirks.pleroma,
    "gotosocial": Quirks.gotosocial,
    "misskey": Quirks.misskey,
}


def settings_for(mastodon: FakeMastodon, **options: Any) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None,
        "mastodon_url": mastodon.url,
        "mastodon_token": mastodon.token,
        "mastodon_timeout": 5.0,
    }
    return Settings(**values | options)


@dataclass
class Desk:
    """The adapter and what it keeps."""

    mastodon: FakeMastodon
    adapter: MastodonAdapter
    store: Store

    def room(self, person: Person) -> ConversationRef:
        return direct_room(HOST, person.id)

    def direct(self, person: Person, said: str | Document, **more: Any) -> Delivery:
        return Delivery(self.room(person), document_of(said), str(new_id()), **more)

    def to_handle(self, handle: str, said: str | Document, **more: Any) -> Delivery:
        """To somebody of whom nothing is known but that."""
        return Delivery(room_by_handle("mastodon", HOST, handle), document_of(said), str(new_id()), **more)

    def reply(self, to: Status | Seen, handle: str, said: str | Document, **more: Any) -> Delivery:
        """A public reply to somebody's post."""
        status = self.mastodon.state.statuses[to.id]
        reach: Reach = status.visibility
        target = PublicTarget(status.id, self.full(handle), reach, status.spoiler)
        return Delivery(public_thread(HOST, status.id), document_of(said), str(new_id()), public=target, **more)

    @asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """As `run` does it beside listening."""
        assert self.adapter._carrying
        async with in_background(self.adapter._carrying.sweep()):
            yield

    def full(self, handle: str) -> str:
        return handle if "@" in handle else f"{handle}@{self.mastodon.world.shapes.domain}"


def document_of(said: str | Document | Block) -> Document:
    if isinstance(said, Document):
        return said
    return Document((Paragraph(plain(said)) if isinstance(said, str) else said,))


@asynccontextmanager
async def desk_of(
    mastodon: FakeMastodon,
    *,
    store: Store | None = None,
    shared: Any = None,
    page: str = "",
    left_alone: Callable[[str], Awaitable[bool]] | None = None,
    ticks: Callable[[], float] = time.monotonic,
    **options: Any,
) -> AsyncIterator[Desk]:
    store = store or Store()
    adapter = MastodonAdapter(
        settings_for(mastodon, **options), store, lambda: datetime.now(UTC), page=page, shared=shared, ticks=ticks,
        left_alone=left_alone,
    )  # fmt: skip
    try:
        await adapter.server.sign_in()
        yield Desk(mastodon, adapter, store)
    finally:
        await adapter.close()


def hastened() -> float:
    """A clock for what waits for seconds."""
    return time.monotonic() * 100


async def looked_for(desk: Desk, delivery: Delivery) -> ExternalId | None:
    """As the outbox does it: who is told to wait comes again."""
    for _ in range(100):
        try:
            return await desk.adapter.find_posted(delivery)
        except RateLimited:
            await asyncio.sleep(0.02)
    raise AssertionError("it is never told")


FRENCH, ENGLISH = Language.FR, Language.EN
