"""What may go wrong, as switches. Everything that happened is counted in `happened`."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

POST = "POST /api/v1/statuses"


@dataclass
class Scripted:
    """What befalls the next calls of a route."""

    status: int | None = None  # answered with `error`; without one, with a page that is no JSON
    error: str | None = None
    retry_after: float | None = None  # 429
    lost: bool = False  # it takes effect, and its answer is lost
    cut: bool = False  # the connection is cut before it takes effect


@dataclass
class Faults:
    """All off at first. Calls are named by method and path: `POST /api/v1/statuses`, `GET /api/v1/statuses/{id}`.

    copies: times that every event is sent over each stream. poll_copies: times that each thing stands on a page.
    limit_every: 429 on each such call. lose_every: the answer to each such post (`lose_methods`) is lost after it took
    effect. break_every: 503 on each such call. latency (and as much jitter) in seconds before each answer.
    cut_every: seconds after which every stream is cut, without a word. drop_every: each such event that somebody
    listens for is not sent. deaf: streams stay open and nothing goes over them, no heartbeat either. hang: routes that
    never answer. mute: routes that do what they are asked, and never answer. skew: seconds that the server's clock is
    before ours. processing: seconds until a picture can be attached.
    """

    seed: int = 0
    copies: int = 1
    copies_within: float = 0.1  # seconds over which the copies come
    poll_copies: int = 1
    limit_every: int = 0
    retry_after: float = 1
    limit_methods: Sequence[str] = ()  # all, if empty
    lose_every: int = 0
    lose_methods: Sequence[str] = (POST,)
    break_every: int = 0
    latency: float = 0.0
    jitter: float = 0.0
    cut_every: float = 0.0
    drop_every: int = 0
    deaf: bool = False
    hang: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    skew: float = 0.0
    processing: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)
    scripted: dict[str, deque[Scripted]] = field(default_factory=dict)
    dice: Random = field(init=False)
    _seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    def clear(self) -> None:
        """No more faults; what happened stays counted."""
        fresh = Faults(seed=self.seed)
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

    def refuse(self, method: str, status: int, error: str, times: int = 1) -> None:
        """The next calls of a route are answered with an error."""
        self._next(method, times, Scripted(status, error))

    def rate_limit(self, method: str, retry_after: float = 1, times: int = 1) -> None:
        self._next(method, times, Scripted(retry_after=retry_after))

    def lose_answer(self, method: str = POST, times: int = 1) -> None:
        """The next calls take effect, and their answers are lost."""
        self._next(method, times, Scripted(lost=True))

    def cut(self, method: str = POST, times: int = 1) -> None:
        """The next calls' connections are cut before anything took effect."""
        self._next(method, times, Scripted(cut=True))

    def break_down(self, method: str, status: int = 503, times: int = 1) -> None:
        self._next(method, times, Scripted(status))

    def next_for(self, method: str) -> Scripted:
        for name in (method, "*"):
            if waiting := self.scripted.get(name):
                return waiting.popleft()
        return Scripted()

    def delay(self) -> float:
        return self.latency + (self.dice.random() * self.jitter if self.jitter else 0.0)

    def _next(self, method: str, times: int, what: Scripted) -> None:
        self.scripted.setdefault(method, deque()).extend([what] * times)
