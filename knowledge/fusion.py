"""One ranking out of several, and how far to trust its first.

Distribution-based score fusion (DBSF): each list's scores are scaled by its own mean and three standard deviations and
added up. The sum orders articles but says nothing between questions. Two things do, and confidence is a geometric mean
of them, so that it takes both; the second counts three times:

- `share`, an article's: the mean over the vectors of its score against the highest the question could have had, that
  on itself. Low where words of the question are found nowhere, or not together.
- `contrast`, the question's: how far its articles' shares in the list of characters lie apart. Courtesies and common
  words are matched by everything alike; what a base has something on sets a few articles off from the others. This is
  the normalised query commitment of Shtok et al., "Predicting query performance by query-drift estimation" (2012), with
  the question's own highest score as the norm. Of the characters of titles, because they see inflected, compound and
  misspelt words, which whole words miss; or half of that of the texts, where that is more.

With a model's embeddings, confidence is the geometric mean of the article's cosine, of the contrast of the questions'
cosines, and, twice, of the contrast of characters. Cosines alone tell what a model knows well; the contrasts keep it
honest in a language that it does not.

On public FAQ sets, the probability (AUROC) that a question with an answer gets more confidence than one without:

                                      English   French (95 questions: give or take .06)
    share alone                         .99       .84
    share and contrast, once each       .99       .90
    share once, contrast three times    .98       .91
    cosine alone (MiniLM)              1.00       .78
    cosine and both contrasts          1.00       .94
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.model.values import Language
from knowledge.dense import Dense
from knowledge.index.port import Candidate, Found
from knowledge.sparse import Vector

Weights = Mapping[Vector | Dense, float]

WORDS: Weights = {Vector.TEXT: 1.5, Vector.QUESTION: 1.0, Vector.CHARACTERS: 0.8}  # title and text know the most
# Where a model knows the question's language it sees more than words do; elsewhere it still helps a little. On public
# FAQ sets (nDCG@10): English .918 -> .980, Covid .782 -> .833; French, by a model that learnt English, .686 -> .722.
TRAINED: Weights = {**WORDS, Dense.QUESTION: 4.0, Dense.TEXT: 3.5}
UNTRAINED: Weights = {**WORDS, Dense.QUESTION: 0.5, Dense.TEXT: 0.5}

CANDIDATES = 30  # articles of each vector that are fused; more changes nothing
WITH_COSINES = 50  # the same for a search with embeddings
COSINES = {Dense.QUESTION: 0.6, Dense.TEXT: 0.4}  # of the winner's cosine
OF_TEXT = 0.5  # of the contrast of texts, which is what counts for documents whose title asks nothing: manuals
COMPARED = 30  # of them, for the contrast
SAME_LANGUAGE = 0.06  # of all weights: decides between an article and its translation, and nothing else


@dataclass(frozen=True, slots=True)
class Ranked:
    """`score` orders within one search; `confidence` (0..1) compares between searches; `best` names the passage."""

    best: Candidate
    score: float
    confidence: float


def weights_for(language: Language, trained: Collection[Language] | None) -> Weights:
    """By the languages that the model has learnt; None without a model."""
    if trained is None:
        return WORDS
    return TRAINED if language in trained else UNTRAINED


def fuse(found: Found, ceilings: Mapping[Vector, float], language: Language, weights: Weights = WORDS) -> list[Ranked]:
    """Best first, ties in the order of article ids."""
    scores: dict[str, float] = {}
    best: dict[str, Candidate] = {}
    for vector, weight in weights.items():  # the text first: its candidate names the passage
        candidates = found.get(vector, ())
        for candidate, scaled in zip(candidates, _scaled([hit.score for hit in candidates]), strict=True):
            article = candidate.article_id
            best.setdefault(article, candidate)
            scores[article] = scores.get(article, 0.0) + weight * scaled
    confidence = _confidences(found, ceilings)
    bonus = SAME_LANGUAGE * sum(weights.values())
    ranked = [
        Ranked(hit, scores[article] + bonus * (hit.language is language), confidence(article))
        for article, hit in best.items()
    ]
    return sorted(ranked, key=lambda hit: (-hit.score, hit.best.article_id))


def _confidences(found: Found, ceilings: Mapping[Vector, float]) -> Callable[[str], float]:
    """Of any article found."""
    shares = {
        vector: {hit.article_id: min(hit.score / ceiling, 1.0) for hit in found.get(vector, ())}
        for vector, ceiling in ceilings.items()
        if ceiling > 0
    }
    contrast = max(
        _contrast(list(shares.get(Vector.CHARACTERS, {}).values())),
        OF_TEXT * _contrast(list(shares.get(Vector.TEXT, {}).values())),
    )
    if found.get(Dense.QUESTION):
        cosines = {name: {hit.article_id: hit.score for hit in found.get(name, ())} for name in COSINES}
        sharp = _contrast([max(hit.score, 0.0) for hit in found[Dense.QUESTION]])

        def by_cosines(article: str) -> float:
            cosine = sum(share * cosines[name].get(article, 0.0) for name, share in COSINES.items())
            return math.sqrt(contrast * math.sqrt(min(max(cosine, 0.0), 1.0) * sharp))

        return by_cosines

    def by_words(article: str) -> float:
        share = sum(each.get(article, 0.0) for each in shares.values()) / max(len(ceilings), 1)
        return math.sqrt(contrast * math.sqrt(share * contrast))

    return by_words


def _contrast(shares: Sequence[float]) -> float:
    """Standard deviation of the best COMPARED shares, those not found being 0; 1 is that of one perfect match alone.

    With a fixed number of them, a small base and a narrow scope are measured like a large one.
    """
    shares = shares[:COMPARED]
    mean = sum(shares) / COMPARED
    variance = sum(share * share for share in shares) / COMPARED - mean * mean
    alone = (1 - 1 / COMPARED) / COMPARED
    return min(math.sqrt(max(variance, 0.0) / alone), 1.0)


def _scaled(scores: Sequence[float]) -> list[float]:
    """0.5 is the list's mean, 0 and 1 are three standard deviations from it; a list without spread is all 0.5."""
    if not scores:
        return []
    mean = sum(scores) / len(scores)
    deviation = math.sqrt(sum((score - mean) ** 2 for score in scores) / max(len(scores) - 1, 1))
    if deviation <= 0:
        return [0.5] * len(scores)
    return [(score - mean) / (6 * deviation) + 0.5 for score in scores]
