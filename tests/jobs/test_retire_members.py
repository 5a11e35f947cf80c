"""Who was a technician as a member of the desk's room is none once they have left it, though they say nothing."""

from dataclasses import dataclass, field, replace

from bot.engine.services import Policy
from bot.model.messages import Identity
from bot.model.people import Technician
from bot.model.values import TicketStatus
from bot.ports.adapters import Inbox
from jobs.retire_members import any_members, retire_members
from tests.engine.desk import TestDesk, Wire

BOB = Identity("test", "T", "bob", name="Bob", at_desk=True)


@dataclass
class Room(Wire):
    """A platform that tells who is in the desk's room: `inside` by user id; of others it cannot tell."""

    inside: dict[str, bool] = field(default_factory=dict)
    posted: list = field(default_factory=list)  # type: ignore[type-arg]

    async def run(self, inbox: Inbox) -> None:
        return None

    async def is_at_desk(self, person: Identity) -> bool | None:
        return self.inside.get(person.native_id)


async def desk_with(desk: TestDesk, *people: Identity) -> TestDesk:
    services = replace(desk.services, policy=Policy(desk_members=True))
    desk = TestDesk(desk.storage, services, desk.wire, desk.clock)
    for one in people:
        await desk.receive(replace(desk.message("hello", room=f"dm-{one.native_id}"), author=one))
        await desk.settle()
    return desk


async def technicians(desk: TestDesk) -> list[Technician]:
    async with desk.storage.unit_of_work() as uow:
        return await uow.people.technicians()


async def test_who_has_left_gives_back_what_they_held(desk: TestDesk) -> None:
    desk = await desk_with(desk, BOB)
    await desk.says("I want to talk to a human: my screen is dead", room="dm-eve", who="eve")
    await desk.receive(replace(desk.message("/ticket claim T1", room="dm-bob"), author=BOB))
    await desk.settle()
    assert await any_members(desk.services)
    assert await retire_members(desk.services, [Room(inside={"bob": True})]) == 0
    assert await retire_members(desk.services, [Room(inside={"bob": False})]) == 1
    [bob] = await technicians(desk)
    assert bob.disabled and bob.as_member
    [ticket] = await desk.tickets()
    assert ticket.status is TicketStatus.OPEN and ticket.assignee_id is None
    assert not await any_members(desk.services)
    assert await retire_members(desk.services, [Room(inside={"bob": False})]) == 0


async def test_what_nobody_can_tell_changes_nothing(desk: TestDesk) -> None:
    desk = await desk_with(desk, BOB)
    assert await retire_members(desk.services, [Room()]) == 0
    assert await retire_members(desk.services, [Wire()]) == 0
    assert await retire_members(desk.services, []) == 0
    assert not (await technicians(desk))[0].disabled


async def test_who_was_appointed_stays(desk: TestDesk) -> None:
    await desk.appoint("grace")
    assert not await any_members(desk.services)
    assert await retire_members(desk.services, [Room(inside={"grace": False})]) == 0
    assert not (await technicians(desk))[0].disabled
