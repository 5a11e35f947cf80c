"""Mastodon beside whatever else `guichet run` does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app import Desk, now
from bot.attachments.sharing import StoredContent
from bot.engine.background import in_background
from bot.engine.memory import KeptInStorage
from bot.model.messages import MessageKey

if TYPE_CHECKING:
    from adapters.mastodon.adapter import MastodonAdapter
    from adapters.mastodon.marks import Entry


@dataclass(frozen=True, slots=True)
class MastodonSide:
    """`adapter` is None where there is no account on Mastodon."""

    adapter: "MastodonAdapter | None" = None


NO_MASTODON = MastodonSide()


async def open_mastodon(desk: Desk) -> MastodonSide:
    """Asks the server nothing yet. Files are not linked to the web page: the public is not signed in there."""
    if not desk.settings.uses_mastodon:
        return NO_MASTODON
    from adapters.mastodon.adapter import MastodonAdapter  # of no use to a desk without Mastodon
    from adapters.mastodon.ids import PLATFORM
    from adapters.mastodon.leading import Seat

    async def knows(key: MessageKey) -> bool:
        return await desk.storage.inbox.progress(key) is not None

    async def left_alone(native_id: str) -> bool:
        async with desk.storage.unit_of_work() as uow:
            return await uow.public.opt_out(PLATFORM, adapter.server.account, native_id) is not None

    adapter = MastodonAdapter(
        desk.settings,
        KeptInStorage(desk.storage),
        now,
        seat=Seat(desk.storage.leases, desk.owner, desk.settings.leader_seconds, desk.settings.is_sqlite),
        knows=knows,
        held=lambda: held_posts(desk),
        left_alone=left_alone,
        texts=desk.texts,
        shared=StoredContent(desk.storage, desk.files.store),
    )
    if desk.settings.is_sqlite:
        # No other process writes for the account on this database: what is `sending` was left by one that died.
        await desk.storage.outbox.expire([(PLATFORM, adapter.server.account)])
    return MastodonSide(adapter)


@asynccontextmanager
async def heard(desk: Desk, side: MastodonSide) -> AsyncIterator[None]:
    """Hear Mastodon, and be able to write to it, for as long as the block runs: around what delivers."""
    if side.adapter is None:
        yield
        return
    async with in_background(side.adapter.run(desk.receiver)):
        yield


async def held_posts(desk: Desk) -> "list[Entry]":
    """Those whose reply waits for a technician: what becomes of them matters until then. Raises StorageUnavailable."""
    from adapters.mastodon.ids import PLATFORM
    from adapters.mastodon.marks import Entry

    entries = []
    async with desk.storage.unit_of_work() as uow:
        for post in await uow.public.held():
            if post.platform == PLATFORM:
                known = await uow.people.identities(post.person_id)
                author = next((one.native_id for one in known if one.platform == PLATFORM), "")
                entries.append(Entry("", post.native_id, author, post.root))
    return entries
