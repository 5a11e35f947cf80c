"""What may go wrong, as switches. Everything that happened is counted in `happened`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.mishaps import Mishaps

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
class Faults(Mishaps[Scripted]):
    """All off at first. Calls are named by method and path: `POST /api/v1/statuses`, `GET /api/v1/statuses/{id}`.

    copies: times that every event is sent over each stream. poll_copies: times that each thing stands on a page.
    limit_every: 429 on each such call. lose_every: the answer to each such post (`lose_methods`) is lost after it took
    effect. break_every: 503 on each such call. latency (and as much jitter) in seconds before each answer.
    cut_every: seconds after which every stream is cut, without a word. drop_every: each such event that somebody
    listens for is not sent. deaf: streams stay open and nothing goes over them, no heartbeat either. hang: routes that
    never answer. mute: routes that do what they are asked, and never answer. skew: seconds that the server's clock is
    before ours. processing: seconds until a picture can be attached.
    """

    poll_copies: int = 1
    lose_methods: Sequence[str] = (POST,)
    drop_every: int = 0
    mute: set[str] = field(default_factory=set)
    skew: float = 0.0
    processing: float = 0.0

    def refuse(self, method: str, status: int, error: str, times: int = 1) -> None:
        """The next calls of a route are answered with an error."""
        self.script(method, times, Scripted(status, error))

    def rate_limit(self, method: str, retry_after: float = 1, times: int = 1) -> None:
        self.script(method, times, Scripted(retry_after=retry_after))

    def lose_answer(self, method: str = POST, times: int = 1) -> None:
        """The next calls take effect, and their answers are lost."""
        self.script(method, times, Scripted(lost=True))

    def cut(self, method: str = POST, times: int = 1) -> None:
        """The next calls' connections are cut before anything took effect."""
        self.script(method, times, Scripted(cut=True))

    def break_down(self, method: str, status: int = 503, times: int = 1) -> None:
        self.script(method, times, Scripted(status))

    def next_for(self, method: str) -> Scripted:
        return self.next_of(method) or Scripted()
