"""Figures, as the database adds them up. Every method raises StorageUnavailable when it cannot be reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from bot.model.lateness import Lateness
from bot.model.reports import (
    Backlog,
    Failed,
    Funnel,
    Handled,
    InNeed,
    Mark,
    OpenedBy,
    Promises,
    QuestionsBy,
    Ratings,
    Span,
    Spread,
    StepTimes,
    TechnicianWork,
    TicketCounts,
)
from bot.model.tickets import SlaKind


class Reports(Protocol):
    """Questions are counted by when they were asked; tickets' times and promises by when the ticket was opened, those
    that were no request or are part of another left out; notices and surveys by when they were sent. Each figure is
    its own statement: what is written meanwhile may be in one of them and not yet in another."""

    async def questions(self, span: Span, zone: ZoneInfo) -> QuestionsBy: ...

    async def tickets(self, span: Span) -> TicketCounts: ...

    async def opened(self, span: Span, zone: ZoneInfo) -> OpenedBy: ...

    async def times(self, span: Span) -> dict[Mark, Spread]:
        """From the opening to the first claim, to the first human answer, to the latest resolution."""
        ...

    async def promises(self, span: Span, now: datetime) -> dict[SlaKind, Promises]: ...

    async def lateness(self, span: Span) -> Lateness:
        """How much later than due the desk's own notices were."""
        ...

    async def ratings(self, span: Span) -> dict[Literal["csat", "nps"], Ratings]: ...

    async def technicians(self, span: Span) -> list[TechnicianWork]:
        """Those who have tickets of the span, in no order."""
        ...

    async def funnel(self, span: Span) -> Funnel:
        """Of the posts that were heard in it."""
        ...

    async def in_need(self, now: datetime) -> list[InNeed]:
        """What is promised and due the longest first, then what waits the longest. What sleeps is not among them."""
        ...

    async def steps(self, spans: Sequence[Span]) -> list[list[StepTimes]]:
        """For each span, the steps of what was received in it."""
        ...

    async def handled(self, spans: Sequence[Span]) -> list[Handled]: ...

    async def backlog(self) -> list[Backlog]:
        """What is received, in hand or given up; what is to be sent, perhaps sent, or not sent."""
        ...

    async def failed(self, limit: int = 20) -> list[Failed]:
        """Of both ledgers, the latest first."""
        ...
