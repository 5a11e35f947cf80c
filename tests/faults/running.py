"""A desk as it runs on somebody's machine, in Slack or on Mastodon: `guichet run`, killed and started again."""

import os
import re
import signal
import sys
from pathlib import Path

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack
from tests.ledger.guichet import Guichet

READY = "is ready"


class Replica:
    """One process of a desk. `start` and `kill` as often as one likes; what every life logged is in `log`."""

    def __init__(self, home: Path, database: str, settings: dict[str, str]) -> None:
        self.home = home
        self.settings = {
            "GUICHET_ALLOW_SAMPLES": "true",
            "GUICHET_WEB_PORT": str(free_port()),
            "GUICHET_LEASE_SECONDS": "5",
            **({"GUICHET_DATABASE_URL": database} if database else {}),
            **settings,
        }
        self.lives: list[Guichet] = []

    @property
    def log(self) -> list[str]:
        return [line for life in self.lives for line in life.err]

    @property
    def is_ready(self) -> bool:
        return bool(self.lives) and any(READY in line for line in self.lives[-1].err)

    def start(self) -> None:
        self.lives.append(Guichet(self.home, "run", "--no-console", settings=self.settings))

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        status = self.lives[-1].kill(sign)
        assert status == (-9 if sign is signal.SIGKILL else 0), self.lives[-1].told()

    def end(self) -> None:
        for life in self.lives:
            life.__exit__(None, None, None)
        if trouble := self.crashes:
            print("\n".join(trouble), file=sys.stderr)

    @property
    def crashes(self) -> list[str]:
        """Lines of tracebacks, which nothing that a platform or a network does may cause."""
        return [line for line in self.log if re.search("Traceback|^  File |Error: ", line)]


class Running(Replica):
    """In Slack."""

    def __init__(
        self, slack: FakeSlack, home: Path, desk: Channel, *, bind: str = "", database: str = "", **settings: str
    ) -> None:
        super().__init__(home, database, in_slack(slack, desk, bind) | settings)


class OnMastodon(Replica):
    """With an account on Mastodon. `settings` as in the environment, also of whatever else it is on."""

    def __init__(self, mastodon: FakeMastodon, home: Path, *, database: str = "", **settings: str) -> None:
        super().__init__(home, database, on_mastodon(mastodon) | settings)


def in_slack(slack: FakeSlack, desk: Channel, bind: str = "") -> dict[str, str]:
    return {
        "GUICHET_SLACK_API_URL": slack.api_url,
        "GUICHET_SLACK_BOT_TOKEN": slack.bot_token,
        "GUICHET_SLACK_APP_TOKEN": slack.app_token,
        "GUICHET_SLACK_SIGNING_SECRET": slack.signing_secret,
        "GUICHET_SLACK_DESK_CHANNEL": desk.name,
        "GUICHET_SLACK_PING_SECONDS": "1",
        "GUICHET_SLACK_MODE": "http" if bind else "socket",
        "GUICHET_SLACK_HTTP_BIND": bind or "127.0.0.1:0",
    }


def on_mastodon(mastodon: FakeMastodon) -> dict[str, str]:
    return {
        "GUICHET_MASTODON_URL": mastodon.url,
        "GUICHET_MASTODON_TOKEN": mastodon.token,
        "GUICHET_MASTODON_HASHTAGS": "printer",
        "GUICHET_MASTODON_POLL_SECONDS": "2",
        "GUICHET_MASTODON_VISIBILITY": "public",
        "GUICHET_MASTODON_APPROVAL": "off",
        "GUICHET_MASTODON_DAILY_REPLIES": "10000",
        "GUICHET_LEADER_SECONDS": "3",
    }


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
