"""Finding articles: the desk's Retriever, on any index."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import IndexUnavailable, ModelUnavailable
from bot.model.knowledge import Hit, Retrieval, Thresholds
from bot.model.values import Language
from bot.ports.knowledge import Query
from knowledge import sparse
from knowledge.calibration import Calibrations, calibrated
from knowledge.dense import Embedded, Embedder, Embedders
from knowledge.fusion import CANDIDATES, WITH_COSINES, Ranked, fuse, weights_for
from knowledge.index.port import Found, Reader, Scope
from knowledge.sparse import Asked, Vector

log = logging.getLogger(__name__)

DEFAULT_THRESHOLDS = Thresholds(answer=0.30, suggest=0.20)


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """Raises IndexUnavailable. Texts of any length or kind may be asked; only their beginning counts."""

    index: Reader
    embedders: Embedders | None = None
    calibrations: Calibrations | None = None

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        if self.index.manifest.base is None:
            raise IndexUnavailable("The search index is still being filled.")  # rather than say that there is nothing
        scope = Scope(query.audience, query.devices, query.category)
        model = self.index.manifest.model
        embedder = self.embedders.get(model) if self.embedders and model else None
        ranked = await rank(self.index, query.text, query.language, scope, embedder, limit)
        fitted = self.calibrations.of(query.language, embedder.name if embedder else "") if self.calibrations else None
        if fitted is None:
            thresholds = self.index.manifest.thresholds.get(query.language, DEFAULT_THRESHOLDS)
            return Retrieval(tuple(map(_hit, ranked[:limit])), thresholds)
        hits = tuple(_hit(one, calibrated(one.confidence, fitted)) for one in ranked[:limit])
        return Retrieval(hits, Thresholds(fitted.answer, fitted.suggest, calibrated=True))


async def rank(
    index: Reader,
    text: str,
    language: Language,
    scope: Scope,
    embedder: Embedder | None = None,
    articles: int = 0,
) -> list[Ranked]:
    """All articles found by any vector, best first; each is asked for `articles` at least. A model that fails is done
    without."""
    asked = sparse.question(text, language)
    embedded = await asyncio.to_thread(embed, embedder, text) if embedder and asked else None
    found = await search(index, asked, scope, embedded, articles)
    weights = weights_for(language, embedder.languages if embedder and embedded else None)
    return fuse(found, ceilings(index, asked), language, weights)


async def search(
    index: Reader, asked: Mapping[Vector, Asked], scope: Scope, embedded: Embedded | None = None, articles: int = 0
) -> Found:
    """As deep as fusion looks, at least."""
    deep = WITH_COSINES if embedded else CANDIDATES
    return await index.search(sparse.query(asked), scope, max(deep, articles), embedded)


def embed(embedder: Embedder, text: str) -> Embedded | None:
    """Blocks. None, and a line in the log, if the model fails."""
    try:
        (embedding,) = embedder.embed([text[: sparse.LONGEST_QUERY]])
    except ModelUnavailable as error:
        log.warning("searching by words only: %s", error)
        return None
    return Embedded(embedder.name, embedding)


def ceilings(index: Reader, asked: Mapping[Vector, Asked]) -> dict[Vector, float]:
    """What the question would score on itself: on a point with just its words."""
    means = index.manifest.means
    return index.worth({vector: sparse.ideal(each, means.get(vector, 1.0)) for vector, each in asked.items()})


def _hit(ranked: Ranked, probability: float | None = None) -> Hit:
    return Hit(
        article_id=ranked.best.article_id,
        revision=ranked.best.revision,
        score=round(ranked.score, 4),
        confidence=round(ranked.confidence, 4),
        chunk=ranked.best.chunk,
        heading=ranked.best.heading,
        probability=None if probability is None else round(probability, 4),
    )
