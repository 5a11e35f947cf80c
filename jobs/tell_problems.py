"""Tell who is to know that a problem was announced, what is new of it, and that it is over."""

from bot.engine.services import Services
from bot.problems.telling import tell_problem


async def anybody_to_tell(services: Services) -> bool:
    async with services.storage.unit_of_work() as uow:
        return bool(await uow.problems.to_tell(services.clock()))


async def tell_problems(services: Services) -> int:
    """Everything that is due; returns how many people were told. A run that is broken off is taken up by the next."""
    async with services.storage.unit_of_work() as uow:
        due = await uow.problems.to_tell(services.clock())
    told = 0
    for problem in due:
        told += await tell_problem(services, problem)
    return told
