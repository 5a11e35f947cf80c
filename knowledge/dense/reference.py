"""Is a model what it should be? Sentences whose vectors are known, or at least how they should lie to each other."""

from collections.abc import Sequence

import numpy as np

from bot.errors import ModelUnavailable
from knowledge.dense import Embedding

SENTENCES = (
    "How do I reset my password?",
    "I forgot my password and need a new one.",
    "The laser printer on the second floor jams every morning.",
)

# The first numbers of each sentence's vector, computed in double precision with none of the code that converts.
RECORDED = {
    "all-MiniLM-L6-v2": (
        (0.006903, -0.063023, -0.072044, -0.032496, -0.042709, 0.070429, 0.009074, 0.015408, 0.062012, 0.016912),
        (-0.098359, -0.080075, -0.011423, -0.030406, 0.01729, 0.038209, -0.03828, -0.008685, 0.082213, 0.016314),
        (-0.023419, 0.023336, -0.000849, 0.074715, -0.032671, -0.056545, -0.012021, -0.039751, 0.004996, -0.082009),
    ),
}
EXACT = 1e-4  # how far a number of a model at full precision may be off
ALIKE = 0.98  # the least cosine between a model's vectors with weights of eight bits and at full precision


def check_exact(name: str, vectors: Sequence[Embedding]) -> bool:
    """Whether a model of that name has recorded vectors; ModelUnavailable if they are not these."""
    if (recorded := RECORDED.get(name)) is None:
        return False
    for sentence, vector, expected in zip(SENTENCES, vectors, recorded, strict=True):
        if np.max(np.abs(np.subtract(vector[: len(expected)], expected))) > EXACT:
            raise ModelUnavailable(f"this is not {name}: “{sentence}” gives another vector than the recorded one")
    return True


def check_sense(vectors: Sequence[Embedding]) -> None:
    """Raise ModelUnavailable unless a sentence is nearer to its paraphrase than to one about something else."""
    if not np.isfinite(vectors).all():
        raise ModelUnavailable("the model computes vectors that are no numbers")
    password, forgotten, printer = map(np.asarray, vectors)
    if password @ forgotten <= max(password @ printer, forgotten @ printer):
        raise ModelUnavailable("the model does not tell a paraphrase from another matter; its pooling may be unknown")


def likeness(some: Sequence[Embedding], others: Sequence[Embedding]) -> float:
    """The least cosine between the vectors of two models for the same sentences."""
    return float(np.min(np.sum(np.multiply(some, others), axis=1)))
