"""A backup goes from any database to any other, and nothing else passes for one."""

import json
import stat
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import func, select

from bot.errors import BackupError, StorageError, StorageUnavailable
from bot.model.installations import Installation
from bot.model.ledger import JobRun
from bot.model.people import SignInCode
from storage.backup import backup, restore
from storage.engines import short_lived
from storage.models import metadata
from storage.portable import reflected
from storage.schema import VERSION_TABLE
from storage.store import open_storage
from storage.urls import database_url as address_of
from tests.contract.storage.makers import ADA, AT, Everything, delivery, room, said

LEASE = timedelta(minutes=1)


async def some_bytes() -> AsyncIterator[bytes]:
    """More than one portion of every byte."""
    for _ in range(5):
        yield bytes(range(256)) * 300


async def fill(url: str) -> Everything:
    """Something in every table."""
    everything = Everything()
    storage = await open_storage(url)
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        await work.tickets.next_number()
        work.outbox.add(delivery("merge1", coalesce="m"))
        work.outbox.add(delivery("merge2", text='hostile \x00 \ud800 \\ \u2028 " é 👍', coalesce="m"))
        await work.commit()
    await storage.inbox.receive(everything.event_received, said("b", "2"), said("c", "3", room("C9")))
    await storage.inbox.claim("me", LEASE)
    for one in await storage.outbox.claim("me", LEASE, [("slack", "T1")], limit=1):
        await storage.outbox.sent(one, "x1", AT)
    await storage.leases.acquire("scheduler", "me", LEASE)
    await storage.job_runs.start(JobRun("digest", AT, AT, "me"))
    await storage.files.put(some_bytes())
    await storage.sign_in_codes.add(SignInCode("ada@acme.example", "hash", AT, AT + LEASE))
    await storage.installations.keep(Installation("slack", "T1", "Acme", "sealed", AT))
    await storage.close()
    return everything


def contents(url: str) -> dict[str, list[Any]]:
    with short_lived(address_of(url)) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table, _ in reflected(connection)
        }


@pytest.fixture
async def saved(sqlite_url: str, tmp_path: Path) -> Path:
    await fill(sqlite_url)
    file = tmp_path / "saved.guichet"
    await backup(sqlite_url, file)
    return file


async def test_a_backup_goes_round_both_databases_with_every_table(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    everything = await fill(sqlite_url)
    before = contents(sqlite_url)
    assert set(before) == set(metadata.tables)
    assert [name for name, rows in before.items() if not rows] == []

    first, second = tmp_path / "first", tmp_path / "deep" / "second"
    header = await backup(sqlite_url, first)
    assert header.rows == sum(map(len, before.values()))
    await restore(postgres_url, first)
    assert contents(postgres_url) == before
    await backup(postgres_url, second)
    fresh = f"sqlite:///{tmp_path / 'new' / 'fresh.db'}"
    await restore(fresh, second)
    assert contents(fresh) == before

    for url in (postgres_url, fresh):  # the desk goes on from there, numbers included
        storage = await open_storage(url)
        work = storage.unit_of_work()
        assert await work.tickets.get(everything.ticket.id) == everything.ticket
        assert await work.people.known(ADA) is not None
        assert await work.tickets.next_number() == 2
        assert await storage.inbox.receive(said("new", "77", room("new"))) == 1
        [row] = [row for row in await storage.inbox.claim("you", LEASE, 9) if row.event.conversation == room("new")]
        assert row.sequence > max(one[1] for one in before["inbox"])
        work.outbox.add(delivery("new", room("new")))
        work.tickets.add_event(Everything().event)
        with pytest.raises(Exception, match="points to is gone"):
            await work.commit()
        await storage.close()


async def test_a_backup_is_readable_by_its_owner_alone_and_leaves_nothing_else(saved: Path) -> None:
    mode = saved.stat().st_mode  # noqa: ASYNC240
    assert stat.S_IMODE(mode) == 0o600
    assert [file.name for file in saved.parent.iterdir() if "saved" in file.name] == ["saved.guichet"]


async def test_restoring_over_data_must_be_asked_for(saved: Path, empty_url: str) -> None:
    await restore(empty_url, saved)
    before = contents(empty_url)
    with pytest.raises(BackupError, match="overwrite"):
        await restore(empty_url, saved)
    storage = await open_storage(empty_url)
    await storage.inbox.receive(said("later", "later"))
    await storage.close()
    assert contents(empty_url) != before
    await restore(empty_url, saved, overwrite=True)
    assert contents(empty_url) == before


def unpacked(file: Path) -> list[bytes]:
    with file.open("rb") as raw:
        return zstandard.ZstdDecompressor().stream_reader(raw).read().splitlines(keepends=True)


def repacked(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(lines))


def with_header(**changes: object) -> Callable[[Path], bytes]:
    def change(file: Path) -> bytes:
        header, *rest = unpacked(file)
        return repacked([json.dumps(json.loads(header) | changes).encode() + b"\n", *rest])

    return change


BROKEN: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda file: b"", "not a backup"),
    "text": (lambda file: b"hello\n", "not a backup"),
    "other lines": (lambda file: repacked([b'{"a": 1}\n']), "not a backup"),
    "no JSON": (lambda file: repacked([b"{\n"]), "not a backup"),
    "cut in the file": (lambda file: file.read_bytes()[:-200], "end is missing"),
    "cut after the rows": (lambda file: repacked(unpacked(file)[:-1]), "incomplete"),
    "cut in the rows": (lambda file: repacked(unpacked(file)[:9]), "incomplete"),
    "only the header": (lambda file: repacked(unpacked(file)[:1]), "incomplete"),
    "a byte changed": (lambda file: repacked([*unpacked(file)[:-1], b'{"sha256":"00"}\n']), "checksum"),
    "newer format": (with_header(version=2), "newer release"),
    "newer tables": (with_header(revision="9999"), "newer release"),
    "no tables": (with_header(tables=[{"name": "people"}]), "header"),
    "unknown kind": (with_header(tables=[{"name": "people", "columns": {"id": "point"}, "rows": 0}]), "header"),
    "unknown table": (with_header(tables=[{"name": "other", "columns": {"id": "int"}, "rows": 1}]), "damaged"),
    "rows twice": (lambda file: repacked(unpacked(file)[:2] + unpacked(file)[1:]), "damaged|fit together"),
}


@pytest.mark.parametrize(("damage", "words"), BROKEN.values(), ids=BROKEN)
async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    saved: Path, sqlite_url: str, damage: Callable[[Path], bytes], words: str
) -> None:
    before = contents(sqlite_url)
    broken = saved.with_name("broken")
    broken.write_bytes(damage(saved))
    with pytest.raises(BackupError, match=words):
        await restore(sqlite_url, broken, overwrite=True)
    assert contents(sqlite_url) == before


async def test_a_damaged_backup_changes_nothing_on_postgresql(saved: Path, postgres_url: str) -> None:
    broken = saved.with_name("broken")
    broken.write_bytes(repacked(unpacked(saved)[:-1]))
    with pytest.raises(BackupError, match="incomplete"):
        await restore(postgres_url, broken)
    assert not any(contents(postgres_url).values())


async def test_progress_is_told(saved: Path, sqlite_url: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    header = await backup(sqlite_url, tmp_path / "b", lambda done, total: told.append((done, total)))
    assert told[-1] == (header.rows, header.rows)
    told.clear()
    await restore(f"{tmp_path / 'other.db'}", saved, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (header.rows, header.rows)


async def test_what_cannot_be_reached_is_said(saved: Path, sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no database"):
        await backup(str(tmp_path / "missing.db"), tmp_path / "b")
    with pytest.raises(BackupError, match="No such file"):
        await restore(sqlite_url, tmp_path / "missing")
    with pytest.raises(BackupError, match="cannot write"):
        await backup(sqlite_url, saved / "below a file")
    with pytest.raises(StorageUnavailable):
        await backup("postgresql://guichet:hunter2@127.0.0.1:1/guichet", tmp_path / "b")


async def test_an_empty_database_has_nothing_to_save(tmp_path: Path) -> None:
    file = tmp_path / "empty.db"
    file.touch()
    with pytest.raises(BackupError, match="nothing to save"):
        await backup(str(file), tmp_path / "b")


async def test_tables_of_others_are_left_alone(saved: Path, postgres_url: str, tmp_path: Path) -> None:
    with short_lived(address_of(postgres_url)) as connection:
        connection.exec_driver_sql("create table theirs (id int)")
        connection.exec_driver_sql("insert into theirs values (1)")
    await restore(postgres_url, saved, overwrite=True)
    header = await backup(postgres_url, tmp_path / "b")
    assert "theirs" not in {part.name for part in header.tables}
    with short_lived(address_of(postgres_url)) as connection:
        assert connection.execute(select(func.count()).select_from(metadata.tables["people"])).scalar_one() == 1
        assert connection.exec_driver_sql("select count(*) from theirs").scalar_one() == 1


async def test_restoring_goes_over_a_database_of_any_release_when_asked(saved: Path, database_url: str) -> None:
    with short_lived(address_of(database_url)) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        connection.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('theirs', 1)")
    with pytest.raises(BackupError, match="overwrite"):
        await restore(database_url, saved)
    await restore(database_url, saved, overwrite=True)
    assert [row[0] for row in contents(database_url)["counters"]] == ["ticket"]
    storage = await open_storage(database_url, create=False)
    await storage.close()


async def test_a_row_that_does_not_fit_its_columns_is_refused(saved: Path, empty_url: str) -> None:
    header, *rest = unpacked(saved)
    first = next(n for n, table in enumerate(json.loads(header)["tables"]) if table["rows"])
    assert first == 0
    for wrong in (b'{"a":1}\n', b"[]\n", rest[0].replace(b'"', b"", 2)):
        broken = saved.with_name("broken")
        broken.write_bytes(repacked([header, wrong, *rest[1:]]))
        with pytest.raises(BackupError, match="damaged"):
            await restore(empty_url, broken)


async def test_tables_of_something_else_with_our_names_are_not_touched(saved: Path, empty_url: str) -> None:
    with short_lived(address_of(empty_url)) as connection:
        connection.exec_driver_sql("CREATE TABLE tickets (id integer)")
    with pytest.raises(StorageError, match="something else"):
        await restore(empty_url, saved, overwrite=True)
    assert list(contents(empty_url)) == ["tickets"]
