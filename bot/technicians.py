"""Appointing technicians, and taking them out of service."""

from dataclasses import replace

from bot.engine.identify import identify
from bot.engine.work import Work
from bot.model.messages import Identity
from bot.model.people import Person, Technician
from bot.model.tickets import Ticket
from bot.model.values import ACTIVE, Role
from bot.ports.storage import TicketFilter, UnitOfWork
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk


async def appoint(uow: UnitOfWork, identity: Identity, role: Role = Role.TECHNICIAN) -> Technician:
    """Make the person behind an identity a technician with that role, enabled; the caller commits."""
    known, _ = await identify(uow, identity)
    return await appoint_person(uow, known.person, role, known.technician)


async def appoint_once(uow: UnitOfWork, identity: Identity, role: Role) -> None:
    """The same for who plays a technician: one who is a technician already keeps their role, and stays disabled who
    has been."""
    known = await uow.people.known(identity)
    if known is None or known.technician is None:
        await appoint(uow, identity, role)


async def appoint_person(
    uow: UnitOfWork, person: Person, role: Role, technician: Technician | None = None
) -> Technician:
    technician = technician or await uow.people.technician_of(person.id)
    if technician is None:
        return await _new(uow, person, role)
    changed = replace(technician, role=role, disabled=False, as_member=False)
    if changed != technician:
        uow.people.save(changed)
    return changed


async def take_in(uow: UnitOfWork, person: Person, technician: Technician | None) -> Technician:
    """Make a technician of a member of the desk's room, for as long as they are one; the caller commits.

    `technician`: what they were before, as a member.
    """
    if technician is None:
        return await _new(uow, person, Role.TECHNICIAN, as_member=True)
    back = replace(technician, disabled=False)
    if back != technician:
        uow.people.save(back)
    return back


async def _new(uow: UnitOfWork, person: Person, role: Role, *, as_member: bool = False) -> Technician:
    taken = [one.number for one in await uow.people.technicians()]
    technician = Technician(person.id, max(taken, default=0) + 1, role, as_member=as_member)
    uow.people.add(technician)
    return technician


async def disable(work: Work, technician: Technician, *, has_left: bool = False) -> list[Ticket]:
    """Take every right away: they are off duty, and what they held waits for somebody else, as the desk reads.

    Who `has_left` the desk's room gets them back by returning; who was disabled by somebody does not.
    Returns the tickets that were given back; of one who is disabled already, what they still held.
    """
    person = await work.uow.people.person(technician.person_id)
    gone = replace(
        technician,
        disabled=True,
        on_duty=False,
        duty_at=work.now if technician.on_duty else technician.duty_at,
        as_member=technician.as_member and has_left,
    )
    if gone != technician:
        work.people[technician.id] = gone
        work.uow.people.save(gone)
    held = await work.uow.tickets.find(TicketFilter(statuses=ACTIVE, assignee_id=technician.id), "turn", limit=10_000)
    given_back = [work.save(lifecycle.released(ticket, work.actor_id, work.now)) for ticket in held]
    for ticket in given_back:
        await tell_desk(work, ticket, "desk.technician_disabled", name=person.name if person else technician.badge)
    return given_back
