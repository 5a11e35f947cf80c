"""Tables are made and upgraded once, by whoever comes first, and what is too new is left alone."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import storage.migrations
from bot.errors import StorageError, StorageUnavailable
from bot.model.tickets import ProblemText
from bot.model.values import Audience, Language
from storage.engines import short_lived
from storage.models import metadata
from storage.schema import HEAD, REVISIONS, VERSION_TABLE, current, pending
from storage.store import open_storage
from storage.upgrade import migrate, upgrade
from storage.urls import database_url as address_of


def test_the_revisions_known_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(storage.migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert tuple(reversed([revision.revision for revision in script.walk_revisions()])) == REVISIONS
    assert script.get_heads() == [HEAD]


async def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    def columns(connection: Connection, table: str) -> list[tuple[Any, ...]]:
        # In whatever order: every statement names the columns it means, and an upgrade can only append.
        return sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspect(connection).get_columns(table))

    def indexes(connection: Connection) -> set[str]:
        if connection.dialect.name == "sqlite":
            return set(connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE type = 'index'").scalars())
        return set(connection.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'").scalars())

    with short_lived(address_of(database_url)) as connection:
        options = {"compare_type": True, "version_table": VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        made = {name: columns(connection, name) for name in metadata.tables}
        made_indexes = indexes(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        # Collations and conditions of indexes too, which the comparison above does not see.
        assert {name: columns(connection, name) for name in metadata.tables} == made
        assert indexes(connection) == made_indexes


async def test_an_empty_database_is_made_and_then_there_is_nothing_to_do(empty_url: str) -> None:
    assert await pending(empty_url) == REVISIONS
    assert await current(empty_url) is None
    assert await upgrade(empty_url)
    assert not await upgrade(empty_url)
    assert await current(empty_url) == HEAD
    assert await pending(empty_url) == ()


async def test_opening_makes_an_empty_database_only_when_asked(empty_url: str) -> None:
    with pytest.raises(StorageError, match="db upgrade"):
        await open_storage(empty_url, create=False)
    opened = await open_storage(empty_url)
    await opened.close()
    again = await open_storage(empty_url, create=False)
    await again.close()


async def test_what_a_database_of_the_first_release_held_is_there_after_the_upgrade(empty_url: str) -> None:
    """A phrasing and a gap, whose tables got more columns."""
    with short_lived(address_of(empty_url)) as connection:
        migrate(connection, "0001")
        for statement in FIRST_RELEASE:
            connection.execute(text(statement))
    assert await pending(empty_url) == REVISIONS[1:]
    assert await upgrade(empty_url)
    opened = await open_storage(empty_url, create=False)
    knowledge = opened.unit_of_work().knowledge
    (phrasing,) = await knowledge.proposed_phrasings()
    assert (phrasing.text, phrasing.question_id, phrasing.rejected_at) == ("no tunnel", None, None)
    (gap,) = await knowledge.gaps()
    assert (gap.text, gap.group_id) == ("who waters the plants", None)
    await opened.close()


FIRST_RELEASE = (
    "insert into articles (id, origin, title, body, language, category, audience, revision, keywords, phrasings,"
    " applies_to, links, withdrawn, version)"
    " values ('vpn', 'o', 'VPN', 'b', 'en', 'network', 'public', 'r', '[]', '[]', '[]', '[]', false, 0)",
    "insert into phrasings (article_id, text, language, source, approved, id, version)"
    " values ('vpn', 'no tunnel', 'en', 'confirmed', false, '0190163d8694739bbca8ba5a9ee3d600', 0)",
    "insert into knowledge_gaps (text, language, audience, asked_at, confidence, state, id, version) values"
    " ('who waters the plants', 'en', 'public', '2026-01-01 00:00:00', 0.1, 'open', '0190163d8694739bbca8ba5a9ee3d601',"
    " 0)",
)


def set_revision(url: str, revision: str) -> None:
    with short_lived(address_of(url)) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = :revision"), {"revision": revision})


async def test_a_problem_of_the_second_release_is_numbered_and_told_to_its_audience(empty_url: str) -> None:
    with short_lived(address_of(empty_url)) as connection:
        migrate(connection, "0002")
        connection.execute(text(SECOND_RELEASE))
    assert await upgrade(empty_url)
    opened = await open_storage(empty_url, create=False)
    (problem,) = await opened.unit_of_work().problems.announced()
    assert (problem.number, problem.texts) == (1, (ProblemText(Audience.INTERNAL, Language.FR, "Panne"),))
    assert await opened.unit_of_work().problems.next_number() == 2
    await opened.close()


SECOND_RELEASE = (
    "insert into problems (id, title, category, audience, texts, words, announced_at, version) values"
    " ('0190163d8694739bbca8ba5a9ee3d602', 'Mail', 'mail', 'internal', '{\"fr\": \"Panne\"}', '[]',"
    " '2026-01-01 00:00:00', 0)"
)


async def test_a_database_of_a_newer_release_is_refused(database_url: str) -> None:
    set_revision(database_url, "9999")
    for attempt in (open_storage, upgrade, pending):
        with pytest.raises(StorageError, match="newer release"):
            await attempt(database_url)


UPGRADE = "import sys; from storage.upgrade import upgrade_now; print(upgrade_now(sys.argv[1]))"


async def test_of_two_processes_that_upgrade_at_once_one_does_it(empty_url: str) -> None:
    def run() -> str:
        command = [sys.executable, "-c", UPGRADE, empty_url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert sorted(await asyncio.gather(*(asyncio.to_thread(run) for _ in range(2)))) == ["False", "True"]
    opened = await open_storage(empty_url, create=False)
    await opened.close()


async def test_a_failed_upgrade_changes_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lived(address_of(empty_url)) as connection:
        connection.exec_driver_sql("create table tickets (id int)")
    with pytest.raises(Exception, match="tickets"):
        await upgrade(empty_url)
    with short_lived(address_of(empty_url)) as connection:
        assert inspect(connection).get_table_names() == ["tickets"]


def test_a_start_that_finds_its_tables_does_not_load_alembic(sqlite_url: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.store import open_storage\n"
        "async def main():\n"
        "    await (await open_storage(sys.argv[1])).close()\n"
        "asyncio.run(main())\n"
        "assert not [name for name in sys.modules if name.startswith('alembic')]\n"
    )
    subprocess.run([sys.executable, "-c", script, sqlite_url], check=True)


@pytest.mark.parametrize(
    "url",
    ["postgresql://guichet:hunter2@127.0.0.1:1/guichet", "/proc/none/guichet.db", "sqlite:////dev/null/guichet.db"],
)
async def test_what_cannot_be_reached_is_said_without_its_password(url: str) -> None:
    with pytest.raises(StorageUnavailable) as caught:
        await open_storage(url)
    assert "hunter2" not in str(caught.value)
    assert str(caught.value)


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(StorageUnavailable, match="not a database"):
        await open_storage(str(file))
