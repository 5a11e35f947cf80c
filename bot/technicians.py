"""Appointing technicians."""

from dataclasses import replace

from bot.engine.identify import identify
from bot.model.messages import Identity
from bot.model.people import Technician
from bot.model.values import Role
from bot.ports.storage import UnitOfWork


async def appoint(uow: UnitOfWork, identity: Identity, role: Role = Role.TECHNICIAN) -> Technician:
    """Make the person behind an identity a technician with that role, enabled; the caller commits."""
    known, _ = await identify(uow, identity)
    if known.technician is None:
        taken = [technician.number for technician in await uow.people.technicians()]
        technician = Technician(known.person.id, max(taken, default=0) + 1, role)
        uow.people.add(technician)
        return technician
    technician = replace(known.technician, role=role, disabled=False)
    if technician != known.technician:
        uow.people.save(technician)
    return technician
