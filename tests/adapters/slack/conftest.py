from collections.abc import AsyncIterator

import pytest

from tests.adapters.slack.hearing import Front, listening
from tests.engine.conftest import sampled_home as sampled_home
from tests.fakes.slack import FakeSlack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as server:
        yield server


@pytest.fixture
async def front(slack: FakeSlack) -> AsyncIterator[Front]:
    async with listening(slack) as open_front:
        yield open_front
