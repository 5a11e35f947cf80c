"""What may go wrong, as switches. Everything that happened is counted in `happened`."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fakes.mishaps import Mishaps

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
class Faults(Mishaps[Scripted]):
    """All off at first.

    copies: times that every event is delivered, under other envelope ids. limit_every: 429 on each such call.
    lose_every: the answer to each such post (`lose_methods`) is lost after it took effect. break_every: 503 on each
    such call. latency (and as much jitter) in seconds before each answer. cut_every: seconds after which every socket
    is cut, without a word. hang: methods that never answer. deaf: sockets stay open and nothing goes over them.
    pace: seconds that must pass between two posts in one channel (429 otherwise). orphans_to_root: a reply to a message
    that is not there is posted outside of threads, without a word of it, instead of being refused. tells_little: in
    histories there are neither metadata nor ids of blocks, and no replies are counted, as of another server.
    """

    copies_within: float = 0.2
    lose_methods: Sequence[str] = POSTS
    cut_politely: bool = False  # with a disconnect and a closing handshake
    pace: float = 0.0
    orphans_to_root: bool = False
    tells_little: bool = False

    def refuse(self, method: str, error: str, times: int = 1, needed: str = "") -> None:
        """The next calls of a method are answered with an error."""
        self.script(method, times, Scripted(error=error, needed=needed))

    def rate_limit(self, method: str, retry_after: float = 1, times: int = 1) -> None:
        self.script(method, times, Scripted(retry_after=retry_after))

    def lose_answer(self, method: str, times: int = 1) -> None:
        """The next calls take effect, and their answers are lost."""
        self.script(method, times, Scripted(lost=True))

    def cut(self, method: str, times: int = 1) -> None:
        """The next calls' connections are cut before anything took effect."""
        self.script(method, times, Scripted(cut=True))

    def break_down(self, method: str, status: int = 503, times: int = 1) -> None:
        self.script(method, times, Scripted(status=status))
