"""What may go wrong with any server, as switches. Everything that happened is counted in `happened`."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

Scripted = TypeVar("Scripted")  # what befalls the next calls of a method


@dataclass
class Mishaps(Generic[Scripted]):
    """All off at first.

    copies: times that every event is delivered. limit_every: 429 on each such call. lose_every: the answer to each such
    call of `lose_methods` is lost after it took effect. break_every: 503 on each such call. latency (and as much
    jitter) in seconds before each answer. cut_every: seconds after which every open connection is cut, without a word.
    hang: methods that never answer. deaf: connections stay open and nothing goes over them.
    """

    seed: int = 0
    copies: int = 1
    copies_within: float = 0.1  # seconds over which the copies come
    limit_every: int = 0
    retry_after: float = 1
    limit_methods: Sequence[str] = ()  # all, if empty
    lose_every: int = 0
    lose_methods: Sequence[str] = ()
    break_every: int = 0
    latency: float = 0.0
    jitter: float = 0.0
    cut_every: float = 0.0
    hang: set[str] = field(default_factory=set)
    deaf: bool = False
    happened: Counter[str] = field(default_factory=Counter)
    scripted: dict[str, deque[Scripted]] = field(default_factory=dict)
    dice: Random = field(init=False)
    _seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    def clear(self) -> None:
        """No more faults; what happened stays counted."""
        fresh = type(self)(seed=self.seed)
        for name in fresh.__dataclass_fields__:
            if name not in ("happened", "dice", "_seen"):
                setattr(self, name, getattr(fresh, name))

    def every(self, what: str, count: int) -> bool:
        """Whether this one is the count-th, the 2·count-th, …"""
        if not count:
            return False
        self._seen[what] += 1
        if self._seen[what] % count:
            return False
        self.happened[what] += 1
        return True

    def delay(self) -> float:
        return self.latency + (self.dice.random() * self.jitter if self.jitter else 0.0)

    def script(self, method: str, times: int, what: Scripted) -> None:
        """It befalls the next calls."""
        self.scripted.setdefault(method, deque()).extend([what] * times)

    def next_of(self, method: str) -> Scripted | None:
        """What befalls this call."""
        for name in (method, "*"):
            if waiting := self.scripted.get(name):
                return waiting.popleft()
        return None
