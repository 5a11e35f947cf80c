"""What is wrong with a platform at present, so that it is logged once and can be shown."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`where` is what it is about, `error` the platform's name for it, `remedy` what to do."""

    kind: str
    where: str
    error: str
    since: datetime
    remedy: str


@dataclass(slots=True)
class Troubles:
    """Each is logged when it begins and when it is over. `remedies`: by kind, what to do, with {where} and {error}."""

    platform: str
    remedies: Mapping[str, str]
    clock: Callable[[], datetime]
    _now: dict[tuple[str, str], Trouble] = field(default_factory=dict)

    def begins(self, kind: str, where: str, error: str) -> None:
        if trouble := self.note(kind, where, error):
            log.error("%s: %s", self.platform, trouble.remedy)

    def note(self, kind: str, where: str, error: str) -> Trouble | None:
        """What has just begun; None if it was known."""
        if (kind, where) in self._now:
            return None
        remedy = self.remedies[kind].format(where=where, error=error)
        self._now[kind, where] = trouble = Trouble(kind, where, error, self.clock(), remedy)
        return trouble

    def ends(self, kind: str, where: str) -> None:
        if self._now.pop((kind, where), None):
            log.info("%s: %s%s is well again", self.platform, kind, f" of {where}" if where else "")

    @property
    def present(self) -> tuple[Trouble, ...]:
        return tuple(self._now.values())


class UntoldTroubles(Troubles):
    """For whoever says in another way what is wrong: nothing is logged."""

    def begins(self, kind: str, where: str, error: str) -> None:
        self.note(kind, where, error)
