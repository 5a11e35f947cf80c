"""Ticket numbers, without gaps where a handler runs again."""

from bot.ports.storage import UnitOfWork


class TicketNumbers:
    """The numbers of one event's tickets: what one run of its handler took, the next run uses again.

    A number is taken in a transaction of its own; only a process that dies right after leaves a gap.
    """

    def __init__(self) -> None:
        self._taken: list[int] = []
        self._used = 0

    def start_over(self) -> None:
        self._used = 0

    async def next(self, uow: UnitOfWork) -> int:
        if self._used == len(self._taken):
            self._taken.append(await uow.tickets.next_number())
        self._used += 1
        return self._taken[self._used - 1]
