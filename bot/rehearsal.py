"""Dry runs: the same work on the same data, and nothing is written."""

from types import TracebackType
from typing import Self

from bot.ports.storage import UnitOfWork, UnitOfWorkFactory


class Rehearsal:
    """A unit of work that reads what there is and whose commit does nothing: every commit is as if on the first day."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.people = work.people
        self.conversations = work.conversations
        self.tickets = work.tickets
        self.attachments = work.attachments
        self.problems = work.problems
        self.public = work.public
        self.contact = work.contact
        self.knowledge = work.knowledge
        self.categories = work.categories
        self.reports = work.reports
        self.inbox = work.inbox
        self.outbox = work.outbox
        self.cursors = work.cursors

    async def __aenter__(self) -> Self:
        await self._work.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._work.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        return None


def rehearsed(unit_of_work: UnitOfWorkFactory) -> UnitOfWorkFactory:
    return lambda: Rehearsal(unit_of_work())
