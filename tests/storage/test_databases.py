"""What is particular to each of the two databases."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, inspect, make_url

from bot.errors import StorageUnavailable
from bot.model.ids import new_id
from bot.model.ledger import Cursor
from bot.model.people import Person
from storage.database import SqliteDatabase, connect
from storage.engines import short_lived
from storage.records import PLAIN
from storage.store import SqlStorage, open_storage
from storage.urls import database_url as address_of
from tests.contract.storage.makers import delivery, said

LEASE = timedelta(minutes=1)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_every_field_of_every_record_has_its_column() -> None:
    for codec in PLAIN.values():
        record: Any = codec.record
        assert set(codec.table.c.keys()) >= {field.name for field in fields(record)} - {"ref"}


async def test_claims_on_sqlite_look_at_open_rows_only(sqlite_storage: SqlStorage, sqlite_url: str) -> None:
    """A ledger grows without end; what is open stays few."""
    await sqlite_storage.inbox.receive(said("a", "1"))
    with statements() as seen:
        await sqlite_storage.inbox.claim("me", LEASE)
        await sqlite_storage.outbox.claim("me", LEASE, [("slack", "T1")])
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        for statement, parameters in seen[1:]:
            if "UPDATE" not in statement:
                continue
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            steps = " | ".join(step[3] for step in plan)
            ledger = "inbox" if "inbox" in statement else "outbox"
            assert f"candidate USING INDEX ix_{ledger}_open" in steps, steps
            assert f"earlier USING INDEX ix_{ledger}_open_conversation" in steps, steps
    connection.close()


async def test_sqlite_is_set_up_to_survive_and_to_share(sqlite_storage: SqlStorage) -> None:
    def pragmas(connection: Any) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    wanted = {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 15000, "foreign_keys": 1}
    database = sqlite_storage._context.database
    assert await database.read(pragmas) == wanted
    assert await database.write(pragmas) == wanted


async def test_a_writer_waits_for_a_writer_of_another_process(sqlite_storage: SqlStorage, sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(sqlite_storage.inbox.receive(said("a", "1")))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert (await sqlite_storage.counts()).inbox["received"] == 0  # readers do not wait
    other.execute("COMMIT")
    other.close()
    assert await waiting == 1


async def test_a_queue_of_writers_gives_up_together_while_another_process_holds_the_file(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engines.PATIENCE", 0.4)
    monkeypatch.setattr("storage.database.PATIENCE", 0.4)
    storage = await open_storage(sqlite_url)
    await storage.inbox.receive(said("a", "1"))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = monotonic()
        writers = (storage.inbox.receive(said("a", str(n))) for n in range(2, 9))
        outcomes = await asyncio.gather(*writers, return_exceptions=True)
        assert all(isinstance(one, StorageUnavailable) for one in outcomes)
        assert monotonic() - begun < 1.5, "not one after the other"
        with pytest.raises(StorageUnavailable):
            await storage.inbox.receive(said("a", "9"))
        other.execute("ROLLBACK")
    assert await storage.inbox.receive(said("a", "9")) == 1
    await storage.close()


async def test_a_brief_write_goes_to_no_thread_unless_another_process_writes(sqlite_url: str) -> None:
    database = connect(make_url(sqlite_url))
    threads: list[int] = []

    def add(connection: Connection) -> int:
        threads.append(threading.get_ident())
        return connection.exec_driver_sql("insert into t values (1)").rowcount

    def fail(connection: Connection) -> None:
        add(connection)
        raise ValueError

    def count(connection: Connection) -> int:
        return int(connection.exec_driver_sql("select count(*) from t").scalar_one())

    try:
        await database.write(lambda connection: connection.exec_driver_sql("create table t (n integer)").rowcount)
        assert await database.write(add, brief=True) == 1
        with pytest.raises(ValueError):
            await database.write(fail, brief=True)
        assert threads == [threading.get_ident()] * 2
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as other:
            other.execute("begin immediate")
            waiting = asyncio.create_task(database.write(add, brief=True))
            behind = asyncio.create_task(database.write(add, brief=True))  # overtakes nobody
            await asyncio.sleep(0.1)
            assert not waiting.done() and not behind.done()
            other.execute("rollback")
            await asyncio.gather(waiting, behind)
        assert threads[2] == threads[3] != threading.get_ident()
        assert await database.write(add, brief=True) == 1 and threads[4] == threads[0]
        assert await database.read(count, brief=True) == 4
    finally:
        await database.close()


async def test_what_a_message_looks_up_and_what_is_kept_of_it_takes_no_thread(sqlite_url: str) -> None:
    storage = await open_storage(sqlite_url)
    database = cast(SqliteDatabase, storage._context.database)
    database._readers.shutdown()
    database._writers.shutdown()
    nobody, nothing = new_id(), new_id()
    async with storage.unit_of_work() as uow:
        uow.cursors.save(Cursor("a sign", "it stands there"))
        await uow.commit()
        sign = await uow.cursors.get("a sign")
        assert sign
        uow.cursors.remove(sign)
        await uow.commit()
        assert not await uow.tickets.active_of(nobody) and not await uow.tickets.places_in(nothing)
        assert not await uow.people.identities(nobody) and not await uow.problems.announced()
        assert not await uow.conversations.messages(nothing, limit=20)
        for number in range(20):
            uow.people.add(Person(f"Ada {number}"))
        with pytest.raises(RuntimeError, match="shutdown"):
            await uow.commit()  # what takes long leaves the others their turn
    await storage.close()


async def test_a_database_in_memory_works_and_is_gone_when_closed() -> None:
    for _ in range(2):
        storage = await open_storage(":memory:")
        person = Person("Ada")
        async with storage.unit_of_work() as work:
            work.people.add(person)
            await work.commit()
            assert len(await asyncio.gather(*(work.people.person(person.id) for _ in range(5)))) == 5
        assert await storage.inbox.receive(said("a", "1")) == 1
        await storage.close()


async def test_a_clock_takes_the_place_of_the_time_of_day(database_url: str) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    storage = await open_storage(database_url, clock=lambda: now[0])
    try:
        await storage.inbox.receive(said("a", "1"))
        [row] = await storage.inbox.claim("me", LEASE)
        assert row.received_at == now[0]
        assert await storage.inbox.claim("you", LEASE) == []
        now[0] += 2 * LEASE
        assert len(await storage.inbox.claim("you", LEASE)) == 1
        held = await storage.leases.acquire("x", "me", LEASE)
        assert held is not None and held.expires_at == now[0] + LEASE
    finally:
        await storage.close()


async def test_leases_on_postgresql_go_by_the_servers_clock(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = await open_storage(postgres_url)
    try:
        monkeypatch.setattr(storage._context.moments, "_clock", lambda: datetime(1999, 1, 1, tzinfo=UTC))
        held = await storage.leases.acquire("x", "me", LEASE)
        assert held is not None and held.expires_at > datetime.now(UTC)
    finally:
        await storage.close()


def terminate_all(url: str) -> None:
    """What a restart of the server does to its connections."""
    address = address_of(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("use", ["read", "write"])
async def test_a_restart_of_the_server_is_survived(postgres_url: str, use: str) -> None:
    storage = await open_storage(postgres_url)
    try:
        await asyncio.gather(*(storage.inbox.receive(said("a", str(n))) for n in range(4)))
        assert await storage.listening(10)
        terminate_all(postgres_url)
        await asyncio.sleep(0.1)
        if use == "read":
            assert (await storage.counts()).inbox["received"] == 4
        else:
            assert await storage.inbox.receive(said("a", "new")) == 1
    finally:
        await storage.close()


async def test_a_server_that_is_gone_is_unavailable(
    postgres_server: str, postgres_url: str, wrong: Callable[[str], str] = lambda url: url
) -> None:
    storage = await open_storage(postgres_url)
    name = address_of(postgres_url).database
    try:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" allow_connections false'.encode())
        terminate_all_but(postgres_server, str(name))
        with pytest.raises(StorageUnavailable):
            await storage.inbox.receive(said("a", "1"))
        with pytest.raises(StorageUnavailable):
            await storage.counts()
    finally:
        await storage.close()


def terminate_all_but(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


async def test_many_at_once_share_a_small_pool(postgres_url: str) -> None:
    storage = await open_storage(postgres_url, pool_size=1)
    try:
        await asyncio.gather(*(storage.inbox.receive(said("a", str(n))) for n in range(30)))
        async with storage.unit_of_work() as work:
            work.outbox.add(delivery("k"))
            await asyncio.gather(work.commit(), storage.counts(), storage.inbox.claim("me", LEASE))
        assert (await storage.counts()).outbox["pending"] == 1
    finally:
        await storage.close()


async def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    storage = await open_storage(str(tmp_path / "a" / "b" / "guichet.db"))
    await storage.close()
    assert (tmp_path / "a" / "b" / "guichet.db").exists()


def test_a_new_file_that_another_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE first (id INTEGER)")
    done = Timer(0.2, other.execute, ["COMMIT"])
    done.start()
    with short_lived(address_of(f"sqlite:///{file}")) as connection:
        assert inspect(connection).get_table_names() == ["first"]
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    done.join()
    other.close()


def psycopg_connection(connection: Any) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection
    return driver


async def test_a_postgresql_server_whose_machine_is_gone_is_noticed(postgres_url: str) -> None:
    """Nobody closes the connection then: the system is asked to look, and within a minute."""
    storage = await open_storage(postgres_url)
    known = await storage._context.database.write(lambda one: psycopg_connection(one).info.get_parameters())
    await storage.close()
    asked = [int(known[f"keepalives_{name}"]) for name in ("idle", "interval", "count")]
    assert asked[0] + asked[1] * asked[2] <= 60 and int(known["tcp_user_timeout"]) <= 60_000
