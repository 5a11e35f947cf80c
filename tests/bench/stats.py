"""The desk's figures of 100,000 tickets, beside a bare COUNT(*) of them in the same run."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.reports.figures import compared
from bot.reports.periods import between
from storage.models.tickets import tickets
from storage.store import SqlStorage, open_storage
from storage.upgrade import upgrade
from tests.bench.figures import Baseline, Figure
from tests.reports.history import History

UNTIL = datetime(2026, 11, 16, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
ROUNDS = 5


def stats(count: int, folder: Path, server: Callable[[str], str] | None, say: Callable[[str], None]) -> list[Figure]:
    """On both databases, if there is a server for the second. All tickets are of the period and the one before."""
    say(f"{count:,} tickets and {count * 3 // 2:,} questions: their figures")
    figures = asyncio.run(on("SQLite", f"sqlite:///{folder / 'stats.db'}", count))
    if server:
        figures += asyncio.run(on("PostgreSQL", server("stats"), count))
    return figures


async def on(name: str, url: str, count: int) -> list[Figure]:
    await upgrade(url)
    storage = await open_storage(url)
    try:
        await fill(storage, count)
        year = between((UNTIL - timedelta(days=364)).date(), UNTIL.date(), ZONE)
        week = between((UNTIL - timedelta(days=6)).date(), UNTIL.date(), ZONE)
        all_of_it, last_week, counting = [], [], []
        for _ in range(ROUNDS):
            counting.append(await seconds(lambda: counted(storage)))
            all_of_it.append(await seconds(lambda: compared(storage.unit_of_work().reports, year, UNTIL)))
            last_week.append(await seconds(lambda: compared(storage.unit_of_work().reports, week, UNTIL)))
    finally:
        await storage.close()
    bare = Baseline("a bare COUNT(*)", min(counting) * 1000)
    return [
        Figure(f"figures of {count:,} tickets on {name}", min(all_of_it) * 1000, "ms", (bare,), 1500.0),
        Figure(f"figures of a week among them on {name}", min(last_week) * 1000, "ms", (bare,), 150.0),
    ]


async def fill(storage: SqlStorage, count: int) -> None:
    """A year and the one before, half and half."""
    history = History.of(1, UNTIL - timedelta(days=730), UNTIL, count * 3 // 2, count, closed=0.98)
    async with storage.unit_of_work() as uow:
        history.add_to(uow)
        await uow.commit()


async def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    await work()  # type: ignore[misc]
    return time.perf_counter() - started


async def counted(storage: SqlStorage) -> int:
    statement = select(func.count()).select_from(tickets)
    return await storage._context.database.read(lambda connection: int(connection.execute(statement).scalar_one()))
