"""What the parts of one storage share."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, func, select

from bot.ports.storage import Topic
from storage.database import Database
from storage.models.base import among
from storage.moments import Moments
from storage.signals import Listener, Signals

T = TypeVar("T")


class StorageContext:
    def __init__(self, database: Database, moments: Moments, signals: Signals, listener: Listener | None) -> None:
        self.database = database
        self.moments = moments
        self.signals = signals
        self.listener = listener

    async def write(
        self,
        block: Callable[[Connection], T],
        *topics: Topic,
        heard_by_all: bool = True,
        always: bool = True,
        brief: bool = False,
    ) -> T:
        """Write, then wake who waits for these topics: in all processes, or only in this one.

        Unless `always`, a block that returns 0 or nothing has changed nothing and wakes nobody.
        """
        result = await self.database.write(block, brief=brief)
        if always or result:
            self.signals.changed(*topics)
            if self.listener is not None and heard_by_all:
                self.listener.tell(*topics)
        return result


def count_states(
    connection: Connection, state: ColumnElement[str], states: type[StrEnum], *groups: tuple[str, ...]
) -> dict[str, int]:
    """How many rows of a ledger are in each state; each group has an index of its own."""
    counts = {str(name): 0 for name in states}
    for group in groups:
        statement = select(state, func.count()).where(among(state, *group)).group_by(state)
        counts |= {str(name): count for name, count in connection.execute(statement)}
    return counts
