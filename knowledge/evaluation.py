"""How well the desk's retrieval finds the right articles of a given base, and how well it knows when there is none.

nDCG@10, recall and MRR are over the questions that have an answer, with relevance 0 or 1. AUROC is the probability that
a question with an answer gets more confidence than one without. `coverage` and `false_answer_rate` are the shares of
the two that the desk would answer at its own threshold.
"""

import asyncio
import json
import math
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.errors import InvalidInput
from bot.model.knowledge import Article, BaseVersion, Phrasing, Retrieval
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.dense import Embedders
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.language import detect
from knowledge.retrieval import HybridRetriever

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    language: Language
    relevant: frozenset[str]


def evaluate(
    kb_files: Sequence[Path], query_files: Sequence[Path], embedders: Embedders | None = None
) -> dict[str, float | int | None]:
    """Index the base in a temporary directory and ask the questions one by one. Blocks; runs an event loop of its own.

    Base rows `{id, lang, question, answer}`, question rows `{query, relevant, lang?}`, one JSON object a line; further
    keys do no harm. An answer may be empty; an id may not come twice. Keys of the result: documents, queries, ndcg10,
    recall1, recall5, mrr10 (None without an answerable question), p50_ms, p95_ms; where some questions have no answer
    in the base: auroc, coverage, false_answer_rate. The milliseconds are those of a search, the model's work included.
    Raises InvalidInput naming file and line, and ModelUnavailable.
    """
    articles = _by_id(kb_files)
    questions = [question for file in query_files for question in questions_of(file)]
    if not articles:
        raise InvalidInput("The knowledge files have no rows.")
    if not questions:
        raise InvalidInput("The query files have no rows.")
    return asyncio.run(_evaluate(articles, questions, embedders))


async def _evaluate(
    articles: dict[str, Article], questions: Sequence[Question], embedders: Embedders | None
) -> dict[str, float | int | None]:
    with tempfile.TemporaryDirectory(prefix="guichet-eval-") as directory:
        index = await EmbeddedIndex.open(Path(directory))
        try:
            follower = IndexFollower(lambda: Rows(articles), index, embedders)
            if embedders and embedders.wanted:
                await follower.embed_anew()
            else:
                await follower.catch_up()
            retriever = HybridRetriever(index, embedders)
            retrieved: list[Retrieval] = []
            milliseconds: list[float] = []
            for question in questions:
                began = time.perf_counter()
                retrieved.append(
                    await retriever.search(Query(question.text, question.language, Audience.PUBLIC), DEPTH)
                )
                milliseconds.append((time.perf_counter() - began) * 1000)
        finally:
            await index.close()
    return {"documents": len(articles), "queries": len(questions)} | measures(questions, retrieved, milliseconds)


def measures(
    questions: Sequence[Question], retrieved: Sequence[Retrieval], milliseconds: Sequence[float]
) -> dict[str, float | int | None]:
    """The figures for questions and what was found for each, in the same order."""
    asked = list(zip(questions, retrieved, strict=True))
    answerable = [([hit.article_id for hit in found.hits], ask.relevant) for ask, found in asked if ask.relevant]
    result: dict[str, float | int | None] = {
        "ndcg10": _mean([_ndcg(ids, relevant) for ids, relevant in answerable]),
        "recall1": _mean([_recall(ids[:1], relevant) for ids, relevant in answerable]),
        "recall5": _mean([_recall(ids[:5], relevant) for ids, relevant in answerable]),
        "mrr10": _mean([_reciprocal_rank(ids, relevant) for ids, relevant in answerable]),
        "p50_ms": round(_percentile(milliseconds, 0.50), 3),
        "p95_ms": round(_percentile(milliseconds, 0.95), 3),
    }
    if len(answerable) < len(asked):
        inside = [found for ask, found in asked if ask.relevant]
        outside = [found for ask, found in asked if not ask.relevant]
        result["auroc"] = _auroc([_confidence(found) for found in inside], [_confidence(found) for found in outside])
        result["coverage"] = _mean([float(_answered(found)) for found in inside])
        result["false_answer_rate"] = _mean([float(_answered(found)) for found in outside])
    return result


def _ndcg(ids: Sequence[str], relevant: Collection[str]) -> float:
    gain = sum(1 / math.log2(rank + 1) for rank, id in enumerate(ids[:DEPTH], 1) if id in relevant)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(len(relevant), DEPTH) + 1))


def _recall(ids: Sequence[str], relevant: Collection[str]) -> float:
    return len(set(ids) & set(relevant)) / len(relevant)


def _reciprocal_rank(ids: Sequence[str], relevant: Collection[str]) -> float:
    return next((1 / rank for rank, id in enumerate(ids[:DEPTH], 1) if id in relevant), 0.0)


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    if not inside or not outside:
        return None
    wins = sum((more > less) + 0.5 * (more == less) for more in inside for less in outside)
    return round(wins / (len(inside) * len(outside)), 4)


def _confidence(found: Retrieval) -> float:
    return found.hits[0].confidence if found.hits else 0.0


def _answered(found: Retrieval) -> bool:
    return bool(found.hits) and found.hits[0].confidence >= found.thresholds.answer


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below that share of them (nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def _by_id(files: Sequence[Path]) -> dict[str, Article]:
    """The articles of all files by id, which only one row may have: figures about half a base would mislead."""
    articles: dict[str, Article] = {}
    first: dict[str, str] = {}
    for file in files:
        for where, article in _articles(file):
            if article.id in articles:
                raise InvalidInput(f"{where}: id: {article.id} is already that of {first[article.id]}")
            articles[article.id], first[article.id] = article, where
    return articles


def _articles(file: Path) -> Iterator[tuple[str, Article]]:
    for where, row in _rows(file):
        id, question = _text(where, row, "id"), _text(where, row, "question")
        answer = row.get("answer")
        if not isinstance(answer, str):
            raise InvalidInput(f"{where}: answer: is missing, or not text")
        if row.get("lang") is None:
            raise InvalidInput(f"{where}: lang: is missing; should be one of {', '.join(Language)}")
        article = Article(
            id=id,
            origin=str(file),
            title=question,
            body=answer,
            language=_language(where, row, question),
            category="uncategorised",
            audience=Audience.PUBLIC,
            revision="1",
        )
        yield where, article


def questions_of(file: Path) -> Iterator[Question]:
    for where, row in _rows(file):
        relevant = row.get("relevant")
        if not isinstance(relevant, list) or not all(isinstance(id, str) for id in relevant):
            raise InvalidInput(f"{where}: relevant: should be a list of ids, empty if there is no answer")
        text = row.get("query")
        if not isinstance(text, str):
            raise InvalidInput(f"{where}: query: should be text")
        yield Question(text, _language(where, row, text), frozenset(relevant))


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the place to name in an error. Empty lines are skipped."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    where = f"{file}, line {number}"
                    yield where, _row(where, line)
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file}: is not text in UTF-8") from error


def _row(where: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: is not valid JSON") from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{where}: should be a JSON object")
    return row


def _text(where: str, row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{where}: {key}: is missing, or not text")
    return value


def _language(where: str, row: dict[str, Any], text: str) -> Language:
    code = row.get("lang")
    if code is None:
        return detect(text)
    if code not in list(Language):
        raise InvalidInput(f"{where}: lang: should be one of {', '.join(Language)}")
    return Language(code)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the given base, as the follower reads them from a database."""

    rows: dict[str, Article]
    phrasings: list[Phrasing] = field(default_factory=list)

    @property
    def knowledge(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def base_version(self) -> BaseVersion:
        return BaseVersion(1, len(self.rows))

    async def catalogue(self, origin: str | None = None) -> dict[str, str]:
        return {id: row.revision for id, row in self.rows.items()}

    async def articles(self, ids: Collection[str]) -> dict[str, Article]:
        return {id: self.rows[id] for id in ids}

    async def approved_phrasings(self, article_ids: Collection[str] | None = None) -> list[Phrasing]:
        return self.phrasings
