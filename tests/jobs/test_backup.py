"""A daily backup counts once it has been restored for trial; until then the older ones all stay."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import BackupError
from jobs.backup import backup
from storage.backup import DatabaseArchive, restore
from storage.store import SqlStorage, open_storage
from tests.contract.storage.makers import Everything
from tests.jobs.making import START

DAY = timedelta(days=1)


@pytest.fixture
async def archive(storage: SqlStorage, database_url: str) -> DatabaseArchive:
    """Of a database with something in every table."""
    async with storage.unit_of_work() as work:
        Everything().add_to(work)
        await work.commit()
    return DatabaseArchive(database_url)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


@dataclass
class Damaging:
    """An archive whose files are cut on the disk."""

    archive: DatabaseArchive

    async def write(self, file: Path) -> int:
        rows = await self.archive.write(file)
        cut(file)
        return rows

    async def verify(self, file: Path) -> int:
        return await self.archive.verify(file)


@dataclass
class Forgetful:
    """An archive that saves less than there is."""

    archive: DatabaseArchive

    async def write(self, file: Path) -> int:
        return await self.archive.write(file) + 1

    async def verify(self, file: Path) -> int:
        return await self.archive.verify(file)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_backup_is_dated_compressed_and_restores_to_what_there_was(
    archive: DatabaseArchive, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    assert await backup(archive, folder, START) == 1
    assert names(folder) == ["guichet-20261116T090000Z.backup"]
    file = folder / "guichet-20261116T090000Z.backup"
    assert file.read_bytes()[:4] == b"\x28\xb5\x2f\xfd", "zstandard"
    assert file.stat().st_mode & 0o077 == 0
    url = f"sqlite:///{tmp_path / 'again.db'}"
    await restore(url, file)
    again = await open_storage(url)
    async with again.unit_of_work() as work:
        assert await work.tickets.by_number(12) is not None
    await again.close()


async def test_the_last_ten_are_kept_and_nothing_else_is_touched(archive: DatabaseArchive, tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"guichet-2026111{number}T023000Z.backup").write_text("an older one")
    others = {"before-upgrade-from-0002-20260101T000000.backup", "notes.txt", "guichet.db"}
    for name in others - {"guichet.db"}:
        (tmp_path / name).write_text("not ours")
    await backup(archive, tmp_path, START + 5 * DAY)
    await backup(archive, tmp_path, START + 6 * DAY)
    ours = [name for name in names(tmp_path) if name.startswith("guichet-")]
    assert len(ours) == 10 and ours[0] == "guichet-20261111T023000Z.backup"
    assert ours[-1] == "guichet-20261122T090000Z.backup"
    assert others - {"guichet.db"} <= set(names(tmp_path))


async def test_one_that_cannot_be_restored_is_refused_and_the_older_ones_stay(
    archive: DatabaseArchive, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for number in range(10):
        (folder / f"guichet-2026110{number}T023000Z.backup").write_text("an older one")
    before = names(folder)
    with pytest.raises(BackupError, match="end is missing"):
        await backup(Damaging(archive), folder, START)
    with pytest.raises(BackupError, match="can be restored"):
        await backup(Forgetful(archive), folder, START)
    assert names(folder) == before


async def test_what_a_process_left_that_died_at_it_is_removed_in_time(archive: DatabaseArchive, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / "guichet-20261101T023000Z.backup.unverified"
    piece = folder / ".guichet-20261101T023000Z.backup.unverified-x1y2"
    recent = folder / "guichet-20261116T085900Z.backup.unverified"
    for file in (old, piece, recent):
        file.write_text("half a backup")
    for file, at in ((old, START - 2 * DAY), (piece, START - 2 * DAY), (recent, START)):
        os.utime(file, (at.timestamp(), at.timestamp()))
    await backup(archive, folder, START)
    assert names(folder) == ["guichet-20261116T085900Z.backup.unverified", "guichet-20261116T090000Z.backup"]


async def test_a_folder_that_cannot_be_written_is_said(archive: DatabaseArchive, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BackupError, match="cannot write"):
        await backup(archive, tmp_path / "file", START)
