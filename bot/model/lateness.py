"""How late the desk's own notices were."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS: tuple[float, ...] = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400)  # seconds, each included


@dataclass(frozen=True, slots=True)
class Lateness:
    """A histogram: `counts` has a number for each of BUCKETS and one for what was later still. Seconds; without any
    notice the figures are None."""

    counts: tuple[int, ...]
    p50: float | None = None
    p99: float | None = None
    longest: float | None = None

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Lateness":
        """What was early, by a clock that runs ahead, counts as on time."""
        ordered = sorted(max(0.0, one) for one in seconds)
        counts = [0] * (len(BUCKETS) + 1)
        for one in ordered:
            counts[bisect_left(BUCKETS, one)] += 1
        if not ordered:
            return cls(tuple(counts))
        return cls(tuple(counts), _share(ordered, 50), _share(ordered, 99), ordered[-1])

    @property
    def total(self) -> int:
        return sum(self.counts)


def _share(ordered: list[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed (nearest rank)."""
    return ordered[-(-percent * len(ordered) // 100) - 1]
