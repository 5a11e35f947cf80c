"""A stage on each of both databases."""

import pytest

from storage.store import SqlStorage
from tests.jobs.making import Stage, make_stage


@pytest.fixture
def stage(storage: SqlStorage) -> Stage:
    return make_stage(storage)


@pytest.fixture
def sqlite_stage(sqlite_storage: SqlStorage) -> Stage:
    return make_stage(sqlite_storage)
