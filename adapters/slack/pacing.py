"""How fast Slack may be written to: about one message a second per channel, with short bursts."""

from collections.abc import Callable
from dataclasses import dataclass, field

RATE = 1.0  # messages a second per channel that Slack takes for long
BURST = 4.0  # that it takes at once after a pause
FORGET_ABOVE = 1_000  # channels, of which those that may write at once are forgotten


@dataclass(slots=True)
class _Channel:
    left: float
    at: float
    held_until: float = 0.0


@dataclass(slots=True)
class Pacing:
    """A token bucket per channel, and a hold where Slack said how long to wait. `clock` is monotonic, in seconds."""

    clock: Callable[[], float]
    _channels: dict[str, _Channel] = field(default_factory=dict)

    def take(self, channel: str) -> float:
        """Count one message; the seconds to wait before it may be sent, 0 for at once. What has to wait is not counted:
        ask again."""
        now = self.clock()
        one = self._channel(channel, now)
        one.left, one.at = min(BURST, one.left + (now - one.at) * RATE), now
        if one.held_until > now:
            return one.held_until - now
        if one.left < 1:
            return (1 - one.left) / RATE
        one.left -= 1
        return 0.0

    def hold(self, channel: str, seconds: float) -> None:
        """Slack refused: send nothing there for so long."""
        now = self.clock()
        one = self._channel(channel, now)
        one.held_until = max(one.held_until, now + seconds)

    def _channel(self, channel: str, now: float) -> _Channel:
        if len(self._channels) > FORGET_ABOVE:
            rested = [
                name
                for name, one in self._channels.items()
                if one.held_until <= now and one.left + (now - one.at) * RATE >= BURST
            ]
            for name in rested:
                del self._channels[name]
        return self._channels.setdefault(channel, _Channel(BURST, now))
