"""Several processes on one database whose leader is killed again and again, and what must be true of it in the end."""

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.conversations import Conversation
from bot.model.ledger import SCHEDULER, JobRun
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import Language, Role, Urgency
from bot.tickets import lifecycle
from storage.models import ledger as x
from storage.models import tickets as t
from storage.store import SqlStorage
from tests.engine.desk import DESK_ROOM, make_desk
from tests.jobs.making import NoArticles
from tests.jobs.replica import PROBES, Life, arguments

ROOT = Path(__file__).parents[2]
STAGES = 3  # notices of one promise: the warning, the breach, the level above
SETTLING = 20.0  # seconds after the last ticket until its last notice is out, whatever happens


@dataclass
class Survival:
    """`replicas` processes; each that is killed is replaced at once."""

    storage: SqlStorage
    life: Life
    replicas: int
    seed: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    deaths: list[datetime] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.desk = make_desk(self.storage, NoArticles())
        self.services: Services = self.life.services(self.desk.services)
        self._log = Path(self.life.folder) / "log.txt"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.processes.append(subprocess.Popen(arguments(self.life), cwd=ROOT, stdout=log, stderr=log))

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    async def run(self, seconds: float, kills: int, *, suspending: bool = False) -> None:
        """Open tickets all the while; kill the leader `kills` times; then let every promise run out.

        When `suspending`, it is not killed but stopped for longer than its lease, and then goes on.
        """
        await self._move_in()
        for _ in range(self.replicas):
            self.start()
        await self._leader()
        begun = time.monotonic()
        moments = [begun + seconds * (n + self.random.uniform(0.2, 0.8)) / kills for n in range(kills)]
        while time.monotonic() < begun + seconds:
            if moments and time.monotonic() >= moments[0]:
                moments.pop(0)
                if suspending:
                    await self._suspend_leader()
                else:
                    await self._kill_leader(mid_run=len(moments) % 2 == 0)
            await self._open_ticket()
            await asyncio.sleep(self.random.uniform(0.1, 0.5))
        assert not moments
        await self._until_told()

    async def _move_in(self) -> None:
        await self.desk.appoint("grace", Role.LEAD)
        await self.desk.appoint("ada", Role.ADMIN)
        async with self.storage.unit_of_work() as uow:
            person = Person("Camille")
            self.asker, self.place = person, Conversation(ConversationRef("test", "T", "dm"), person.id)
            self.room = Conversation(DESK_ROOM)
            uow.people.add(person)
            uow.conversations.add(self.place)
            uow.conversations.add(self.room)
            await uow.commit()

    async def _open_ticket(self) -> None:
        self.opened += 1
        async with working(self.services, f"test:{self.opened}") as work:
            ticket = Ticket(
                self.opened, f"Trouble {self.opened}", "", "network", Urgency.LOW, self.asker.id, self.place.id,
                "asked", work.now, Language.EN,
            )  # fmt: skip
            work.save(lifecycle.opened(ticket, self.asker.id))
            work.uow.tickets.add(TicketPlace(ticket.id, self.room.id, "desk"))

    async def _leader(self) -> int:
        """The process that leads, as soon as there is one that lives."""
        deadline = time.monotonic() + 60
        while True:
            lease = await self.storage.leases.holder(SCHEDULER)
            pid = int(lease.owner.split()[0].split(":")[1]) if lease else 0
            if pid in {process.pid for process in self.processes if process.poll() is None}:
                return pid
            assert time.monotonic() < deadline, self._log.read_text()[-3000:]
            await asyncio.sleep(0.05)

    async def _kill_leader(self, *, mid_run: bool) -> None:
        """With kill -9: at any moment, or (`mid_run`) between the effects of a run and its completion."""
        pid = await self._leader()
        [process] = [one for one in self.processes if one.pid == pid]
        if mid_run:
            self.life.wish(pid).touch()
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 10)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL, self._log.read_text()[-3000:]
        self.deaths.append(datetime.now(UTC))
        self.start()

    async def _suspend_leader(self) -> None:
        pid = await self._leader()
        os.kill(pid, signal.SIGSTOP)
        self.deaths.append(datetime.now(UTC))
        await asyncio.sleep(self.life.lease_seconds + 1)
        assert await self._leader() != pid
        os.kill(pid, signal.SIGCONT)

    async def _until_told(self) -> None:
        deadline = time.monotonic() + SETTLING + 3 * self.life.lease_seconds
        while len(await self.rows(t.sla_notices)) < STAGES * self.opened or await self._is_sending():
            assert time.monotonic() < deadline, f"{len(await self.rows(t.sla_notices))} of {STAGES * self.opened}"
            await asyncio.sleep(0.2)

    async def _is_sending(self) -> bool:
        counts = (await self.storage.counts()).outbox
        return bool(counts["pending"] + counts["sending"] + counts["unknown"])

    async def rows(self, table: Any) -> list[Any]:
        def block(connection: Connection) -> list[Any]:
            return list(connection.execute(select(table)))

        return await self.storage._context.database.read(block)

    def lines(self, what: str) -> list[dict[str, Any]]:
        return [line for each in self.life.lines.read_text().splitlines() if (line := json.loads(each))["what"] == what]

    async def check(self, kills: int) -> str:
        """The promises; and the figures."""
        assert len(self.deaths) == kills
        runs = await self.storage.job_runs.history(limit=100_000)
        taken_up = self._check_runs(runs)
        gaps = self._check_gaps(runs)
        lateness = await self._check_notices()
        p50, p99 = percentile(lateness, 0.5), percentile(lateness, 0.99)
        figures = (
            f"{self.replicas} replicas, {kills} leaders lost, lease {self.life.lease_seconds:g} s: "
            f"{len(runs)} runs, each due time completed once, {taken_up} taken up from the dead; "
            f"longest pause of a job {max(gaps.values()):.1f} s; "
            f"{len(lateness)} SLA notices, each once, lateness p50 {p50:.2f} s, p99 {p99:.2f} s, "
            f"max {max(lateness):.2f} s"
        )
        assert p99 <= self.life.lease_seconds + 2, figures
        return figures

    def _check_runs(self, runs: list[JobRun]) -> int:
        latest = {job: max(run.scheduled_for for run in runs if run.job == job) for job in {run.job for run in runs}}
        over = [run for run in runs if run.scheduled_for < latest[run.job]]  # the last may be running right now
        wrong = [run for run in over if run.outcome not in ("completed", "skipped")]
        assert not wrong, f"{wrong}\n{self._log.read_text()[-3000:]}"
        ends = Counter((line["job"], line["due"]) for line in self.lines("end") if line["outcome"] == "completed")
        assert max(ends.values()) == 1, ends.most_common(3)
        return sum(run.attempt > 1 for run in runs)

    def _check_gaps(self, runs: list[JobRun]) -> dict[str, float]:
        """No job stands still for longer than it takes until another process leads."""
        dues: dict[str, list[datetime]] = defaultdict(list)
        for run in runs:
            dues[run.job].append(run.scheduled_for)
        gaps = {
            name: max((b - a).total_seconds() for a, b in pairwise(sorted(dues[name]))) - seconds
            for name, seconds in PROBES.items()
        }
        assert max(gaps.values()) <= self.life.lease_seconds + 3, gaps
        return gaps

    async def _check_notices(self) -> list[float]:
        notices = await self.rows(t.sla_notices)
        found = Counter((row.ticket_id, row.kind, row.stage, row.cycle) for row in notices)
        assert len(found) == len(notices) == STAGES * self.opened
        posts = self.lines("post")
        first = Counter((line["room"], line["text"]) for line in posts if not line["repeated"])
        assert max(first.values()) == 1, first.most_common(3)
        deliveries = await self.rows(x.outbox)
        assert {row.state for row in deliveries} == {"sent"}
        assert {line["id"] for line in posts} == {str(row.id) for row in deliveries}
        self._check_each_is_told(deliveries)
        return [max(0.0, (row.sent_at - row.due_at).total_seconds()) for row in notices]

    def _check_each_is_told(self, deliveries: list[Any]) -> None:
        """In the desk's room, each ticket's last notice at least; where several came due at once one may be said."""
        keys = [row.key for row in deliveries if row.room == "desk" and row.key.startswith("sla:")]
        assert len(keys) == len(set(keys))
        told = Counter(key.split(":")[1] for key in keys)
        assert len(told) == self.opened and max(told.values()) <= STAGES, told.most_common(3)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[ceil(share * len(values)) - 1]
