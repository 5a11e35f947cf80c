"""A storage that holds one record of each kind."""

import pytest

from bot.ports.storage import Storage
from tests.contract.storage.makers import Everything


@pytest.fixture
async def everything(storage: Storage) -> Everything:
    all_of_it = Everything()
    async with storage.unit_of_work() as work:
        all_of_it.add_to(work)
        await work.commit()
    return all_of_it
