"""Dense vectors: what an embedding model makes of a text, for questions that share no word with their answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.model.values import Language


class Dense(StrEnum):
    """The names of a point's embeddings: of its title or phrasing, and of its title and text."""

    QUESTION = "dense_q"
    TEXT = "dense_qa"


Embedding = Sequence[float]  # of length 1


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a model makes of a question: compared with both embeddings of every point."""

    model: str  # Embedder.name
    embedding: Embedding


class Embedder(Protocol):
    """One model, ready to use. `name` tells any two models, and any two versions of one, apart."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int:
        """Numbers in an embedding."""
        ...

    @property
    def languages(self) -> Collection[Language]:
        """Those of ours that it has learnt."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One for each text, in order; what is beyond the model's length is not read. Blocks, and may be called from
        any thread. Raises ModelUnavailable."""
        ...


class Embedders(Protocol):
    """The models of this machine."""

    @property
    def wanted(self) -> Embedder | None:
        """The one that the settings ask for; None for words only, or while it is not there."""
        ...

    def get(self, name: str) -> Embedder | None:
        """An installed one by its full name: an index may still have the embeddings of an earlier model."""
        ...
