"""Persisted answers: from the platform's event to the outbox row that says `sent`."""

import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model.knowledge import Article
from tests.bench import baselines
from tests.bench.base import Base
from tests.bench.desk import fill, open_for_questions, settings_of
from tests.bench.figures import Baseline, Figure, percentile

WARM = 40  # answers before the clock is started
AT_ONCE = 8  # questions without an answer while answers a second are counted
RATE = 100.0  # answers a second, at least


@dataclass(frozen=True, slots=True)
class Size:
    chunks: int
    p95: float | None  # milliseconds, the target


async def of_size(
    size: Size, rounds: int, folder: Path, server: Callable[[str], str] | None, say: Callable[[str], None]
) -> tuple[list[Figure], Path]:
    """The figures on SQLite, and on PostgreSQL if there is one; and the home with the articles and their index.

    `server` makes a database of that name and returns its address.
    """
    base = Base()
    articles = base.articles(size.chunks)
    home = folder / f"home-{size.chunks}"
    say(f"{size.chunks:,} chunks of {len(articles):,} articles: writing and indexing")
    await fill(settings_of(home), articles)
    figures = await _measured("SQLite", None, home, size, rounds, articles, base, say)
    if server is not None:
        address = server(f"bench_{size.chunks}")
        other = folder / f"home-{size.chunks}-postgresql"
        await fill(settings_of(other, address), articles)
        shutil.copytree(home / "index", other / "index")
        figures += await _measured("PostgreSQL", address, other, size, rounds, articles, base, say)
        shutil.rmtree(other)
    return figures, home


async def _measured(
    name: str,
    address: str | None,
    home: Path,
    size: Size,
    rounds: int,
    articles: Sequence[Article],
    base: Base,
    say: Callable[[str], None],
) -> list[Figure]:
    questions = base.questions(articles)
    async with open_for_questions(settings_of(home, address), questions) as people:
        say(f"{size.chunks:,} chunks on {name}: asking")
        await people.one_by_one(WARM)
        alone = await people.one_by_one(rounds)
        together = await people.together(rounds * 2, AT_ONCE)
    queries = await baselines.index_queries(home / "index", list(itertools.islice(questions, rounds)))
    if address is None:
        inserts = baselines.sqlite_inserts(home / "bare.db", rounds)
    else:
        inserts = baselines.postgresql_inserts(address, rounds)

    def latency(share: float, target: float | None) -> Figure:
        return Figure(
            f"{name}, {size.chunks:,} chunks: answer p{share * 100:.0f}",
            percentile(alone.each, share),
            "ms",
            (
                Baseline("a bare index query", percentile(queries, share)),
                Baseline("a bare insert", percentile(inserts, share)),
            ),
            target,
        )

    return [
        latency(0.5, None),
        latency(0.95, size.p95),
        Figure(
            f"{name}, {size.chunks:,} chunks: answers a second",
            len(together.each) * 1000 / together.wall,
            "/s",
            (
                Baseline("bare index queries", len(queries) * 1000 / sum(queries)),
                Baseline("bare inserts", len(inserts) * 1000 / sum(inserts)),
            ),
            RATE if size.p95 is not None else None,
            "more",
        ),
        Figure(
            f"{name}, {size.chunks:,} chunks: processor an answer",
            together.cpu / len(together.each),
            "ms",
            (Baseline("a bare index query", percentile(queries, 0.5)),),
        ),
    ]
