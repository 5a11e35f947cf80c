"""Who becomes a technician as the desk meets them, by the settings, and who is one no longer."""

import logging
from enum import Enum
from uuid import UUID

from bot.engine.identify import identify
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Policy, Services
from bot.engine.working import working
from bot.model.messages import Identity, Incoming, IncomingDeletion
from bot.model.people import Technician
from bot.technicians import appoint_person, disable, take_in

log = logging.getLogger(__name__)


class Step(Enum):
    APPOINT = "appoint"  # by their address
    TAKE_IN = "take in"  # as a member of the desk's room
    TAKE_AWAY = "take away"  # from who was one as a member, and has left


async def appoint_by_settings(services: Services, event: Incoming, id: UUID) -> None:
    """See to it that the author has the rights which the settings give, before what they say is handled.

    In a transaction of its own, and only where something is to change. Raises StorageUnavailable. `id` is the event's.
    """
    policy = services.policy
    if isinstance(event, IncomingDeletion) or not (policy.technicians or policy.desk_members):
        return
    author = event.author
    async with services.storage.unit_of_work() as uow:
        found = await uow.people.known(author)
    if step_for(policy, author, found.technician if found else None) is None:
        return

    async def once() -> None:
        async with working(services, f"appoint:{id}") as work:
            known, _ = await identify(work.uow, author)
            match step_for(policy, author, known.technician):
                case Step.APPOINT:
                    role = dict(policy.technicians)[str(author.email).lower()]
                    technician = await appoint_person(work.uow, known.person, role, known.technician)
                    log.info("%s is %s, by GUICHET_TECHNICIANS", technician.badge, technician.role)
                case Step.TAKE_IN:
                    technician = await take_in(work.uow, known.person, known.technician)
                    log.info("%s is a technician, as a member of the desk's room", technician.badge)
                case Step.TAKE_AWAY if known.technician:
                    await disable(work, known.technician, has_left=True)
                    log.info("%s has left the desk's room and is a technician no longer", known.technician.badge)

    await rerun_when_stale(once, "a technician by the settings")


def step_for(policy: Policy, identity: Identity, technician: Technician | None) -> Step | None:
    """What is to change about somebody as they are met. What was decided about a technician by hand is left alone, and
    a guest becomes none."""
    if technician is not None and not technician.as_member:
        return None
    if not identity.guest and (identity.email or "").lower() in dict(policy.technicians):
        return Step.APPOINT
    works = technician is not None and not technician.disabled
    has_left = identity.at_desk is False or (identity.guest and bool(identity.name))  # unnamed: nobody could be asked
    if identity.guest or not policy.desk_members or has_left:
        return Step.TAKE_AWAY if works and has_left else None
    return Step.TAKE_IN if identity.at_desk and not works else None
