"""What is wrong with a workspace at present, so that it is logged once and can be shown."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

log = logging.getLogger(__name__)

REMEDIES = {
    "token": "the bot token was refused ({error}): install the app again and set GUICHET_SLACK_BOT_TOKEN",
    "scope": "the app lacks a scope ({error}): install it again with deploy/slack-manifest.yaml",
    "installed_token": "the token of workspace {where}, which installed the app, was refused ({error}): its people "
    "install it again at /slack/install",
    "installed_scope": "the app lacks a scope in workspace {where} ({error}): its people install it again at "
    "/slack/install",
    "channel": "channel {where} cannot be written to ({error}): invite the bot, or unarchive it",
    "socket": "the connection to Slack is lost ({error}); it is being made anew",
    "app_token": "the app-level token was refused ({error}): set GUICHET_SLACK_APP_TOKEN",
    "catch_up": "what was said while nobody listened could not be read in {where} ({error})",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` is one of REMEDIES, `where` a workspace's or channel's id, `error` Slack's name for it."""

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
        if trouble := self.note(kind, where, error):
            log.error("slack: %s", trouble.remedy)

    def note(self, kind: str, where: str, error: str) -> Trouble | None:
        """What has just begun; None if it was known."""
        if (kind, where) in self._now:
            return None
        self._now[kind, where] = trouble = Trouble(kind, where, error, self.clock())
        return trouble

    def ends(self, kind: str, where: str) -> None:
        if self._now.pop((kind, where), None):
            log.info("slack: %s of %s is well again", kind, where)

    @property
    def present(self) -> tuple[Trouble, ...]:
        return tuple(self._now.values())


class UntoldTroubles(Troubles):
    """For whoever says in another way what is wrong: nothing is logged."""

    def begins(self, kind: str, where: str, error: str) -> None:
        self.note(kind, where, error)
