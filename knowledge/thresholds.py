"""From which confidence on the desk answers: estimated from the base itself, for each language.

Where articles have phrasings, each is a question whose answer is known: asked with its own point left out, its
confidence is what people's questions will get. With fifty of them, nine in ten are to be answered: the threshold is
their 10th percentile. With fewer, each title is asked with its own article left out, and the threshold is the 10th
percentile of what the rest of the base makes of it; below twenty articles, a default.
"""

from collections.abc import Sequence
from typing import TypeVar

from bot.model.knowledge import Thresholds
from bot.model.values import Audience, Language
from knowledge.index.points import Prepared
from knowledge.index.port import Reader, Scope
from knowledge.retrieval import rank

ENOUGH_LABELLED = 50
ENOUGH_TITLES = 20
SAMPLE = 100  # questions of each kind and language
SUGGEST = 0.5  # of the answer threshold
_EVERYTHING = Audience.INTERNAL

_T = TypeVar("_T")


async def estimate(index: Reader, articles: Sequence[Prepared]) -> dict[Language, Thresholds]:
    """Of what the index holds; the articles are a sample of it."""
    thresholds = {}
    for language in Language:
        own = [each for each in articles if each.entry.article.language is language]
        answer = await _labelled(index, own, language)
        if answer is None:
            answer = await _left_out(index, own, language)
        if answer is not None:
            answer = round(min(max(answer, 0.05), 0.9), 4)
            thresholds[language] = Thresholds(answer, round(answer * SUGGEST, 4))
    return thresholds


async def _labelled(index: Reader, articles: Sequence[Prepared], language: Language) -> float | None:
    known = [
        (text, draft.id)
        for prepared in articles
        for (text, spoken), draft in zip(
            prepared.entry.phrasings, (d for d in prepared.drafts if d.kind == "phrasing"), strict=True
        )
        if spoken is language
    ]
    if len(known) < ENOUGH_LABELLED:
        return None
    scopes = [(text, Scope(_EVERYTHING, without_points=(id,))) for text, id in _spread(known)]
    return await _percentile(index, scopes, language)


async def _left_out(index: Reader, articles: Sequence[Prepared], language: Language) -> float | None:
    if len(articles) < ENOUGH_TITLES:
        return None
    titles = [prepared.entry.article for prepared in _spread(articles)]
    scopes = [(article.title, Scope(_EVERYTHING, without_articles=(article.id,))) for article in titles]
    return await _percentile(index, scopes, language)


async def _percentile(index: Reader, questions: Sequence[tuple[str, Scope]], language: Language) -> float:
    confidences = []
    for text, scope in questions:
        ranked = await rank(index, text, language, scope)
        confidences.append(ranked[0].confidence if ranked else 0.0)
    return sorted(confidences)[len(confidences) // 10]


def _spread(items: Sequence[_T]) -> Sequence[_T]:
    """At most SAMPLE of them, evenly spread."""
    step = max(len(items) / SAMPLE, 1.0)
    return [items[int(at * step)] for at in range(min(len(items), SAMPLE))]
