"""What the desk needs from a vector engine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from bot.model.values import Audience, Language
from knowledge.dense import Dense, Embedded, Embedding
from knowledge.index.manifest import Manifest
from knowledge.sparse import Vector, Vectors

Kind = Literal["question", "chunk", "phrasing", "sentence"]


@dataclass(frozen=True, slots=True)
class Point:
    """One piece of an article as it is indexed. `stamp` tells states of the article apart: see `points.stamp`."""

    id: UUID
    article_id: str
    revision: str
    stamp: str
    audience: Audience
    language: Language
    category: str
    vectors: Vectors
    kind: Kind = "question"
    applies_to: tuple[str, ...] = ()
    chunk: int = 0
    heading: str | None = None
    embeddings: Mapping[Dense, Embedding] = field(default_factory=dict)  # of the generation's size, or none at all


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be found at all; engines apply it inside every query.

    `audience` is the reader's. Articles for other models than `devices` are left out if any device is given, compared
    without case and with or without their maker (`bot.devices`). `category` includes those below it. `without_*` serve
    the leave-one-out estimate of thresholds.
    """

    audience: Audience
    devices: tuple[str, ...] = ()
    category: str | None = None
    without_articles: tuple[str, ...] = ()
    without_points: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best point of an article for one vector, with the engine's raw score: for an embedding the cosine (-1..1)."""

    article_id: str
    revision: str
    language: Language
    chunk: int
    heading: str | None
    score: float


Found = dict[Vector | Dense, list[Candidate]]


class Reader(Protocol):
    async def search(
        self, vectors: Vectors, scope: Scope, articles: int = 30, embedded: Embedded | None = None
    ) -> Found:
        """For each vector the best articles, best first, one candidate an article, up to `articles` of them.

        Ties are in the order of article ids. What another model embedded than the manifest's is not searched with.
        Raises IndexUnavailable.
        """
        ...

    def worth(self, vectors: Vectors) -> dict[Vector, float]:
        """What a query of these terms would score, by vector, on a point that has them with just these weights.

        Terms that no point has count as the rarest there can be.
        """
        ...

    @property
    def manifest(self) -> Manifest:
        """What this index holds; an empty one for a new index."""
        ...


class Writer(Reader, Protocol):
    """One generation of the index. All methods raise IndexUnavailable."""

    async def upsert(self, points: Sequence[Point]) -> None: ...

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        """Delete the points of these articles, but not those with a stamp of `keep`."""
        ...

    async def save(self, manifest: Manifest) -> None:
        """Make everything written so far durable, and then the manifest, atomically."""
        ...

    async def count(self) -> int: ...


class KnowledgeIndex(Writer, Protocol):
    """The index in use, and how to make a new one beside it while it goes on answering."""

    async def refresh(self) -> None:
        """See what other processes have written, or switched to, since. Raises IndexUnavailable."""
        ...

    async def rebuild(self, size: int = 0) -> Writer:
        """An empty generation, with room for embeddings of that size (0: for none).

        One that was begun before and never switched to is thrown away.
        """
        ...

    async def switch_to(self, generation: Writer) -> None:
        """From now on answer from this one, atomically and durably; the one before is thrown away."""
        ...

    async def close(self) -> None: ...
