"""The whole database as one portable, compressed file.

A backup is JSON Lines under zstandard: a header (format, schema revision, time, tables with their columns and counts),
one array a row, table after table so that what a row points to comes first, and a last line with the checksum of all
lines before it. It is the same from either database and goes back into either. The tables are read as they are found,
so a database of an older release can be saved before it is upgraded, and is upgraded when it is restored.
"""

import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BackupError, StaleWrite, StorageError, StorageUnavailable
from storage.engines import make_folder, short_lived
from storage.portable import Column, found_tables, portable_table, reflected, to_json, to_row
from storage.schema import HEAD, REVISIONS, VERSION_TABLE, revision_of
from storage.upgrade import lock_schema, migrate
from storage.urls import database_url

Progress = Callable[[int, int], None]  # rows done, rows in all; called in another thread

_FORMAT = "guichet-backup"
_FORMAT_VERSION = 1
_BATCH = 500  # rows at once
_BATCH_OF_BYTES = 8  # of a table that holds files: each row may be a quarter of a megabyte


@dataclass(frozen=True, slots=True)
class Part:
    """One table in a backup."""

    name: str
    columns: tuple[Column, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Header:
    revision: str
    created_at: str
    tables: tuple[Part, ...]
    version: int = _FORMAT_VERSION
    format: str = _FORMAT

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.tables)


@dataclass(frozen=True, slots=True)
class DatabaseArchive:
    """The backups of the database at `url`, for the job that makes them."""

    url: str

    async def write(self, file: Path) -> int:
        return (await backup(self.url, file)).rows

    async def verify(self, file: Path) -> int:
        """Restore into a SQLite file beside it, and count what is there."""
        return await asyncio.to_thread(_try_out, file)


async def backup(url: str, file: Path | str, progress: Progress | None = None) -> Header:
    """Write the database at `url`, as of one moment, to `file`; what was there stays until the new one is complete.

    Raises BackupError when there is nothing to save or the file cannot be written, StorageUnavailable.
    """
    return await asyncio.to_thread(_backup, url, Path(file), progress or _silent)


async def restore(url: str, file: Path | str, overwrite: bool = False, progress: Progress | None = None) -> Header:
    """Fill the database at `url` from a backup, in one transaction: all of it or nothing.

    Raises BackupError when the file is no complete backup or is of a newer release, or when there is data in the
    database and `overwrite` is not given; StorageUnavailable.
    """
    try:
        return await asyncio.to_thread(_restore, url, Path(file), overwrite, progress or _silent)
    except (SQLAlchemyError, StaleWrite) as error:
        raise BackupError(f"{file}: its rows do not fit together; nothing was restored") from error


def _silent(done: int, total: int) -> None:
    pass


def _backup(url: str, file: Path, progress: Progress) -> Header:
    address = database_url(url)
    if address.get_backend_name() == "sqlite" and not (address.database and Path(address.database).exists()):
        raise BackupError(f"there is no database at {url}")
    options = {} if address.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with short_lived(address, begin="BEGIN", **options) as connection:
        revision = revision_of(connection)
        if revision is None:
            raise BackupError("the database is empty: there is nothing to save")
        tables = reflected(connection)
        parts = tuple(Part(table.name, columns, _count(connection, table)) for table, columns in tables)
        header = Header(revision, datetime.now(UTC).isoformat(), parts)
        with _written(file) as line:
            line(
                {
                    "format": header.format,
                    "version": header.version,
                    "revision": header.revision,
                    "created_at": header.created_at,
                    "tables": [{"name": p.name, "columns": dict(p.columns), "rows": p.rows} for p in parts],
                }
            )
            done = 0
            for table, columns in tables:
                rows = connection.execute(select(table), execution_options={"yield_per": _batch(columns)})
                for batch in rows.partitions():
                    for row in batch:
                        line(to_json(row))
                    done += len(batch)
                    progress(done, header.rows)
        return header


def _batch(columns: Sequence[Column]) -> int:
    return _BATCH_OF_BYTES if any(kind == "bytes" for _, kind in columns) else _BATCH


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@contextmanager
def _written(file: Path) -> Iterator[Callable[[Any], None]]:
    """Lines into a file beside `file`, which takes its place when all are there. Readable by its owner alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    except OSError as error:
        raise BackupError(f"cannot write {file}: {error.strerror}") from error
    temporary = Path(name)
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as raw:
            with zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False) as packed:

                def line(value: Any) -> None:
                    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    digest.update(encoded)
                    packed.write(encoded)

                yield line
                line({"sha256": digest.hexdigest()})
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(file)
    except OSError as error:
        raise BackupError(f"cannot write {file}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(slots=True)
class _Lines:
    """The lines of a backup, checked."""

    file: Path
    raw: BinaryIO
    digest: Any = field(default_factory=hashlib.sha256)

    def __iter__(self) -> Iterator[Any]:
        rest = b""
        try:
            for chunk in zstandard.ZstdDecompressor().read_to_iter(self.raw):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    value = json.loads(line)
                    if isinstance(value, dict) and "sha256" in value and value["sha256"] != self.digest.hexdigest():
                        raise BackupError(f"{self.file} is damaged: its checksum is wrong")
                    self.digest.update(line + b"\n")
                    yield value
        except (zstandard.ZstdError, ValueError) as error:
            raise BackupError(f"{self.file} is not a backup of guichet, or is damaged") from error
        except OSError as error:
            raise BackupError(f"cannot read {self.file}: {error.strerror}") from error


def _restore(url: str, file: Path, overwrite: bool, progress: Progress) -> Header:
    address = database_url(url)
    try:
        raw = file.open("rb")
    except OSError as error:
        raise BackupError(f"cannot read {file}: {error.strerror}") from error
    with raw:
        lines = iter(_Lines(file, raw))
        header = _header(next(lines, None), file)
        make_folder(address)
        with short_lived(address) as connection:
            lock_schema(connection)
            _clear(connection, header.revision, overwrite)
            done = 0
            for part in header.tables:
                table = portable_table(part.name, part.columns)
                for batch in _batches(lines, part, file):
                    connection.execute(table.insert(), batch)
                    done += len(batch)
                    progress(done, header.rows)
            last = next(lines, None)
            if not isinstance(last, dict) or "sha256" not in last:
                raise _truncated(file)
            _number_on(connection, header)
            if header.revision != HEAD:
                migrate(connection)
        return header


def _try_out(file: Path) -> int:
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".trial-") as folder:
            url = f"sqlite:///{Path(folder) / 'trial.db'}"
            _restore(url, file, overwrite=False, progress=_silent)
            with short_lived(database_url(url)) as connection:
                state = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                if state != "ok" or connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise BackupError(f"{file}: what was restored is no intact database")
                return sum(_count(connection, table) for table, _ in reflected(connection))
    except (SQLAlchemyError, StaleWrite, StorageUnavailable, OSError) as error:
        # The desk's own database is well: what failed is the trial, for want of room, say.
        raise BackupError(f"{file} cannot be restored for trial: {error}") from error


def _header(line: Any, file: Path) -> Header:
    if line is None:
        raise BackupError(f"{file} is not a backup of guichet, or its end is missing")
    if not isinstance(line, Mapping) or line.get("format") != _FORMAT:
        raise BackupError(f"{file} is not a backup of guichet")
    if line.get("version") != _FORMAT_VERSION or line.get("revision") not in REVISIONS:
        raise BackupError(f"{file} was made by a newer release of guichet than this one")
    try:
        tables = tuple(Part(t["name"], tuple(t["columns"].items()), int(t["rows"])) for t in line["tables"])
        for part in tables:
            portable_table(part.name, part.columns)
        return Header(str(line["revision"]), str(line["created_at"]), tables)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BackupError(f"{file} is damaged: its header is wrong") from error


def _batches(lines: Iterator[Any], part: Part, file: Path) -> Iterator[list[dict[str, Any]]]:
    left = part.rows
    while left > 0:
        most = min(left, _batch(part.columns))
        batch = [to_row(line, part.columns) for line in islice(lines, most)]
        if None in batch:
            raise BackupError(f"{file} is damaged: a row of {part.name} is wrong")
        if len(batch) < most:
            raise _truncated(file)
        left -= len(batch)
        yield [row for row in batch if row is not None]


def _truncated(file: Path) -> BackupError:
    return BackupError(f"{file} is incomplete: its end is missing")


def _clear(connection: Connection, revision: str, overwrite: bool) -> None:
    """Empty tables of that revision."""
    tables = reflected(connection)
    found = revision_of(connection)
    if tables and found is None:
        raise StorageError("the database holds tables of something else, with the names of the desk's")
    if not overwrite and any(_count(connection, table) for table, _ in tables):
        raise BackupError("there is data in the database: restoring would overwrite it, and is done only with --yes")
    if found == revision:
        for table, _ in reversed(tables):
            connection.execute(table.delete())
        return
    if found is not None:
        found_tables(connection).drop_all(connection)
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    migrate(connection, to=revision)


def _number_on(connection: Connection, header: Header) -> None:
    """Let numbers that PostgreSQL gives go on after the highest that was restored; SQLite sees to it itself."""
    if connection.dialect.name != "postgresql":
        return
    for part in header.tables:
        for name, kind in part.columns:
            sequence = None
            if kind == "int":
                wanted = {"table": part.name, "column": name}
                sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), wanted).scalar()
            if sequence is not None:
                highest: ColumnElement[int] = func.max(literal_column(f'"{name}"'))
                connection.execute(
                    select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))).select_from(
                        portable_table(part.name, part.columns)
                    )
                )
