"""The events of a stream, out of the bytes that come over it."""

import logging
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

LONGEST = 2_000_000  # bytes of one event; what is longer is passed over


@dataclass(frozen=True, slots=True)
class Event:
    """`data` as it came, perhaps no JSON."""

    name: str
    data: str


@dataclass(slots=True)
class Parser:
    """Server-sent events. Bytes come as they like; what is no event is passed over, and nothing that comes after it."""

    _rest: bytearray = field(default_factory=bytearray)
    _name: str = ""
    _data: list[str] = field(default_factory=list)
    _size: int = 0
    _skips: bool = False  # to the end of an event that is too long

    def feed(self, received: bytes) -> list[Event]:
        found: list[Event] = []
        self._rest += received
        *lines, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            if event := self._line(bytes(line).rstrip(b"\r")):
                found.append(event)
        if len(self._rest) > LONGEST:
            self._rest.clear()
            self._too_long()
        return found

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._end()
        if line.startswith(b":") or self._skips:
            return None  # a heartbeat
        self._size += len(line)
        if self._size > LONGEST:
            self._too_long()
            return None
        name, _, value = line.decode(errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None

    def _too_long(self) -> None:
        if not self._skips:
            log.warning("mastodon: an event of a stream is longer than %d bytes, it is passed over", LONGEST)
        self._skips = True
        self._data.clear()

    def _end(self) -> Event | None:
        event = Event(self._name, "\n".join(self._data)) if self._name and not self._skips else None
        self._name, self._size, self._skips = "", 0, False
        self._data.clear()
        return event
