"""Embeddings to measure with, the same in every process: unit vectors around centres, as texts about one thing lie.

Imports nothing but numpy, so that an environment of another engine can use it.
"""

import numpy as np
from numpy.typing import NDArray

SIZE = 384
CENTRES = 400
SPREAD = 0.7
QUERIES = 300
WARM = 50
_QUERIES_FROM = 10_000_000  # seeds of their own

Rows = NDArray[np.float32]


def _rows(first: int, count: int) -> Rows:
    centres = np.random.default_rng(0).normal(size=(CENTRES, SIZE))
    rows = [
        centres[seed % CENTRES] + SPREAD * np.random.default_rng(seed).normal(size=SIZE)
        for seed in range(first, first + count)
    ]
    made = np.stack(rows)
    unit: Rows = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def points(count: int) -> Rows:
    return _rows(0, count)


def queries() -> Rows:
    return _rows(_QUERIES_FROM, QUERIES)


def is_public(number: int) -> bool:
    return number % 3 != 0
