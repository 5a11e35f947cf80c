"""Database addresses as people write them."""

import pytest

from bot.errors import StorageError
from storage.engines import where
from storage.urls import database_url


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("data/guichet.db", "sqlite:///data/guichet.db"),
        ("/var/lib/guichet.db", "sqlite:////var/lib/guichet.db"),
        ("sqlite:///data/guichet.db", "sqlite:///data/guichet.db"),
        ("sqlite+aiosqlite:////var/guichet.db", "sqlite:////var/guichet.db"),
        (":memory:", "sqlite://"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite://"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d?sslmode=require", "postgresql+psycopg://u:p@h:5433/d?sslmode=require"),
        ("postgresql+asyncpg://u@h/d", "postgresql+psycopg://u@h/d"),
        (
            "postgres://postgres.abc:p%40ss@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&sslmode=require",
            "postgresql+psycopg://postgres.abc:p%40ss@aws-0-eu.pooler.supabase.com:6543/postgres?sslmode=require",
        ),
        ("postgresql://u@/d?host=/run/pg", "postgresql+psycopg://u@/d?host=%2Frun%2Fpg"),
    ],
)
def test_addresses_are_understood(url: str, meant: str) -> None:
    assert database_url(url).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "http://hunter2", "nonsense://", "://"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StorageError) as caught:
        database_url(url)
    assert "hunter2" not in str(caught.value)


def test_a_place_is_named_without_its_password() -> None:
    assert where(database_url("postgresql://u:hunter2@h/d")) == "d on h"
    assert where(database_url("/a/b.db")) == "/a/b.db"
    assert where(database_url(":memory:")) == "in memory"
