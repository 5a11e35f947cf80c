"""The embedded index with the bench's embeddings: `python -m tests.bench.vectors_child CHUNKS` prints one JSON object.

Through the desk's own retrieval: five vectors, filter, fusion; only the model's work is left out, as it is for others.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.dense import Embedding
from knowledge.evaluation import Rows
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import HybridRetriever
from tests.bench import vectors
from tests.bench.base import Base
from tests.bench.figures import peak_memory, percentile


class Prepared:
    """An Embedder that hands out rows, one after the other."""

    name = "prepared@1"
    size = vectors.SIZE
    languages = (Language.EN,)

    def __init__(self, rows: vectors.Rows) -> None:
        self._rows = rows
        self._next = 0

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [next(self._hand()) for _ in texts]

    def _hand(self) -> Iterator[Embedding]:
        row: list[float] = self._rows[self._next % len(self._rows)].tolist()
        self._next += 1
        yield row


class Only:
    """An Embedders with one."""

    def __init__(self, wanted: Prepared) -> None:
        self.wanted = wanted

    def get(self, name: str) -> Prepared:
        return self.wanted


async def main(chunks: int) -> dict[str, float]:
    base = Base()
    articles = [
        replace(article, audience=Audience.PUBLIC if vectors.is_public(number) else Audience.INTERNAL)
        for number, article in enumerate(base.articles(chunks))
    ]
    rows = Rows({article.id: article for article in articles})
    with tempfile.TemporaryDirectory(prefix="guichet-bench-index-") as folder:
        index = await EmbeddedIndex.open(Path(folder))
        filled = Only(Prepared(vectors.points(chunks)))
        began = time.perf_counter()
        await IndexFollower(lambda: rows, index, filled).embed_anew()
        build = time.perf_counter() - began
        questions = base.questions(articles)
        asked = [next(questions) for _ in range(vectors.QUERIES)]
        public = await timed(index, asked, Audience.PUBLIC)
        free = await timed(index, asked, Audience.INTERNAL)
        await index.close()
    return {
        "build": build,
        "memory": peak_memory(),
        "p50": percentile(public, 0.5),
        "p95": percentile(public, 0.95),
        "free_p50": percentile(free, 0.5),
        "free_p95": percentile(free, 0.95),
    }


async def timed(index: EmbeddedIndex, asked: Sequence[tuple[str, Language]], audience: Audience) -> list[float]:
    retriever = HybridRetriever(index, Only(Prepared(vectors.queries())))
    milliseconds = []
    for text, language in asked:
        began = time.perf_counter()
        await retriever.search(Query(text, language, audience))
        milliseconds.append((time.perf_counter() - began) * 1000)
    return milliseconds[vectors.WARM :]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(int(sys.argv[1])))))
