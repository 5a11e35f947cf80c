"""What is wrong with the account or its server at present, so that it is logged once and can be shown."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

log = logging.getLogger(__name__)

REMEDIES = {
    "token": "the token was refused ({error}): guichet mastodon login has the server make another",
    "scope": "the token is not good for {where} ({error}): guichet mastodon login has the server make one that is",
    "server": "the server cannot be reached ({error}); it is tried again",
    "stream": "the stream of {where} is lost ({error}); meanwhile the server is asked for news",
    "reading": "{where} cannot be read ({error}); it is tried again",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` is one of REMEDIES, `where` what it is about, `error` the server's name for it."""

    kind: str
    where: str
    error: str
    since: datetime

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind].format(where=self.where, error=self.error)


@dataclass(slots=True)
class Troubles:
    """Each is logged when it begins and when it is over."""

    clock: Callable[[], datetime]
    _now: dict[tuple[str, str], Trouble] = field(default_factory=dict)

    def begins(self, kind: str, where: str, error: str) -> None:
        if (kind, where) not in self._now:
            self._now[kind, where] = trouble = Trouble(kind, where, error, self.clock())
            log.error("mastodon: %s", trouble.remedy)

    def ends(self, kind: str, where: str) -> None:
        if self._now.pop((kind, where), None):
            log.info("mastodon: the %s%s is well again", kind, f" of {where}" if where else "")

    @property
    def present(self) -> tuple[Trouble, ...]:
        return tuple(self._now.values())


class UntoldTroubles(Troubles):
    """For whoever says in another way what is wrong: nothing is logged."""

    def begins(self, kind: str, where: str, error: str) -> None:
        self._now.setdefault((kind, where), Trouble(kind, where, error, self.clock()))
