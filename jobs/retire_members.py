"""Take the desk's rights from technicians who were some only as members of its room, and have left it."""

from collections.abc import Iterable, Mapping

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.messages import Identity
from bot.model.people import PersonIdentity, Technician
from bot.ports.adapters import ChatAdapter, KnowsDeskMembers
from bot.technicians import disable
from jobs.each import each


async def any_members(services: Services) -> bool:
    return bool(await _members(services))


async def retire_members(services: Services, adapters: Iterable[ChatAdapter]) -> int:
    """Ask the platforms about each of them; return how many have left. What nobody can tell now changes nothing.

    Raises PlatformUnavailable, StorageUnavailable.
    """
    asked = {one.platform: one for one in adapters if isinstance(one, KnowsDeskMembers)}
    gone = [one for one in await _members(services) if await _has_left(services, asked, one)]
    return await each(gone, lambda technician: _retire(services, technician))


async def _members(services: Services) -> list[Technician]:
    async with services.storage.unit_of_work() as uow:
        return [one for one in await uow.people.technicians() if one.as_member and not one.disabled]


async def _has_left(services: Services, asked: Mapping[str, KnowsDeskMembers], technician: Technician) -> bool:
    """Whether none of their accounts is in the desk's room, for sure."""
    async with services.storage.unit_of_work() as uow:
        identities = await uow.people.identities(technician.person_id)
    told = [await asked[one.platform].is_at_desk(_as_met(one)) for one in identities if one.platform in asked]
    return False in told and not (True in told or None in told)


def _as_met(one: PersonIdentity) -> Identity:
    return Identity(one.platform, one.account, one.native_id, one.name, one.email, guest=one.guest)


async def _retire(services: Services, seen: Technician) -> bool:
    async with working(services, f"retire:{seen.id}:{seen.version}") as work:
        technician = await work.uow.people.technician(seen.id)
        if technician is None or technician.disabled or not technician.as_member:
            return False
        await disable(work, technician, has_left=True)
    return True
