"""A policy: what is promised of which tickets, in whose hours."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.tickets import SlaKind, Ticket
from bot.model.values import Role, Urgency
from bot.sla.hours import Calendar

KINDS: tuple[SlaKind, ...] = ("acknowledge", "first_contact", "resolution")
WARNING, BREACH = 1, 2  # stages; each one after is a level


@dataclass(frozen=True, slots=True)
class Level:
    """Who is told when a promise has been broken for so long. `after`: seconds of business time."""

    after: float
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """One promise: so many seconds of a calendar's time."""

    policy: str
    seconds: int
    calendar: Calendar
    warning: float  # the share of it after which there is a warning
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`category` includes those below it; None fits every one, as do no `priorities`."""

    name: str
    calendar: Calendar
    targets: Mapping[SlaKind, Mapping[Urgency, int]]  # seconds; what is left out is not promised
    warning: float
    levels: tuple[Level, ...]
    category: str | None = None
    priorities: frozenset[Urgency] = frozenset()

    def fits(self, ticket: Ticket) -> bool:
        if self.priorities and ticket.priority not in self.priorities:
            return False
        return self.category is None or f"{ticket.category}/".startswith(f"{self.category}/")

    @property
    def specificity(self) -> tuple[int, bool]:
        return len(self.category.split("/")) if self.category else 0, bool(self.priorities)

    def rivals(self, other: "Policy") -> bool:
        """Whether some tickets fit both, and neither is the more specific."""
        if (self.category, bool(self.priorities)) != (other.category, bool(other.priorities)):
            return False
        return not self.priorities or bool(self.priorities & other.priorities)

    def terms(self, kind: SlaKind, priority: Urgency) -> Terms | None:
        seconds = self.targets.get(kind, {}).get(priority)
        return None if seconds is None else Terms(self.name, seconds, self.calendar, self.warning, self.levels)
