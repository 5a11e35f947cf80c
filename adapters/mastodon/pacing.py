"""How fast the server may be called: as it says itself; as fast as one likes where it says nothing, until it refuses.

Mastodon takes 300 calls in five minutes of an account, whoever makes them. What reads leaves some of them for what is
to be sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.mastodon.errors import LONGEST_PAUSE, UNTOLD_PAUSE, pause

KEPT_FOR_SENDING = 0.1  # of what the server takes
PERIOD = 300.0  # seconds after which it takes as many again, where it does not say
# These have few calls of their own, and their headers tell of those.
OF_THEIR_OWN = frozenset({"media_post", "status_delete", "status_unreblog"})


@dataclass(slots=True)
class Pacing:
    """`clock` is monotonic, in seconds."""

    clock: Callable[[], float]
    _limit: int = 0
    _left: int | None = None  # None: nobody said
    _until: float = 0.0  # when there are as many again
    _refusals: int = 0  # in a row, of those that did not say for how long
    _held: dict[str, float] = field(default_factory=dict)  # "" are all but those of their own

    def take(self, method: str, *, reads: bool) -> float:
        """Count one call; the seconds to wait before it may be made, 0 for at once. What has to wait is not counted:
        ask again."""
        now, kind = self.clock(), _kind(method)
        if (wait := self._held.get(kind, 0.0) - now) > 0:
            return wait
        if kind or self._left is None:
            return 0.0
        if now >= self._until:
            self._left = None  # the next answer tells anew
            return 0.0
        if self._left <= (self._limit * KEPT_FOR_SENDING if reads else 0):
            return self._until - now
        self._left -= 1
        return 0.0

    def heard(self, method: str, status: int, headers: Mapping[str, str]) -> None:
        """What an answer says of how many more there may be."""
        now, kind = self.clock(), _kind(method)
        if status == 429:
            self._refusals += 1
            untold = min(LONGEST_PAUSE, UNTOLD_PAUSE * 2 ** min(10, self._refusals - 1))
            self._held[kind] = now + (pause(headers) or untold)
            return
        self._refusals = 0
        left, limit = _number(headers.get("X-RateLimit-Remaining")), _number(headers.get("X-RateLimit-Limit"))
        if kind or left is None:
            return
        self._left, self._limit = left, limit or self._limit
        self._until = now + (pause(headers) or PERIOD)


def _kind(method: str) -> str:
    return method if method in OF_THEIR_OWN else ""


def _number(said: str | None) -> int | None:
    try:
        return max(0, int(said or ""))
    except ValueError:
        return None
