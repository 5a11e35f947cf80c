"""One generation of the embedded index: a qdrant-edge shard with its manifest and its term counts in one directory.

Everything here blocks; `knowledge.index.embedded` runs it in threads. qdrant-edge raises plain `Exception`, and a
panic (a BaseException) on some damaged files: both become IndexUnavailable here and go no further.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import qdrant_edge as edge

from bot.devices import spellings
from bot.errors import IndexUnavailable
from bot.model.values import Audience
from knowledge.dense import Dense, Embedded
from knowledge.index import manifest as manifests
from knowledge.index.manifest import Manifest
from knowledge.index.payload import FILTERED, SHOWN, Fields, fields_of, payload_of, rank
from knowledge.index.port import Candidate, Found, Point, Scope
from knowledge.index.terms import TermCounts
from knowledge.sparse import Vector, Vectors

PAGE = 1000
KEPT = 100_000  # points whose payload is kept in memory, which takes some 40 MB
SCANNED = 100  # points: where a filter leaves fewer, they are scored one by one; by default 5000, which is slow
_SHOWN = edge.PayloadSelector.Include(list(SHOWN))


_Condition = (
    edge.FieldCondition
    | edge.IsEmptyCondition
    | edge.IsNullCondition
    | edge.HasIdCondition
    | edge.HasVectorCondition
    | edge.NestedCondition
    | edge.Filter
)


_PointId = int | UUID | str


class Shard:
    """Readers may be many, in any thread; writers take turns."""

    def __init__(self, directory: Path, shard: edge.EdgeShard) -> None:
        self.directory = directory
        self._shard = shard
        self._writing = threading.RLock()
        self._payloads: dict[_PointId, Fields] = {}
        self.manifest = manifests.read(directory / "manifest.json") or Manifest()
        self._counts_file = directory / "terms"
        self._counts = TermCounts.read(self._counts_file, self.count()) or self._counted()

    @classmethod
    def create(cls, directory: Path, size: int = 0) -> "Shard":
        """With room for embeddings of `size` numbers, if it is not 0."""
        with _engine(directory):
            (directory / "shard").mkdir(parents=True)
            params = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf, full_scan_threshold=SCANNED)
            shard = edge.EdgeShard.create(
                str(directory / "shard"),
                edge.EdgeConfig(
                    vectors={name.value: _room(size) for name in Dense if size},
                    sparse_vectors={name.value: params for name in Vector},
                    max_search_threads=1,
                ),
            )
            for key in FILTERED:
                shard.update(edge.UpdateOperation.create_field_index(key, edge.PayloadSchemaType.Keyword))
        return cls(directory, shard)

    @classmethod
    def load(cls, directory: Path) -> "Shard":
        """Raises IndexUnavailable for a shard that is damaged, or has less in it than its manifest says."""
        with _engine(directory):
            shard = edge.EdgeShard.load(str(directory / "shard"))
            found, _ = shard.scroll(edge.ScrollRequest(limit=PAGE, with_payload=True, with_vector=True))
        loaded = cls(directory, shard)
        if loaded.manifest.articles and not found:
            loaded.close()
            raise IndexUnavailable(f"The search index in {directory} has lost its content.")
        return loaded

    def search(self, vectors: Vectors, scope: Scope, articles: int, embedded: Embedded | None = None) -> Found:
        allowed = _filter(scope)
        queries: dict[Vector | Dense, edge.Query] = {}
        for name, vector in vectors.items():
            if vector:
                terms = edge.SparseVector(list(vector.indices), list(vector.values))
                queries[name] = edge.Query.Nearest(terms, using=name.value)
        if embedded and embedded.model == self.manifest.model:
            queries |= {field: edge.Query.Nearest(list(embedded.embedding), using=field.value) for field in Dense}
        with _engine(self.directory):
            return {name: self._best(query, allowed, articles) for name, query in queries.items()}

    def _best(self, query: edge.Query, allowed: edge.Filter | None, articles: int) -> list[Candidate]:
        """Ask for more points until enough articles are among them: an article can have any number of points."""
        limit = articles * 3 // 2
        while True:
            found = self._shard.query(edge.QueryRequest(limit=limit, query=query, filter=allowed, with_payload=False))
            payloads = self._payloads_of([point.id for point in found])
            best: dict[str, Candidate] = {}
            for point in found:
                if payload := payloads.get(point.id):
                    best.setdefault(payload[0], Candidate(*payload, point.score))
            if len(found) < limit or len(best) >= articles:
                return sorted(best.values(), key=rank)[:articles]
            limit *= 4

    def _payloads_of(self, ids: list[_PointId]) -> dict[_PointId, Fields]:
        """Of these points and any others. Kept in memory, since to read them takes longer than to search.

        Safe because a point's id follows from its content. Who may read it is not kept: the engine filters by that.
        """
        kept = self._payloads  # another thread may begin a new one meanwhile
        if len(kept) > KEPT:
            kept = self._payloads = {}
        if unknown := [id for id in ids if id not in kept]:
            for record in self._shard.retrieve(unknown, _SHOWN, False):
                kept[record.id] = fields_of(record.payload or {})
        return kept

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        return {name: self._counts.worth(name, vector) for name, vector in vectors.items()}

    def upsert(self, points: Sequence[Point]) -> None:
        points = [point for point in points if any(point.vectors.values())]
        if not points:
            return
        with self._writing, _engine(self.directory):
            self._counts_file.unlink(missing_ok=True)
            known = {record.id for record in self._shard.retrieve([str(point.id) for point in points], False, False)}
            self._shard.update(edge.UpdateOperation.upsert_points([_engine_point(point) for point in points]))
            for point in points:
                if str(point.id) not in known:  # the same id has the same content
                    for name, vector in point.vectors.items():
                        if vector:
                            self._counts.add(name, vector.indices)

    def delete(self, articles: Collection[str], keep: Collection[str]) -> None:
        if not articles:
            return
        doomed = edge.Filter(
            must=[edge.FieldCondition("article", match=edge.MatchAny(list(articles)))],
            must_not=[edge.FieldCondition("stamp", match=edge.MatchAny(list(keep)))] if keep else None,
        )
        with self._writing, _engine(self.directory):
            self._counts_file.unlink(missing_ok=True)
            leaving = list(self._records(doomed))
            self._shard.update(edge.UpdateOperation.delete_points([record.id for record in leaving]))
            for record in leaving:
                for name, terms in _terms(record):
                    self._counts.remove(name, terms)

    def save(self, manifest: Manifest) -> None:
        with self._writing, _engine(self.directory):
            self._shard.flush()
            if not self._counts_file.exists():
                self._counts.write(self._counts_file, self.count())
            manifests.write(self.directory / "manifest.json", manifest)
            self.manifest = manifest

    def optimize(self) -> None:
        with self._writing, _engine(self.directory):
            self._shard.optimize()

    def count(self) -> int:
        with _engine(self.directory):
            return int(self._shard.count(edge.CountRequest(exact=True)))

    def close(self) -> None:
        with self._writing, _engine(self.directory):
            self._shard.close()

    def _counted(self) -> TermCounts:
        counts = TermCounts()
        with _engine(self.directory):
            for record in self._records(None):
                for name, terms in _terms(record):
                    counts.add(name, terms)
        return counts

    def _records(self, which: edge.Filter | None) -> Iterator[edge.Record]:
        at = None
        while True:
            found, at = self._shard.scroll(
                edge.ScrollRequest(offset=at, limit=PAGE, filter=which, with_payload=False, with_vector=True)
            )
            yield from found
            if at is None:
                return


@contextmanager
def _engine(directory: Path) -> Iterator[None]:
    try:
        yield
    except IndexUnavailable:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise IndexUnavailable(f"The search index in {directory} cannot be used: {error}") from error


def _room(size: int) -> edge.EdgeVectorParams:
    """For embeddings: found by eight-bit copies of them, which takes a third of the time, and scored by themselves."""
    copies = edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=0.99, always_ram=True)
    return edge.EdgeVectorParams(size, edge.Distance.Dot, quantization_config=copies)


def _filter(scope: Scope) -> edge.Filter | None:
    readable = [audience.value for audience in Audience if scope.audience.may_read(audience)]
    must: list[_Condition] = []
    if len(readable) < len(Audience):  # to say that all may be read would double a search's time
        must.append(edge.FieldCondition("audience", match=edge.MatchAny(readable)))
    must_not: list[_Condition] = []
    if scope.devices:
        models = spellings(scope.devices)
        must.append(
            edge.Filter(
                should=[edge.IsEmptyCondition("models"), edge.FieldCondition("models", match=edge.MatchAny(models))]
            )
        )
    if scope.category is not None:
        must.append(edge.FieldCondition("categories", match=edge.MatchValue(scope.category)))
    if scope.without_articles:
        must_not.append(edge.FieldCondition("article", match=edge.MatchAny(list(scope.without_articles))))
    if scope.without_points:
        must_not.append(edge.HasIdCondition(set(scope.without_points)))
    return edge.Filter(must=must or None, must_not=must_not or None) if must or must_not else None


def _engine_point(point: Point) -> edge.Point:
    vectors: dict[str, list[float] | edge.SparseVector | list[list[float]]] = {
        name.value: edge.SparseVector(list(vector.indices), list(vector.values))
        for name, vector in point.vectors.items()
        if vector
    }
    vectors |= {name.value: list(embedding) for name, embedding in point.embeddings.items()}
    return edge.Point(point.id, vectors, payload_of(point))


def _terms(record: edge.Record) -> Iterator[tuple[Vector, list[int]]]:
    assert isinstance(record.vector, dict)
    for name, vector in record.vector.items():
        if isinstance(vector, edge.SparseVector):
            yield Vector(name), vector.indices
