"""What is measured, and what it is held against."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Baseline:
    """The least that could be done for the same purpose, in the figure's unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `target`: at most, or at least where `better` is "more"; None where there is none."""

    name: str
    value: float
    unit: str
    baselines: tuple[Baseline, ...]
    target: float | None = None
    better: Literal["less", "more"] = "less"

    def ratio(self, baseline: Baseline) -> float:
        """How many times as much as the baseline this costs."""
        dear, cheap = (self.value, baseline.value) if self.better == "less" else (baseline.value, self.value)
        return dear / cheap

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.better == "less" else self.value >= self.target


@dataclass(slots=True)
class Timing:
    """Milliseconds that passed, and that this process worked."""

    wall: float = 0.0
    cpu: float = 0.0
    each: list[float] = field(default_factory=list)


@contextmanager
def timed() -> Iterator[Timing]:
    timing = Timing()
    wall, cpu = time.perf_counter(), time.process_time()
    yield timing
    timing.wall = (time.perf_counter() - wall) * 1000
    timing.cpu = (time.process_time() - cpu) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: no value that was not measured."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def processor_time(process: int) -> float:
    """Milliseconds that a process has worked, of which only Linux tells; elsewhere it is none."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as status:  # noqa: PTH123
            told = status.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return math.nan
    return 1000 * (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory() -> float:
    """Megabytes of memory this process ever held at once.

    Linux tells it by address space; the figure of `getrusage` would include the parent's, before this program began.
    """
    if os.path.exists("/proc/self/status"):  # noqa: PTH110
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_048_576
