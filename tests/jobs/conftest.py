"""A stage on each of both databases; and a whole desk."""

import pytest

from storage.store import SqlStorage
from tests.engine.conftest import desk as desk
from tests.engine.conftest import sampled as sampled
from tests.engine.conftest import sampled_home as sampled_home
from tests.engine.conftest import sampled_index as sampled_index
from tests.jobs.making import Stage, make_stage


@pytest.fixture
def stage(storage: SqlStorage) -> Stage:
    return make_stage(storage)
