"""What the desk's figures are made of: counts and times of a span, as the database has them.

Nothing here adds up outcomes that differ: what was confirmed, what was met with silence and what came back are numbers
of their own.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from bot.model.values import TicketStatus, Urgency

Mark = Literal["claim", "contact", "resolution"]
Need = Literal["overdue", "unclaimed", "reopened", "answered"]
Ledger = Literal["inbox", "outbox"]


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` on and before `until`. Aware."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions by what became of them, each counted in one of the first eight; past tickets and demonstrations are
    none. Whatever was answered before, one that a ticket came of is `human`."""

    confirmed: int = 0  # the asker said that it helped
    denied: int = 0  # the asker said that it did not
    silent: int = 0  # answered, and nothing was said
    suggested: int = 0  # titles were shown and none was chosen
    lost: int = 0
    unavailable: int = 0  # nothing could be looked up
    problem: int = 0  # told of an announced problem
    human: int = 0  # a ticket came of it
    answered: int = 0  # of all of these: an article or another service was shown

    @property
    def asked(self) -> int:
        return (
            self.confirmed + self.denied + self.silent + self.suggested
            + self.lost + self.unavailable + self.problem + self.human
        )  # fmt: skip

    def __add__(self, other: "Questions") -> "Questions":
        return Questions(*(getattr(self, name) + getattr(other, name) for name in Questions.__slots__))


@dataclass(frozen=True, slots=True)
class QuestionsBy:
    """The same questions, parted in several ways. Days and hours are those of a clock on the wall; an empty category:
    none was recognised."""

    days: dict[date, Questions] = field(default_factory=dict)
    hours: dict[int, Questions] = field(default_factory=dict)
    categories: dict[str, Questions] = field(default_factory=dict)
    intents: dict[str, Questions] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """The same tickets, parted in several ways. `because`: why they were opened."""

    days: dict[date, int] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    intents: dict[str, int] = field(default_factory=dict)
    because: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketCounts:
    """`opened` by when a ticket was opened, `reopened` by when it came back, the rest by when it ended and as it now
    is: a ticket that is open again counts in none of them."""

    opened: int = 0
    unasked: int = 0  # of these: by command, or going on with a closed one; no question came before
    confirmed: int = 0  # closed: the asker said that it is settled
    silent: int = 0  # closed: the asker said nothing
    reopened: int = 0  # came back, whatever became of them since
    again: int = 0  # of the confirmed and the silent: had come back before
    unconfirmed: int = 0  # resolved, and the asker may still say so
    not_a_request: int = 0
    merged: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds by the clock on the wall. Of `waiting` it is not known yet how long they will take: they are in neither
    figure."""

    count: int = 0
    median: float | None = None
    p90: float | None = None
    waiting: int = 0
    oldest: datetime | None = None  # since when the longest waiting one does


@dataclass(frozen=True, slots=True)
class Promises:
    """What came of promises of one kind. `late`: kept late, or overdue; `open`: may still be kept."""

    kept: int = 0
    late: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Ratings:
    """Surveys of one kind, by when they were sent. `scores`: how many gave each."""

    sent: int = 0
    scores: dict[int, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return sum(self.scores.values())


@dataclass(frozen=True, slots=True)
class TechnicianWork:
    """Tickets by who has them now."""

    technician_id: UUID
    opened: int = 0  # in the span
    confirmed: int = 0
    silent: int = 0
    reopened: int = 0
    claim: Spread = Spread()
    resolution: Spread = Spread()


@dataclass(frozen=True, slots=True)
class Funnel:
    """Posts heard in public, by when they were heard, and what has come of them by now."""

    seen: int = 0
    complaints: int = 0
    held: int = 0  # a reply waited, or waits, for approval
    approved: int = 0  # of these: a technician let it go out
    sent: int = 0  # answered in public, whether that was asked for or not
    opened: int = 0  # the link to the contact page was opened
    verified: int = 0  # by the author, as it turned out
    tickets: int = 0  # that came of them; of several posts it may be one
    resolved: int = 0  # of these tickets


@dataclass(frozen=True, slots=True)
class InNeed:
    """A ticket that needs a human now, and why. `due_at`: the earliest promise that is not kept yet."""

    reference: str
    title: str
    category: str
    priority: Urgency
    status: TicketStatus
    assignee_id: UUID | None
    needs: tuple[Need, ...]
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Milliseconds that one of the steps took."""

    step: str
    count: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Handled:
    """Events by when they were received. Milliseconds from there until they were handled: waiting, tries and all."""

    received: int = 0
    retried: int = 0  # failed at least once
    dead: int = 0
    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of a ledger in one state that is not the end, or not a good one."""

    ledger: Ledger
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A row that nobody takes up by itself. `error`: a reference and the error's type, or what the platform said."""

    ledger: Ledger
    state: str
    platform: str
    since: datetime
    attempt: int
    error: str
