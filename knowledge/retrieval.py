"""Finding articles: the desk's Retriever, on any index."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.knowledge import Hit, Retrieval, Thresholds
from bot.model.values import Language
from bot.ports.knowledge import Query
from knowledge import sparse
from knowledge.fusion import CANDIDATES, Ranked, fuse
from knowledge.index.port import Reader, Scope
from knowledge.sparse import Asked, Vector

DEFAULT_THRESHOLDS = Thresholds(answer=0.30, suggest=0.20)


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """Raises IndexUnavailable. Texts of any length or kind may be asked; only their beginning counts."""

    index: Reader

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        scope = Scope(query.audience, query.devices, query.category)
        ranked = await rank(self.index, query.text, query.language, scope, max(limit, CANDIDATES))
        thresholds = self.index.manifest.thresholds.get(query.language, DEFAULT_THRESHOLDS)
        return Retrieval(tuple(map(_hit, ranked[:limit])), thresholds)


async def rank(
    index: Reader, text: str, language: Language, scope: Scope, candidates: int = CANDIDATES
) -> list[Ranked]:
    """All articles found by any vector, best first."""
    asked = sparse.question(text, language)
    return fuse(await index.search(sparse.query(asked), scope, candidates), ceilings(index, asked), language)


def ceilings(index: Reader, asked: Mapping[Vector, Asked]) -> dict[Vector, float]:
    """What the question would score on itself: on a point with just its words."""
    means = index.manifest.means
    return index.worth({vector: sparse.ideal(each, means.get(vector, 1.0)) for vector, each in asked.items()})


def _hit(ranked: Ranked) -> Hit:
    return Hit(
        article_id=ranked.best.article_id,
        revision=ranked.best.revision,
        score=round(ranked.score, 4),
        confidence=round(ranked.confidence, 4),
        chunk=ranked.best.chunk,
        heading=ranked.best.heading,
    )
