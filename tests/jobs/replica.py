"""One of several processes on one database: the desk's schedule and some jobs that have nothing to do but to be done.

Run as a module it is that process, until it is killed. What it posts and which runs it completes it appends to a file,
line by line, so that it is on the disk when it dies.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.engine.delivery import Deliverer
from bot.engine.services import Policy, Services
from bot.model.ledger import Delivery, JobRun
from bot.ports.adapters import Inbox
from bot.settings import Settings
from bot.sla.policies import SlaPolicies
from jobs.job import Job, Parts
from jobs.schedule import schedule
from jobs.scheduler import Scheduler
from jobs.timing import Every
from storage.store import open_storage
from tests.engine.desk import make_desk
from tests.jobs.making import NoArchive, NoArticles
from tests.ledger.watched import watched

# Every stage of a promise within seconds. Nobody claims anything.
PROMISES = """
defaults:
  hours: always
  targets: {acknowledge: %d s, first_contact: none, resolution: none}
  warning: 0.75
  levels: [{after: %d s, tell: [admin]}]
policies:
  - name: standard
"""
PROBES = {"probe_half": 0.5, "probe_1": 1.0, "probe_2": 2.0, "probe_5": 5.0}
OUTBOX_LEASE = timedelta(seconds=4)


@dataclass(frozen=True)
class Life:
    database: str
    folder: str
    lease_seconds: float
    promise: int = 8  # seconds until a ticket is to be claimed

    @property
    def lines(self) -> Path:
        return Path(self.folder) / "lines.jsonl"

    def wish(self, pid: int) -> Path:
        """While this file is there, that process dies between the effects of its next run and writing them down."""
        return Path(self.folder) / f"die-{pid}"

    def services(self, services: Services) -> Services:
        """On the wall's clock, with promises that are soon broken."""
        file = Path(self.folder) / "promises.yaml"
        file.write_text(PROMISES % (self.promise, self.promise // 2))
        sla = SlaPolicies.load(file)
        return replace(services, clock=lambda: datetime.now(UTC), sla=sla, policy=Policy(timezone="UTC"))


class Lines:
    """A file that any number of processes append to."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, **line: Any) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Wire:
    platform = "test"
    accounts = frozenset({"T"})

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, delivery: Delivery) -> str:
        room, text = delivery.conversation.key, delivery.document.text
        self._lines.write(what="post", id=str(delivery.id), room=room, text=text, repeated=delivery.repeated)
        return f"post-{delivery.number}"


async def probe(parts: Parts) -> int:
    await asyncio.sleep(0.05)
    return 1


async def live(life: Life) -> None:
    lines, owner = Lines(life.lines), f"replica:{os.getpid()}"
    wish = life.wish(os.getpid())
    storage = await open_storage(life.database, create=False)
    ending: dict[asyncio.Task[Any] | None, JobRun] = {}

    async def hook(point: str, detail: Any) -> None:
        if point == "before job_runs.finish":
            if wish.exists():
                os.kill(os.getpid(), signal.SIGKILL)
            ending[asyncio.current_task()] = detail[0]
        elif point == "after job_runs.finish":
            run = ending.pop(asyncio.current_task())
            lines.write(what="end", job=run.job, due=run.scheduled_for.isoformat(), outcome=run.outcome, by=owner)

    services = life.services(make_desk(watched(storage, hook), NoArticles()).services)
    settings = Settings.model_validate({"home": life.folder, "sweep_seconds": 1, "leader_seconds": life.lease_seconds})
    deliverer = Deliverer(storage, [Wire(lines)], owner, lease=OUTBOX_LEASE, clock=services.clock)
    jobs = (*schedule(settings), *(Job(name, Every(seconds), probe) for name, seconds in PROBES.items()))
    parts = Parts(settings, services, NoArchive(), None, deliverer)
    async with Scheduler(jobs, parts, owner, lease_seconds=life.lease_seconds, settled=0):
        lines.write(what="born", by=owner)
        await deliverer.run()


def arguments(life: Life) -> list[str]:
    return [sys.executable, "-m", "tests.jobs.replica", json.dumps(asdict(life))]


if __name__ == "__main__":
    logging.basicConfig(format=f"%(asctime)s {os.getpid()} %(levelname)s %(message)s")
    asyncio.run(live(Life(**json.loads(sys.argv[1]))))
