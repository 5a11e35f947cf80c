"""Questions about one thing, put together: by their embeddings where there is a model, else by their words.

Questions that are near enough to a group that there is already join it. The others are told apart by k-means (its k by
the silhouette), and what then lies too far from its cluster's centre stands alone: better many small groups than one
about nothing. Languages are kept apart, since a group has a title that its owner reads and an article is written in
one language at a time. The same questions always make the same groups.
"""

import asyncio
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelUnavailable
from bot.ports.knowledge import Grouping, Worded
from knowledge.dense import Embedders
from knowledge.function_words import FUNCTION_WORDS
from knowledge.sparse import Vector, terms

Matrix = Any  # one row a text, each of length 1: a numpy array, or a sparse matrix of scipy

log = logging.getLogger(__name__)

SAMPLE = 800  # questions on which the silhouette is measured
MOST_CLUSTERS = 300  # of more questions than that, told apart in seconds; the rest is left to who belongs where
SEED = 7


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines to a centre. `joins`: enough for a question to join a group; `belongs`: enough to stay in a cluster.

    Chosen on the ways to ask for the English sample articles: there about half of the pairs put together are of one
    article, which is far from perfect and enough for a person to see what a group is about. Greater values make small
    groups, smaller ones groups of everything.
    """

    joins: float
    belongs: float


BY_WORDS = Nearness(joins=0.3, belongs=0.3)
BY_MEANING = Nearness(joins=0.6, belongs=0.6)


class Clusterer:
    """A QuestionGrouper, which works in a thread. Embeddings are used for the languages that the model has learnt."""

    def __init__(self, embedders: Embedders | None = None) -> None:
        self._embedders = embedders

    async def group(self, questions: Sequence[Worded], known: Sequence[Sequence[Worded]] = ()) -> Grouping:
        if not questions:
            return Grouping((), ())
        return await asyncio.to_thread(self._group, questions, known)

    def _group(self, questions: Sequence[Worded], known: Sequence[Sequence[Worded]]) -> Grouping:
        members = [question for group in known for question in group]
        groups = [number for number, group in enumerate(known) for _ in group]
        group_of = [0] * len(questions)
        title_of: list[int] = []
        for language in dict.fromkeys(language for _, language in questions):
            mine = [at for at, (_, spoken) in enumerate(questions) if spoken is language]
            theirs = [at for at, (_, spoken) in enumerate(members) if spoken is language]
            vectors, nearness = self._vectors([*(questions[at] for at in mine), *(members[at] for at in theirs)])
            ours, centres = vectors[: len(mine)], {}
            for number in dict.fromkeys(groups[at] for at in theirs):
                rows = [len(mine) + row for row, at in enumerate(theirs) if groups[at] == number]
                centres[number] = centre(vectors[rows])
            left = []
            for row, (number, cosine) in enumerate(nearest(ours, centres)):
                if cosine >= nearness.joins:
                    group_of[mine[row]] = number
                else:
                    left.append(row)
            for rows in clusters(ours, left, nearness.belongs):
                for row in rows:
                    group_of[mine[row]] = len(known) + len(title_of)
                title_of.append(mine[most_central(ours, rows)])
        return Grouping(tuple(group_of), tuple(title_of))

    def _vectors(self, questions: Sequence[Worded]) -> tuple[Matrix, Nearness]:
        embedder = self._embedders.wanted if self._embedders else None
        if embedder and questions[0][1] in embedder.languages:
            try:
                embedded = embedder.embed([text for text, _ in questions])
                return normalised(np.asarray(embedded, dtype=np.float32)), BY_MEANING
            except ModelUnavailable as error:
                log.warning("grouping questions by their words: %s", error)
        return weighted_words(questions), BY_WORDS


def weighted_words(questions: Sequence[Worded]) -> Matrix:
    """TF-IDF of the stems of what is not a function word; of a question made of nothing else, of all its stems."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    empty: dict[Any, frozenset[int]] = {}
    columns: dict[int, int] = {}
    rows, cells, counts = [], [], []
    for row, (text, language) in enumerate(questions):
        if language not in empty:
            empty[language] = frozenset(terms(Vector.QUESTION, " ".join(FUNCTION_WORDS[language]), language).ids)
        found = terms(Vector.QUESTION, text, language)
        telling = [(id, n) for id, n in zip(found.ids, found.counts, strict=True) if id not in empty[language]]
        for id, count in telling or zip(found.ids, found.counts, strict=True):
            rows.append(row)
            cells.append(columns.setdefault(id, len(columns)))
            counts.append(count)
    shape = (len(questions), max(1, len(columns)))
    counted = csr_matrix((counts, (rows, cells)), shape=shape, dtype=np.float64)
    return TfidfTransformer(sublinear_tf=True).fit_transform(counted)


def clusters(vectors: Matrix, rows: Sequence[int], belongs: float) -> list[list[int]]:
    """Rows put together, the largest clusters first, then by their first row."""
    if not rows:
        return []
    labels = labelled(vectors[list(rows)])
    found: dict[int, list[int]] = {}
    for row, label in zip(rows, labels, strict=True):
        found.setdefault(label, []).append(row)
    parts = [part for cluster in found.values() for part in held_together(vectors, cluster, belongs)]
    return merged(vectors, by_size(parts), belongs)


def labelled(vectors: Matrix) -> list[int]:
    """A cluster's number for each row, by k-means with the k of the best silhouette."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import silhouette_score

    many = vectors.shape[0]
    measured = SAMPLE if many > SAMPLE else None
    best: tuple[float, list[int]] = (-1.0, [0] * many)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # there may be fewer distinct questions than clusters
        for k in tried(many):
            labels = KMeans(k, n_init=1, max_iter=50, random_state=SEED).fit_predict(vectors)
            if 1 < len({*labels.tolist()}) < many:
                score = silhouette_score(vectors, labels, metric="cosine", sample_size=measured, random_state=SEED)
                best = max(best, (float(score), labels.tolist()), key=lambda one: one[0])
    return best[1]


def tried(many: int) -> Sequence[int]:
    """Numbers of clusters worth trying: all when there are few, else some, evenly on a logarithmic scale."""
    if many <= 12:
        return range(2, many)
    if many <= SAMPLE:
        return sorted({int(step) for step in np.geomspace(3, many / 1.5, num=10)})
    return sorted({int(step) for step in np.geomspace(10, MOST_CLUSTERS, num=4)})


def held_together(vectors: Matrix, cluster: list[int], belongs: float) -> list[list[int]]:
    """The core of the cluster, in which every question is near to what the others are about, and the others alone.

    Nearness is the cosine to the centre of the other questions: to a centre that it is part of, anything is near.
    """
    rows = vectors[cluster]
    inside = np.ones(len(cluster), dtype=bool)
    whole = np.asarray(rows.sum(axis=0)).reshape(-1)
    while inside.sum() > 1:
        along = np.asarray(rows @ whole).reshape(-1)
        others = np.sqrt(np.maximum(whole @ whole - 2 * along + 1, 1e-12))
        near = np.where(inside, (along - 1) / others, np.inf)
        worst = int(np.argmin(near))
        if near[worst] >= belongs:
            break
        inside[worst] = False  # one at a time: without the worst, the others may be near enough
        whole = whole - dense(rows[[worst]]).reshape(-1)
    core = [row for row, kept in zip(cluster, inside, strict=True) if kept]
    return [core, *([row] for row, kept in zip(cluster, inside, strict=True) if not kept)]


def merged(vectors: Matrix, parts: list[list[int]], belongs: float) -> list[list[int]]:
    """Parts with nearly the same centre put together: k-means may have cut where there was no need."""
    centres = stacked([centre(vectors[part]) for part in parts])
    taken: set[int] = set()
    whole = []
    for number, part in enumerate(parts):
        if number in taken:
            continue
        taken.add(number)
        group = list(part)
        near = cosines(centres, centres[[number]])
        for other in np.flatnonzero(near >= belongs).tolist():
            if other not in taken:
                taken.add(other)
                group += parts[other]
        whole.append(sorted(group))
    return by_size(whole)


def by_size(parts: Iterable[list[int]]) -> list[list[int]]:
    return sorted(parts, key=lambda part: (-len(part), part[0]))


def nearest(vectors: Matrix, centres: Mapping[int, Matrix]) -> list[tuple[int, float]]:
    """For each row the group whose centre is nearest, and its cosine."""
    if not centres:
        return [(0, -1.0)] * vectors.shape[0]
    numbers = list(centres)
    near = dense(vectors @ stacked(list(centres.values())).T)
    return [(numbers[int(np.argmax(row))], float(row.max())) for row in near]


def most_central(vectors: Matrix, rows: Sequence[int]) -> int:
    return rows[int(np.argmax(cosines(vectors[list(rows)], centre(vectors[list(rows)]))))]


def centre(vectors: Matrix) -> Matrix:
    """The mean, at length 1; one row, of the same kind of matrix."""
    from scipy.sparse import csr_matrix, issparse

    mean = normalised(np.asarray(vectors.mean(axis=0)).reshape(1, -1))
    return csr_matrix(mean) if issparse(vectors) else mean


def stacked(rows: Sequence[Matrix]) -> Matrix:
    from scipy.sparse import issparse, vstack

    return vstack(rows, format="csr") if issparse(rows[0]) else np.vstack(rows)


def cosines(vectors: Matrix, to: Matrix) -> NDArray[Any]:
    return dense(vectors @ to.T).reshape(-1)


def dense(matrix: Matrix) -> NDArray[Any]:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def normalised(vectors: NDArray[Any]) -> NDArray[Any]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)
