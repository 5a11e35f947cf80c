"""Who a signed-in address is to the desk."""

from collections.abc import Awaitable, Callable

from adapters.web.places import ACCOUNT, PLATFORM
from adapters.web.sessions import Role
from bot.engine.reruns import rerun_when_stale
from bot.model.messages import Identity
from bot.model.people import Account, PersonIdentity
from bot.ports.storage import UnitOfWork, UnitOfWorkFactory

RoleOf = Callable[[str], Awaitable[Role]]  # of an address that has proved to be the visitor's


def role_lookup(unit_of_work: UnitOfWorkFactory) -> RoleOf:
    """Technician or employee, from the desk's people. Whoever is known by that address from elsewhere is the same
    person here, with their devices, tickets and rights."""

    async def role_of(email: str) -> Role:
        async def arrive() -> Role:
            async with unit_of_work() as uow:
                return await _arrive(uow, email)

        return await rerun_when_stale(arrive, "a person who signs in")

    return role_of


async def _arrive(uow: UnitOfWork, email: str) -> Role:
    known = await uow.people.known(Identity(PLATFORM, ACCOUNT, email, email=email))
    if known is not None:
        return "technician" if known.at_work else "employee"
    persons = await uow.people.by_email([email])
    if not persons:
        return "employee"
    working = {technician.person_id for technician in await uow.people.technicians() if not technician.disabled}
    person = next((person for person in persons if person.id in working), persons[0])
    if await uow.people.account(PLATFORM, ACCOUNT) is None:
        uow.people.add(Account(PLATFORM, ACCOUNT))
    uow.people.add(PersonIdentity(person.id, PLATFORM, ACCOUNT, email, person.name, email))
    await uow.commit()
    return "technician" if person.id in working else "employee"
