"""Internal identifiers: UUIDs of version 7 (RFC 9562, section 5.7), which sort by the time they were made."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_RANDOM_BITS = 74
_RANDOM_BYTES = 10  # that hold so many
_DRAWN = 100  # ids, for which randomness is asked of the system at once: each time is a call of the kernel
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class _Sequence:
    """What one process makes grows strictly, within a millisecond too (RFC 9562, section 6.2, method 2)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._drawn = memoryview(b"")
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)  # what the parent drew is the parent's

    def next(self) -> int:
        """48 bits of Unix milliseconds, then 74 random bits, or one more than the last where that is not greater."""
        milliseconds = time.time_ns() // 1_000_000 & (2**48 - 1)
        with self._lock:
            fresh = milliseconds << _RANDOM_BITS | self._random()
            self._last = max(fresh, self._last + 1)
            return self._last

    def _random(self) -> int:
        if not self._drawn:
            self._drawn = memoryview(os.urandom(_DRAWN * _RANDOM_BYTES))
        bits, self._drawn = self._drawn[:_RANDOM_BYTES], self._drawn[_RANDOM_BYTES:]
        return int.from_bytes(bits, "big") >> 8 * _RANDOM_BYTES - _RANDOM_BITS

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._drawn = memoryview(b"")


_sequence = _Sequence()


def new_id() -> UUID:
    """A fresh UUIDv7."""
    value = _sequence.next()
    time_bits, high, low = value >> 74, value >> 62 & 0xFFF, value & (2**62 - 1)
    return UUID(int=time_bits << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def first_id_at(at: datetime) -> UUID:
    """The least id that can be made at a time: ids of what was made before are less, of what comes after greater."""
    return UUID(int=(at - _EPOCH) // _MILLISECOND << 80)


def made_at(id: UUID) -> datetime:
    """When an id was made, by the clock of its process."""
    return _EPOCH + (id.int >> 80) * _MILLISECOND
