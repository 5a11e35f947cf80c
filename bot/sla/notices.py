"""Which notices of a ticket are due."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.tickets import SlaKind
from bot.model.values import Role
from bot.sla.policy import BREACH, WARNING


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is to go out. `promised` is what was promised for when; `due_at` when the notice itself was due.

    `roles` are told, or whoever has the ticket where there are none. `next_at`: when the notice after it will be due,
    if nothing happens, and `next_roles` who is told then.
    """

    kind: SlaKind
    stage: int
    due_at: datetime
    promised: datetime
    roles: tuple[Role, ...] = ()
    next_at: datetime | None = None
    next_roles: tuple[Role, ...] = ()

    @property
    def is_warning(self) -> bool:
        return self.stage == WARNING

    @property
    def is_breach(self) -> bool:
        """Whether it is the one that says that the promise is broken."""
        return self.stage == BREACH
