"""The least that could be done: a query of the index alone, one row inserted, files read and kept, an interpreter."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bot.model.values import Audience, Language
from knowledge import sparse
from knowledge.fusion import CANDIDATES
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.port import Scope

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
_TABLE = "create table bench_row (id integer primary key, content text)"


async def index_queries(directory: Path, questions: Sequence[tuple[str, Language]]) -> list[float]:
    """Milliseconds of each search of the engine, by all three vectors."""
    index = await EmbeddedIndex.open(directory)
    scope = Scope(Audience.INTERNAL)
    try:
        each = []
        for text, language in questions:
            vectors = sparse.query(sparse.question(text, language))
            began = time.perf_counter()
            await index.search(vectors, scope, CANDIDATES)
            each.append((time.perf_counter() - began) * 1000)
        return each
    finally:
        await index.close()


def sqlite_inserts(file: Path, many: int) -> list[float]:
    """Milliseconds of each insert of one row with its commit, on the same kind of file."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")
        connection.execute(_TABLE)
        each = []
        for number in range(many):
            began = time.perf_counter()
            connection.execute("begin immediate")
            connection.execute("insert into bench_row (content) values (?)", (f"row {number}",))
            connection.execute("commit")
            each.append((time.perf_counter() - began) * 1000)
        return each
    finally:
        connection.close()


def postgresql_inserts(url: str, many: int) -> list[float]:
    with psycopg.connect(url) as connection:
        connection.execute(_TABLE.replace("integer", "serial").encode())
        connection.commit()
        each = []
        for number in range(many):
            began = time.perf_counter()
            connection.execute("insert into bench_row (content) values (%s)", (f"row {number}",))
            connection.commit()
            each.append((time.perf_counter() - began) * 1000)
        return each


def files_kept(folder: Path, file: Path) -> float:
    """Milliseconds to read all documents of a folder and keep each as a row."""
    began = time.perf_counter()
    rows = [(str(path), path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.md"))]
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")
        connection.execute("create table document (name text primary key, content text)")
        connection.execute("begin immediate")
        connection.executemany("insert into document values (?, ?)", rows)
        connection.execute("commit")
    finally:
        connection.close()
    return (time.perf_counter() - began) * 1000
