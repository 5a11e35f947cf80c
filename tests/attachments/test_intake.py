"""Taking files in: whole, bounded and looked at, or nothing of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.attachments.intake import MEGABYTE, Intake
from bot.attachments.kinds import HEAD, Kinds
from bot.attachments.purging import GRACE, delete_files, purge_files
from bot.errors import FileMissing, FileRefused
from bot.file_settings import FILE_TYPES
from bot.model.messages import IncomingFile
from bot.model.tickets import Attachment
from storage.files.disk import DiskFiles
from storage.store import SqlStorage
from tests.attachments.samples import EXE, PNG, pieces
from tests.contract.storage.test_attachments import keep, message_on

LATER = timedelta(days=1)


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(DiskFiles(tmp_path / "files"), Kinds.of(FILE_TYPES))


async def stored(intake: Intake) -> list[str]:
    return [key async for key in intake.store.keys(datetime.now(UTC) + LATER)]


async def test_a_picture_is_taken_as_what_it_is(intake: Intake) -> None:
    file = await intake.receive("../Bildschirm\u202e.png", pieces(PNG, 7))
    assert (file.name, file.media_type, file.size, file.problem) == ("Bildschirm.png", "image/png", len(PNG), None)
    assert file.stored_as == file.native_id
    assert b"".join([part async for part in intake.store.open(file.native_id)]) == PNG


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [("a.png", b"", "empty"), ("a.txt", b"", "empty"), ("a.png", EXE, "wrong_type"), ("a.exe", EXE, "wrong_type")],
)
async def test_what_is_not_taken_leaves_nothing(intake: Intake, name: str, content: bytes, problem: str) -> None:
    file = await intake.receive(name, pieces(content))
    assert (file.problem, file.stored_as) == (problem, None)
    assert await stored(intake) == []


async def test_the_limit_is_kept_to_the_byte(intake: Intake) -> None:
    most = 25 * MEGABYTE

    async def picture(length: int) -> AsyncIterator[bytes]:
        yield PNG
        left = length - len(PNG)
        while left:
            yield b"\x00" * min(left, MEGABYTE)
            left -= min(left, MEGABYTE)

    assert (await intake.receive("a.png", picture(most))).size == most
    assert (await intake.receive("a.png", picture(most + 1))).problem == "too_large"
    assert len(await stored(intake)) == 1


async def test_what_is_too_long_is_not_read_to_its_end(intake: Intake) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += MEGABYTE
            yield PNG + b"\x00" * (MEGABYTE - len(PNG))

    with pytest.raises(FileRefused):
        await intake.take("a.png", endless())
    assert read <= 27 * MEGABYTE


async def test_a_kind_is_told_however_the_bytes_come(intake: Intake) -> None:
    long_text = b"line\n" * HEAD
    for size in (1000, HEAD - 1, HEAD, HEAD + 1, len(long_text)):
        file = await intake.receive("a.txt", pieces(long_text, size))
        assert b"".join([part async for part in intake.store.open(file.native_id)]) == long_text


@pytest.mark.parametrize(
    ("name", "kind", "size", "problem"),
    [
        ("a.png", "image/png", 10, None),
        ("a.png", "image/png", 25 * MEGABYTE + 1, "too_large"),
        ("a.exe", "image/png", 10, "wrong_type"),
        ("a", "image/jpeg", 1, None),
        ("a", "application/octet-stream", 1, "wrong_type"),
    ],
)
def test_what_is_not_worth_fetching(intake: Intake, name: str, kind: str, size: int, problem: str | None) -> None:
    assert intake.objection(IncomingFile("F", name, kind, size)) == problem


async def test_bytes_that_are_nobodys_are_removed_once_they_are_old(sqlite_storage: SqlStorage, intake: Intake) -> None:
    message = await message_on(sqlite_storage, "web")
    kept, loose = [(await intake.receive("a.png", pieces(PNG))).native_id for _ in range(2)]
    await keep(sqlite_storage, Attachment(message.id, "a.png", "image/png", 1, stored_as=kept))
    now, work = datetime.now(UTC), sqlite_storage.unit_of_work
    assert await purge_files(intake.store, work, now) == 0  # its message may still wait
    assert await purge_files(intake.store, work, now + GRACE + LATER) == 1
    assert await stored(intake) == [kept]
    assert await purge_files(intake.store, work, now + GRACE + LATER) == 0
    assert await delete_files(intake.store, [kept, loose]) == 2
    with pytest.raises(FileMissing):
        await intake.store.open(kept).__anext__()
