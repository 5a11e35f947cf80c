"""A unit of work of a job, from its beginning to its commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from bot.engine.services import Services
from bot.engine.work import Work
from bot.problems.card import refresh_problems
from bot.tickets.cards import refresh_cards
from bot.tickets.proposals import follow_resolutions


@asynccontextmanager
async def working(services: Services, key: str, actor_id: UUID | None = None) -> AsyncIterator[Work]:
    """What the block leaves in the unit of work is committed at its end, cards included; nothing if it raises.

    `key` names the effect (`wake:<ticket>:<until>`): done a second time, it sends nothing again. Raises StaleWrite when
    another writer was first: the caller looks again, or leaves it to the other.
    """
    async with services.storage.unit_of_work() as uow:
        work = Work(uow=uow, services=services, now=services.clock(), key=key, actor_id=actor_id)
        yield work
        await follow_resolutions(work)
        await refresh_cards(work)
        await refresh_problems(work)
        await uow.commit()
