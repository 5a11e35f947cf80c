"""In how many points each term occurs: what a query could score at best is computed from.

Counted as points come and go, and kept in a file that exists only while it is true: it is removed before the first
change and written after the last, so that a crash in between leaves none and the terms are counted anew.
"""

import json
import math
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from knowledge.files import write_atomically
from knowledge.sparse import SparseVector, Vector


class TermCounts:
    def __init__(self) -> None:
        self._points = dict.fromkeys(Vector, 0)
        self._found: dict[Vector, Counter[int]] = {vector: Counter() for vector in Vector}

    def add(self, name: Vector, terms: Iterable[int]) -> None:
        """The terms of one more point, each once."""
        self._points[name] += 1
        self._found[name].update(terms)

    def remove(self, name: Vector, terms: Iterable[int]) -> None:
        self._points[name] -= 1
        found = self._found[name]
        for term in terms:
            found[term] -= 1
            if not found[term]:
                del found[term]

    def idf(self, name: Vector, term: int) -> float:
        """As the engine computes it, smoothed so that it is never negative."""
        having = self._found[name].get(term, 0)
        return math.log((self._points[name] - having + 0.5) / (having + 0.5) + 1)

    def worth(self, name: Vector, vector: SparseVector) -> float:
        return sum(weight * self.idf(name, term) for term, weight in zip(vector.indices, vector.values, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TermCounts) and (self._points, self._found) == (other._points, other._found)

    def write(self, path: Path, points: int) -> None:
        """`points`: how many the index has in all; tells a file that belongs to another state."""
        write_atomically(path, self.dump(points))

    def dump(self, points: int) -> bytes:
        """What `load` reads, on a machine with the same order of bytes."""
        head = {
            "points": points,
            "byte_order": sys.byteorder,
            "vectors": [[name, self._points[name], len(found)] for name, found in self._found.items()],
        }
        parts = [json.dumps(head).encode(), b"\n"]
        for found in self._found.values():
            parts += [array("I", found.keys()).tobytes(), array("I", found.values()).tobytes()]
        return b"".join(parts)

    @classmethod
    def read(cls, path: Path, points: int) -> "TermCounts | None":
        """None if there is no such file, or if it tells of another state or machine."""
        try:
            return cls.load(path.read_bytes(), points)
        except OSError:
            return None

    @classmethod
    def load(cls, content: bytes, points: int) -> "TermCounts | None":
        """None if it is no such content, or tells of another state or machine."""
        counts = cls()
        try:
            head, _, body = content.partition(b"\n")
            table = json.loads(head)
            if table["points"] != points or table["byte_order"] != sys.byteorder:
                return None
            at = 0
            for name, having, size in table["vectors"]:
                terms, numbers = array("I"), array("I")
                terms.frombytes(body[at : at + 4 * size])
                numbers.frombytes(body[at + 4 * size : at + 8 * size])
                at += 8 * size
                counts._points[Vector(name)] = having
                counts._found[Vector(name)] = Counter(dict(zip(terms, numbers, strict=True)))
        except (ValueError, KeyError, TypeError):
            return None
        return counts if at == len(body) else None
