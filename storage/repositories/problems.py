"""Announced problems, and who was told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam

from bot.model.tickets import Problem, ProblemSubscription
from storage import records
from storage.models import tickets as t
from storage.repositories.base import Repository
from storage.upserts import upsert

_PROBLEM = records.PROBLEMS.select().where(t.problems.c.id == bindparam("id"))
_PROBLEM_BY_NUMBER = records.PROBLEMS.select().where(t.problems.c.number == bindparam("number"))
_ANNOUNCED = (
    records.PROBLEMS.select()
    .where(t.problems.c.announced_at.is_not(None), t.problems.c.ended_at.is_(None))
    .order_by(t.problems.c.announced_at, t.problems.c.id)
)
_RECENT_PROBLEMS = records.PROBLEMS.select().order_by(t.problems.c.number.desc()).limit(bindparam("most"))
_SUBSCRIPTIONS = (
    records.SUBSCRIPTIONS.select()
    .where(t.problem_subscriptions.c.problem_id == bindparam("id"))
    .order_by(t.problem_subscriptions.c.id)
)
_SUBSCRIPTIONS_IN = (
    records.SUBSCRIPTIONS.select()
    .where(t.problem_subscriptions.c.conversation_id == bindparam("id"))
    .order_by(t.problem_subscriptions.c.id)
)
_TO_TELL = records.PROBLEMS.select().where(t.problems.c.tell_from <= bindparam("now")).order_by(t.problems.c.number)


class SqlProblems(Repository):
    __slots__ = ()

    def add(self, record: Problem | ProblemSubscription) -> None:
        self._changes.add(record)

    def save(self, record: Problem | ProblemSubscription) -> None:
        self._changes.save(record)

    async def get(self, id: UUID) -> Problem | None:
        return await self._one(records.PROBLEMS, _PROBLEM, id=id)

    async def by_number(self, number: int) -> Problem | None:
        if not 0 < number < 2**31:
            return None
        return await self._one(records.PROBLEMS, _PROBLEM_BY_NUMBER, number=number)

    async def announced(self) -> list[Problem]:
        return await self._few(records.PROBLEMS, _ANNOUNCED)

    async def recent(self, limit: int = 20) -> list[Problem]:
        return await self._all(records.PROBLEMS, _RECENT_PROBLEMS, most=limit)

    async def next_number(self) -> int:
        take = upsert(self._database.dialect).next_problem
        return await self._database.write(lambda connection: int(connection.execute(take).scalar_one()))

    async def to_tell(self, now: datetime) -> list[Problem]:
        return await self._all(records.PROBLEMS, _TO_TELL, now=now)

    async def subscriptions_in(self, conversation_id: UUID) -> list[ProblemSubscription]:
        return await self._few(records.SUBSCRIPTIONS, _SUBSCRIPTIONS_IN, id=conversation_id)

    async def subscriptions(self, problem_id: UUID) -> list[ProblemSubscription]:
        return await self._all(records.SUBSCRIPTIONS, _SUBSCRIPTIONS, id=problem_id)
