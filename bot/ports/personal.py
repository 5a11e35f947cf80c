"""All that the database holds of one person: to be given to them, and to be forgotten."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

ERASED = "(erased)"  # the name of who was erased, and the title of their tickets


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, or would be. `person_id`: the empty row to which their tickets point from now on.

    `counts`: rows by table. `files`: keys in the file store that nothing points to any more.
    """

    person_id: UUID
    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    tickets: tuple[UUID, ...] = ()


class PersonalData(Protocol):
    """Each method is one transaction of its own."""

    async def gather(self, person_id: UUID) -> dict[str, list[dict[str, Any]]] | None:
        """By kind, every row that is of this person or about them, as plain values; None if there is no such person."""
        ...

    async def in_hand(self, person_id: UUID) -> int:
        """How many of their messages are waiting or being handled, and of their answers being sent."""
        ...

    async def erase(self, person_id: UUID, at: datetime, *, rehearse: bool = False) -> Erased | None:
        """Forget the person; None if there is nobody with that id (any more).

        Their words, and what was said to them and about them, become empty; what only counts stays: categories, times,
        states, scores, figures. Who they were becomes an empty person. With `rehearse` nothing is changed.

        Raises StaleWrite while something of theirs is in hand, or when they begin to write meanwhile.
        """
        ...
