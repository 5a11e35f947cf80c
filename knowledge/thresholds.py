"""From which confidence on the desk answers: estimated from the base itself, for each language.

Where articles have phrasings, each is a question whose answer is known: asked with its own point left out, its
confidence is what people's questions will get. With fifty of them, nine in ten are to be answered: the threshold is
their 10th percentile. With fewer, each title is asked with its own article left out, and the threshold is the 10th
percentile of what the rest of the base makes of it; below twenty articles, a default.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.model.knowledge import Thresholds
from bot.model.values import Audience, Language
from knowledge import sparse
from knowledge.dense import Embedder
from knowledge.fusion import Ranked, fuse, weights_for
from knowledge.index.points import Draft, Prepared
from knowledge.index.port import Reader, Scope
from knowledge.retrieval import ceilings, embed, rank, search
from knowledge.sparse import SparseVector, Terms, Vector

ENOUGH_LABELLED = 50
ENOUGH_TITLES = 20
SAMPLE = 100  # questions of each kind and language
SUGGEST = 2 / 3  # of the answer threshold: nearly all that people ask of a base is above, most other things are below
LOWEST, HIGHEST = 0.1, 0.6  # whatever the estimate says
_EVERYTHING = Audience.INTERNAL

_T = TypeVar("_T")


async def estimate(
    index: Reader, articles: Sequence[Prepared], embedder: Embedder | None = None
) -> dict[Language, Thresholds]:
    """Of what the index holds; the articles are a sample of it, the embedder is that of its embeddings."""
    thresholds = {}
    for language in Language:
        own = [each for each in articles if each.entry.article.language is language]
        answer = await _labelled(index, own, language, embedder)
        if answer is None:
            answer = await _left_out(index, own, language, embedder)
        if answer is not None:
            answer = round(min(max(answer, LOWEST), HIGHEST), 4)
            thresholds[language] = Thresholds(answer, round(answer * SUGGEST, 4))
    return thresholds


async def _labelled(
    index: Reader, articles: Sequence[Prepared], language: Language, embedder: Embedder | None
) -> float | None:
    known = [
        (prepared, text, draft)
        for prepared in articles
        for (text, spoken), draft in zip(prepared.entry.phrasings, prepared.phrasing_drafts, strict=True)
        if spoken is language
    ]
    if len(known) < ENOUGH_LABELLED:
        return None
    return _percentile([await confidence_unwritten(index, *each, embedder) for each in _spread(known)])


async def confidence_unwritten(
    index: Reader, prepared: Prepared, text: str, draft: Draft, embedder: Embedder | None = None
) -> float:
    """The confidence in a phrasing's answer, had nobody written the phrasing down."""
    ranked = await ranked_unwritten(index, prepared, text, draft, embedder)
    return ranked[0].confidence if ranked else 0.0


async def ranked_unwritten(
    index: Reader, prepared: Prepared, text: str, draft: Draft, embedder: Embedder | None = None
) -> list[Ranked]:
    """What a phrasing would find, had nobody written it down."""
    language = prepared.entry.article.language
    asked = sparse.question(text, language)
    embedded = await asyncio.to_thread(embed, embedder, text) if embedder else None
    found = await search(index, asked, Scope(_EVERYTHING, without_points=(draft.id,)), embedded)
    if Vector.TEXT in found:  # the text of the article's first point has all its phrasings
        rest = sparse.without(prepared.drafts[0].terms[Vector.TEXT], sparse.terms(Vector.TEXT, text, language))
        score = _score(index, asked[Vector.TEXT].terms, rest)
        own = prepared.entry.article.id
        found[Vector.TEXT] = [replace(hit, score=score) if hit.article_id == own else hit for hit in found[Vector.TEXT]]
    weights = weights_for(language, embedder.languages if embedder and embedded else None)
    return fuse(found, ceilings(index, asked), language, weights)


def _score(index: Reader, asked: Terms, text: Terms) -> float:
    """What the engine would give a point with this text."""
    wanted = set(asked.ids)
    weights = sparse.weighted(text, index.manifest.means[Vector.TEXT])
    shared = [pair for pair in zip(weights.indices, weights.values, strict=True) if pair[0] in wanted]
    vector = SparseVector([id for id, _ in shared], [weight for _, weight in shared])
    return index.worth({Vector.TEXT: vector})[Vector.TEXT]


async def _left_out(
    index: Reader, articles: Sequence[Prepared], language: Language, embedder: Embedder | None
) -> float | None:
    if len(articles) < ENOUGH_TITLES:
        return None
    confidences = []
    for prepared in _spread(articles):
        article = prepared.entry.article
        scope = Scope(_EVERYTHING, without_articles=(article.id,))
        ranked = await rank(index, article.title, language, scope, embedder=embedder)
        confidences.append(ranked[0].confidence if ranked else 0.0)
    return _percentile(confidences)


def _percentile(confidences: Sequence[float]) -> float:
    return sorted(confidences)[len(confidences) // 10]


def _spread(items: Sequence[_T]) -> Sequence[_T]:
    """At most SAMPLE of them, evenly spread."""
    step = max(len(items) / SAMPLE, 1.0)
    return [items[int(at * step)] for at in range(min(len(items), SAMPLE))]
