"""A desk on a SQLite file, at nine on the Monday on which the digest of the week is due."""

from uuid import UUID

import pytest

from bot.model.people import Person
from storage.store import SqlStorage
from tests.digest.scene import Scene, at, made


@pytest.fixture
async def scene(sqlite_storage: SqlStorage) -> Scene:
    return made(sqlite_storage, at(16, 9))


@pytest.fixture
async def people(sqlite_storage: SqlStorage) -> tuple[SqlStorage, list[UUID]]:
    """Two people that the desk knows."""
    askers = [Person("Ada Lovelace", "ada.lovelace@acme.example"), Person("Jean-Luc Moreau")]
    async with sqlite_storage.unit_of_work() as uow:
        for one in askers:
            uow.people.add(one)
        await uow.commit()
    return sqlite_storage, [one.id for one in askers]
