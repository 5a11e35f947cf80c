"""How far a feed was read, as it is kept beside what was read of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

KEPT = 200  # things of a feed that are remembered as read

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was read: the post that it was about, as it was then, whose, and where its thread begins; without
    a post, nothing that the desk heard. `root` is empty for a direct message. `said`: a digest of its words, where the
    server may not tell of edits."""

    revision: str = ""
    post: str = ""
    author: str = ""
    root: str = ""
    said: str = ""

    @property
    def fields(self) -> list[str]:
        fields = [self.revision, self.post, self.author, self.root]
        return [*fields, self.said] if self.said else fields


@dataclass(frozen=True, slots=True)
class Mark:
    """`before` and what is older than `floor` was there when the account was first connected; the floor is there only
    where `before` is not all of it. `reached`: no older than the newest that was read, by its own time, and never
    later than the desk's clock. `read_at`: when the feed was last read to the end, by the desk's clock."""

    reached: datetime = NEVER
    read_at: datetime = NEVER
    seen: Mapping[str, Entry] = field(default_factory=dict)  # by the id of the thing, the latest read last
    before: frozenset[str] = frozenset()
    floor: datetime | None = None

    def is_known(self, id: str) -> bool:
        return id in self.seen or id in self.before

    @property
    def knows_nothing(self) -> bool:
        return not self.seen and not self.before and self.floor is None

    def was_before(self, id: str, at: datetime) -> bool:
        return id in self.before or (self.floor is not None and at < self.floor)

    def with_(self, read: Mapping[str, Entry], reached: datetime | None = None) -> "Mark":
        kept = {id: one for id, one in self.seen.items() if id not in read} | dict(read)
        for id in list(kept)[: max(0, len(kept) - KEPT)]:
            del kept[id]
        return replace(self, seen=kept, reached=max(self.reached, reached or NEVER))

    def written(self) -> str:
        seen = {id: one.fields for id, one in self.seen.items()}
        floor = self.floor.isoformat() if self.floor else None
        kept: dict[str, Any] = {"reached": self.reached.isoformat(), "read_at": self.read_at.isoformat(), "seen": seen}
        return json.dumps(kept | {"before": sorted(self.before), "floor": floor}, separators=(",", ":"))

    @classmethod
    def of(cls, written: str | None) -> "Mark | None":
        """None for what is none."""
        try:
            kept = json.loads(written or "")
            return cls(
                datetime.fromisoformat(kept["reached"]),
                datetime.fromisoformat(kept["read_at"]),
                {str(id): Entry(*map(str, one)) for id, one in kept["seen"].items()},
                frozenset(map(str, kept["before"])),
                datetime.fromisoformat(kept["floor"]) if kept["floor"] else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
