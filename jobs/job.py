"""What a job is, and what it is given to work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.engine.delivery import Deliverer
from bot.engine.services import Services
from bot.ports.upkeep import Archive, KnowledgeFolder
from bot.settings import Settings
from jobs.timing import Timing


@dataclass(frozen=True, slots=True)
class Parts:
    """Put together in `bot.app`. `deliverer` is None where nothing is delivered: in `guichet jobs run`."""

    settings: Settings
    services: Services
    archive: Archive
    knowledge: KnowledgeFolder | None = None  # where there is a folder to follow
    deliverer: Deliverer | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the schedule.

    `run` does the work and returns how many things it did. It may be broken off at any point and run again, here or on
    another machine: its effects are keyed, so that nothing of it happens twice.
    `look` asks the database, by an index, whether there is anything to do: where there is not, the due time passes
    without a run. Without it every due time is a run.
    `missed`: what of due times that nobody was there for: `catch_up` runs once, for the latest of them; `skip` waits
    for the next.
    `overlap`: what of due times that come while the job still runs: `never` lets them pass; `queue` runs once more
    when the run is over, for the latest of them.
    `pauses`: seconds before each further attempt after a failure; when they are used up the run has failed.
    `patience`: seconds that an attempt may take.
    With `everywhere` every process runs it, taking only what nobody else has in hand, and no run is written down; that
    it goes on failing is told all the same.
    """

    name: str
    timing: Timing
    run: Callable[[Parts], Awaitable[int]]
    look: Callable[[Parts], Awaitable[bool]] | None = None
    missed: Literal["catch_up", "skip"] = "catch_up"
    overlap: Literal["never", "queue"] = "never"
    pauses: tuple[float, ...] = (2, 15, 60)
    patience: float = 600.0
    everywhere: bool = False
