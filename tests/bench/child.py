"""What `processes` runs in a fresh interpreter; prints one JSON object."""

import asyncio
import json
import sys
from pathlib import Path

from bot.categories import Categories
from bot.understanding.language import load
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.sync import sync_folder
from storage.store import open_storage
from tests.bench import baselines
from tests.bench.base import Base
from tests.bench.desk import open_for_questions, settings_of
from tests.bench.figures import peak_memory, timed


async def sync(home: Path, documents: Path) -> dict[str, float]:
    """Seconds to load, store and index a folder."""
    categories = Categories.load(None)
    storage = await open_storage(str(home / "guichet.db"))
    index = await EmbeddedIndex.open(home / "index")
    with timed() as timing:
        report = await sync_folder(storage.unit_of_work, documents, categories)
        done = await IndexFollower(storage.unit_of_work, index).catch_up()
    await index.close()
    await storage.close()
    if report.errors or done.indexed != report.added:
        raise RuntimeError(f"{len(report.errors)} documents were not used, {done.indexed} indexed")
    bare = baselines.files_kept(documents, home / "bare.db")
    return {
        "documents": report.added,
        "wall": timing.wall / 1000,
        "cpu": timing.cpu / 1000,
        "bare": bare / 1000,
    }


async def answer(home: Path, answers: int) -> None:
    base = Base()
    articles = [base.article(number) for number in range(50)]
    async with open_for_questions(settings_of(home), base.questions(articles)) as people:
        await people.one_by_one(answers)


def memory(home: Path, answers: int) -> dict[str, float]:
    """Megabytes at the peak, with everything loaded that a desk loads in its first seconds."""
    asyncio.run(answer(home, answers))
    load()
    return {"peak": peak_memory()}


def main(what: str, home: Path, more: str) -> None:
    result = asyncio.run(sync(home, Path(more))) if what == "sync" else memory(home, int(more))
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
