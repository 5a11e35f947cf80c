"""One ranking out of several, and how far to trust its first.

Distribution-based score fusion (DBSF): each list's scores are scaled by its own mean and three standard deviations and
added up. The sum orders articles but says nothing between questions; for that there is `mean3`, the mean over the
vectors of the article's score against the highest the query could have had.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.values import Language
from knowledge.index.port import Candidate
from knowledge.sparse import Vector

WEIGHTS = {Vector.TEXT: 1.5, Vector.QUESTION: 1.0, Vector.CHARACTERS: 1.0}  # title and text know the most
SAME_LANGUAGE = 0.2  # decides between an article and its translation, and nothing else


@dataclass(frozen=True, slots=True)
class Ranked:
    """`score` orders within one search; `confidence` (0..1) compares between searches; `best` names the passage."""

    best: Candidate
    score: float
    confidence: float


def fuse(
    found: Mapping[Vector, Sequence[Candidate]], ceilings: Mapping[Vector, float], language: Language
) -> list[Ranked]:
    """Best first, ties in the order of article ids."""
    scores: dict[str, float] = {}
    ratios: dict[str, float] = {}
    best: dict[str, Candidate] = {}
    for vector, weight in WEIGHTS.items():  # the text first: its candidate names the passage
        candidates = found.get(vector, ())
        ceiling = ceilings.get(vector, 0.0)
        for candidate, scaled in zip(candidates, _scaled([hit.score for hit in candidates]), strict=True):
            article = candidate.article_id
            best.setdefault(article, candidate)
            scores[article] = scores.get(article, 0.0) + weight * scaled
            if ceiling > 0:
                ratios[article] = ratios.get(article, 0.0) + min(candidate.score / ceiling, 1.0)
    vectors = max(len(ceilings), 1)
    ranked = []
    for article, candidate in best.items():
        bonus = SAME_LANGUAGE if candidate.language is language else 0.0
        ranked.append(Ranked(candidate, scores[article] + bonus, ratios.get(article, 0.0) / vectors))
    return sorted(ranked, key=lambda hit: (-hit.score, hit.best.article_id))


def _scaled(scores: Sequence[float]) -> list[float]:
    """0.5 is the list's mean, 0 and 1 are three standard deviations from it; a list without spread is all 0.5."""
    if not scores:
        return []
    mean = sum(scores) / len(scores)
    deviation = math.sqrt(sum((score - mean) ** 2 for score in scores) / max(len(scores) - 1, 1))
    if deviation <= 0:
        return [0.5] * len(scores)
    return [(score - mean) / (6 * deviation) + 0.5 for score in scores]
