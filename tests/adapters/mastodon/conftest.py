from collections.abc import AsyncIterator

import pytest

from tests.adapters.mastodon.writing import PRESETS, Desk, desk_of
from tests.engine.conftest import sampled_home as sampled_home
from tests.fakes.mastodon import FakeMastodon


@pytest.fixture
async def mastodon() -> AsyncIterator[FakeMastodon]:
    async with FakeMastodon().running() as server:
        yield server


@pytest.fixture
async def desk(mastodon: FakeMastodon) -> AsyncIterator[Desk]:
    """The adapter, which only sends."""
    async with desk_of(mastodon) as made:
        yield made


@pytest.fixture(params=PRESETS)
async def somewhere(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """The same, before each kind of server."""
    async with FakeMastodon(quirks=PRESETS[request.param]()).running() as server, desk_of(server) as made:
        yield made
