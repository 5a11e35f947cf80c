from collections.abc import AsyncIterator, Iterator

import pytest
from mastodon import Mastodon

from tests.fakes.mastodon.clients import client
from tests.fakes.mastodon.server import FakeMastodon


@pytest.fixture
async def mastodon() -> AsyncIterator[FakeMastodon]:
    async with FakeMastodon().running() as server:
        yield server


@pytest.fixture
def app(mastodon: FakeMastodon) -> Iterator[Mastodon]:
    """The bot's client."""
    with client(mastodon) as made:
        yield made
