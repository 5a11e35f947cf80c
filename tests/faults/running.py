"""A desk in Slack as it runs on somebody's machine: `guichet run`, killed and started again."""

import os
import re
import signal
import sys
from pathlib import Path

from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack
from tests.ledger.guichet import Guichet

READY = "is ready"


class Running:
    """One replica. `start` and `kill` as often as one likes; what every life logged is in `log`."""

    def __init__(
        self, slack: FakeSlack, home: Path, desk: Channel, *, bind: str = "", database: str = "", **settings: str
    ) -> None:
        self.home = home
        self.settings = {
            "GUICHET_SLACK_API_URL": slack.api_url,
            "GUICHET_SLACK_BOT_TOKEN": slack.bot_token,
            "GUICHET_SLACK_APP_TOKEN": slack.app_token,
            "GUICHET_SLACK_SIGNING_SECRET": slack.signing_secret,
            "GUICHET_SLACK_DESK_CHANNEL": desk.name,
            "GUICHET_SLACK_PING_SECONDS": "1",
            "GUICHET_SLACK_MODE": "http" if bind else "socket",
            "GUICHET_SLACK_HTTP_BIND": bind or "127.0.0.1:0",
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


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
