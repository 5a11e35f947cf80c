"""Internal identifiers: UUIDs of version 7 (RFC 9562, section 5.7), which sort by the time they were made."""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_RANDOM_BITS = 74
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class _Sequence:
    """What one process makes grows strictly, within a millisecond too (RFC 9562, section 6.2, method 2)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        """48 bits of Unix milliseconds, then 74 random bits, or one more than the last where that is not greater."""
        milliseconds = time.time_ns() // 1_000_000 & (2**48 - 1)
        fresh = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = max(fresh, self._last + 1)
            return self._last


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
