"""One generation of the index on a server: a collection, its manifest and its term counts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from qdrant_client import models

from bot.devices import spellings
from bot.model.values import Audience
from knowledge.dense import Dense, Embedded
from knowledge.index.manifest import Manifest
from knowledge.index.payload import FILTERED, SHOWN, fields_of, payload_of, rank
from knowledge.index.port import Candidate, Found, Point, Scope
from knowledge.index.server_calls import Calls
from knowledge.index.server_notes import Head, Notes
from knowledge.index.terms import TermCounts
from knowledge.sparse import Vector, Vectors

PAGE = 1000  # points read at once
PART = 200  # points written at once: a request stays below what servers take
_NOTES = models.IsEmptyCondition(is_empty=models.PayloadField(key="article"))  # the points that are no article's

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a new collection is spread over a cluster."""

    shards: int = 1
    replicas: int = 1
    write_consistency: int = 1


class ServerGeneration:
    """A Writer. Only one process should write; any number may read, and see what was written with `refresh`."""

    def __init__(self, calls: Calls, collection: str, head: Head | None = None) -> None:
        self.collection = collection
        self._calls = calls
        self._notes = Notes(calls)
        self._head = head
        self._manifest = Manifest()
        self._counts = TermCounts()
        self._writing = asyncio.Lock()

    @classmethod
    async def create(cls, calls: Calls, collection: str, size: int, layout: Layout) -> "ServerGeneration":
        """An empty one, with room for embeddings of `size` numbers if it is not 0. Raises IndexUnavailable."""
        sparse = {name.value: models.SparseVectorParams(modifier=models.Modifier.IDF) for name in Vector}
        copies = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
        dense = models.VectorParams(
            size=max(size, 1),
            distance=models.Distance.DOT,
            quantization_config=models.ScalarQuantization(scalar=copies),
        )
        await calls(
            lambda client: client.create_collection(
                collection,
                vectors_config={name.value: dense for name in Dense if size},
                sparse_vectors_config=sparse,
                shard_number=layout.shards,
                replication_factor=layout.replicas,
                write_consistency_factor=layout.write_consistency,
            )
        )
        for key in FILTERED:
            await calls(_indexed(collection, key))
        made = cls(calls, collection)
        await made.save(Manifest())
        return made

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def serial(self) -> str | None:
        """Of the state that this process knows."""
        return self._head.serial if self._head else None

    async def take(self, head: Head) -> None:
        """Know the state that `head` tells of: another process wrote it, or an earlier one. Raises IndexUnavailable."""
        points = await self.count()
        manifest, counts = await self._notes.read(head, points)
        self._counts = counts if counts is not None else await self._counted()
        self._manifest, self._head = manifest, head

    async def search(
        self, vectors: Vectors, scope: Scope, articles: int = 30, embedded: Embedded | None = None
    ) -> Found:
        queries: dict[Vector | Dense, models.SparseVector | list[float]] = {
            name: models.SparseVector(indices=list(vector.indices), values=list(vector.values))
            for name, vector in vectors.items()
            if vector
        }
        if embedded and embedded.model == self._manifest.model:
            queries |= {name: list(embedded.embedding) for name in Dense}
        found: Found = {}
        allowed, limit = _filter(scope), articles * 3 // 2
        while queries:
            for name, points in (await self._nearest(queries, allowed, limit)).items():
                best: dict[str, Candidate] = {}
                for point in points:
                    fields = fields_of(point.payload or {})
                    best.setdefault(fields[0], Candidate(*fields, point.score))
                if len(points) < limit or len(best) >= articles:
                    found[name] = sorted(best.values(), key=rank)[:articles]
                    del queries[name]
            limit *= 4  # an article can have any number of points: ask for more until enough articles are among them
        return found

    async def _nearest(
        self, queries: dict[Vector | Dense, Any], allowed: models.Filter | None, limit: int
    ) -> dict[Vector | Dense, list[models.ScoredPoint]]:
        """In one round trip."""
        requests = [
            models.QueryRequest(query=query, using=name.value, filter=allowed, limit=limit, with_payload=list(SHOWN))
            for name, query in queries.items()
        ]
        answers = await self._calls(lambda client: client.query_batch_points(self.collection, requests))
        return {name: answer.points for name, answer in zip(queries, answers, strict=True)}

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        return {name: self._counts.worth(name, vector) for name, vector in vectors.items()}

    async def upsert(self, points: Sequence[Point]) -> None:
        async with self._writing:
            points = [point for point in points if any(point.vectors.values())]
            for part in _parts(points, PART):
                ids = [str(point.id) for point in part]
                known = await self._calls(_known(self.collection, ids))
                await self._calls(_written(self.collection, [_point(point) for point in part]))
                before = {str(record.id) for record in known}
                for point in part:
                    if str(point.id) not in before:  # the same id has the same content
                        for name, vector in point.vectors.items():
                            if vector:
                                self._counts.add(name, vector.indices)

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        if not articles:
            return
        doomed = models.Filter(
            must=[models.FieldCondition(key="article", match=models.MatchAny(any=list(articles)))],
            must_not=[models.FieldCondition(key="stamp", match=models.MatchAny(any=list(keep)))] if keep else None,
        )
        async with self._writing:
            leaving = [record async for record in self._records(doomed)]
            for part in _parts([str(record.id) for record in leaving], PAGE):
                await self._calls(_deleted(self.collection, list(part)))
            for record in leaving:
                for name, terms in _terms(record):
                    self._counts.remove(name, terms)

    async def save(self, manifest: Manifest) -> None:
        async with self._writing:
            points = await self.count()
            self._head = await self._notes.write(
                self.collection, manifest, self._counts, points, self._head, datetime.now(UTC)
            )
            self._manifest = manifest

    async def count(self) -> int:
        counted = await self._calls(
            lambda client: client.count(self.collection, models.Filter(must_not=[_NOTES]), exact=True)
        )
        return counted.count

    async def _counted(self) -> TermCounts:
        counts = TermCounts()
        async for record in self._records(models.Filter(must_not=[_NOTES])):
            for name, terms in _terms(record):
                counts.add(name, terms)
        return counts

    async def _records(self, which: models.Filter) -> AsyncIterator[models.Record]:
        at: Any = None
        while True:
            found, at = await self._calls(_scrolled(self.collection, which, at))
            for record in found:
                yield record
            if at is None:
                return


# What is called with the client: made by functions, so that each has the values of its own turn of a loop.


def _indexed(collection: str, key: str) -> Callable[[Any], Awaitable[Any]]:
    schema = models.PayloadSchemaType.KEYWORD
    return lambda client: client.create_payload_index(collection, key, field_schema=schema, wait=True)


def _known(collection: str, ids: list[str]) -> Callable[[Any], Awaitable[list[models.Record]]]:
    return lambda client: client.retrieve(collection, ids, with_payload=False)


def _written(collection: str, points: list[models.PointStruct]) -> Callable[[Any], Awaitable[Any]]:
    return lambda client: client.upsert(collection, points, wait=True, ordering=models.WriteOrdering.STRONG)


def _deleted(collection: str, ids: list[str]) -> Callable[[Any], Awaitable[Any]]:
    return lambda client: client.delete(collection, models.PointIdsList(points=list(ids)), wait=True)


def _scrolled(
    collection: str, which: models.Filter, at: Any
) -> Callable[[Any], Awaitable[tuple[list[models.Record], Any]]]:
    names = [name.value for name in Vector]
    return lambda client: client.scroll(
        collection, which, limit=PAGE, offset=at, with_payload=False, with_vectors=names
    )


def _filter(scope: Scope) -> models.Filter | None:
    """As the embedded engine's."""
    readable = [audience.value for audience in Audience if scope.audience.may_read(audience)]
    must: list[models.Condition] = []
    must_not: list[models.Condition] = []
    if len(readable) < len(Audience):
        must.append(models.FieldCondition(key="audience", match=models.MatchAny(any=readable)))
    if scope.devices:
        any_model = models.IsEmptyCondition(is_empty=models.PayloadField(key="models"))
        these = models.FieldCondition(key="models", match=models.MatchAny(any=spellings(scope.devices)))
        must.append(models.Filter(should=[any_model, these]))
    if scope.category is not None:
        must.append(models.FieldCondition(key="categories", match=models.MatchValue(value=scope.category)))
    if scope.without_articles:
        left_out = models.MatchAny(any=list(scope.without_articles))
        must_not.append(models.FieldCondition(key="article", match=left_out))
    if scope.without_points:
        must_not.append(models.HasIdCondition(has_id=[str(id) for id in scope.without_points]))
    return models.Filter(must=must or None, must_not=must_not or None) if must or must_not else None


def _point(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {
        name.value: models.SparseVector(indices=list(vector.indices), values=list(vector.values))
        for name, vector in point.vectors.items()
        if vector
    }
    vectors |= {name.value: list(embedding) for name, embedding in point.embeddings.items()}
    return models.PointStruct(id=str(point.id), vector=vectors, payload=payload_of(point))


def _terms(record: models.Record) -> Iterator[tuple[Vector, list[int]]]:
    vectors = record.vector if isinstance(record.vector, dict) else {}
    for name, vector in vectors.items():
        if isinstance(vector, models.SparseVector):
            yield Vector(name), vector.indices


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
