"""What may go wrong, as switches. Everything that happened is counted in `happened`."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

POSTS = ("chat.postMessage",)


@dataclass
class Scripted:
    """What befalls the next calls of a method."""

    error: str | None = None  # answered with ok: false
    status: int | None = None  # answered in place of Slack, with a page that is no JSON
    retry_after: float | None = None  # 429
    lost: bool = False  # it takes effect, and its answer is lost
    cut: bool = False  # the connection is cut before it takes effect
    needed: str = ""  # of missing_scope


@dataclass
class Faults:
    """All off at first.

    copies: times that every event is delivered, under other envelope ids. limit_every: 429 on each such call.
    lose_every: the answer to each such post (`lose_methods`) is lost after it took effect. break_every: 503 on each
    such call. latency (and as much jitter) in seconds before each answer. cut_every: seconds after which every socket
    is cut, without a word. hang: methods that never answer. deaf: sockets stay open and nothing goes over them.
    pace: seconds that must pass between two posts in one channel (429 otherwise). orphans_to_root: a reply to a message
    that is not there is posted outside of threads, without a word of it, instead of being refused. tells_little: in
    histories there are neither metadata nor ids of blocks, and no replies are counted, as of another server.
    """

    seed: int = 0
    copies: int = 1
    copies_within: float = 0.2  # seconds over which the copies come
    limit_every: int = 0
    retry_after: float = 1
    limit_methods: Sequence[str] = ()  # all, if empty
    lose_every: int = 0
    lose_methods: Sequence[str] = POSTS
    break_every: int = 0
    latency: float = 0.0
    jitter: float = 0.0
    cut_every: float = 0.0
    cut_politely: bool = False  # with a disconnect and a closing handshake
    hang: set[str] = field(default_factory=set)
    deaf: bool = False
    pace: float = 0.0
    orphans_to_root: bool = False
    tells_little: bool = False
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

    def refuse(self, method: str, error: str, times: int = 1, needed: str = "") -> None:
        """The next calls of a method are answered with an error."""
        self._next(method, times, Scripted(error=error, needed=needed))

    def rate_limit(self, method: str, retry_after: float = 1, times: int = 1) -> None:
        self._next(method, times, Scripted(retry_after=retry_after))

    def lose_answer(self, method: str, times: int = 1) -> None:
        """The next calls take effect, and their answers are lost."""
        self._next(method, times, Scripted(lost=True))

    def cut(self, method: str, times: int = 1) -> None:
        """The next calls' connections are cut before anything took effect."""
        self._next(method, times, Scripted(cut=True))

    def break_down(self, method: str, status: int = 503, times: int = 1) -> None:
        self._next(method, times, Scripted(status=status))

    def next_for(self, method: str) -> Scripted | None:
        for name in (method, "*"):
            if waiting := self.scripted.get(name):
                return waiting.popleft()
        return None

    def _next(self, method: str, times: int, what: Scripted) -> None:
        self.scripted.setdefault(method, deque()).extend([what] * times)

    def delay(self) -> float:
        return self.latency + (self.dice.random() * self.jitter if self.jitter else 0.0)
