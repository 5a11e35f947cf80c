"""From when on an account is heard that was never read before: from when this process began, by the server's clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from adapters.mastodon.adapter import MastodonAdapter
from tests.adapters.mastodon.stage import Store
from tests.adapters.mastodon.writing import settings_for
from tests.fakes.mastodon import FakeMastodon, Quirks


@asynccontextmanager
async def beginning(mastodon: FakeMastodon, store: Store) -> AsyncIterator[MastodonAdapter]:
    adapter = MastodonAdapter(settings_for(mastodon, mastodon_hashtags="printer"), store, lambda: datetime.now(UTC))
    try:
        yield adapter
    finally:
        await adapter.close()


@pytest.mark.parametrize("skew", [0, -3_600, 3_600])
async def test_what_was_said_while_the_desk_was_being_connected_is_heard(mastodon: FakeMastodon, skew: int) -> None:
    """It is ready before a slow server has told it anything."""
    ada, bob, store = mastodon.person("ada"), mastodon.person("bob@elsewhere.example"), Store()
    mastodon.faults.skew = skew - 60
    await ada.says("@guichet a minute ago #printer")
    mastodon.faults.skew = skew
    async with beginning(mastodon, store) as adapter:
        await ada.says("@guichet hello")
        await bob.says("my #printer is broken")
        for _ in range(2):
            await adapter.poll(store)
    assert sorted(store.texts) == ["hello", "my #printer is broken"]


async def test_where_the_server_does_not_tell_the_time_it_is_heard_from_the_first_reading() -> None:
    store = Store()
    silent = FakeMastodon(quirks=Quirks(tells_time=False))
    async with silent.running() as mastodon, beginning(mastodon, store) as adapter:
        await mastodon.person("ada").says("@guichet hello")
        for _ in range(2):
            await adapter.poll(store)
        await mastodon.person("ada").says("@guichet hello again")
        await adapter.poll(store)
    assert store.texts == ["hello again"]
