"""Dense vectors: what an embedding model makes of a text, for questions that share no word with their answer."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol


class Dense(StrEnum):
    """The names of a point's embeddings: of its title or phrasing, and of its title and text."""

    QUESTION = "dense_q"
    TEXT = "dense_qa"


Embedding = Sequence[float]  # of length 1
Embeddings = Mapping[Dense, Embedding]


class Embedder(Protocol):
    """One model, ready to use. `name` tells any two models, and any two versions of one, apart."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int:
        """Numbers in an embedding."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One for each text, in order; what is beyond the model's length is not read. Blocks, and may be called from
        any thread. Raises ModelUnavailable."""
        ...
