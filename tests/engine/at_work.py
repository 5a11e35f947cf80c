"""What tests of technicians at work ask and look at."""

from bot.model.people import Technician
from bot.model.tickets import Ticket
from tests.engine.desk import TestDesk


async def do(desk: TestDesk, command: str, who: str = "tess") -> str:
    """What a technician is answered, in a room of their own with the desk."""
    return await desk.says(command, f"desk-{who}", who=who)


async def ticket(desk: TestDesk, number: int = 1) -> Ticket:
    found = await desk.storage.unit_of_work().tickets.by_number(number)
    assert found
    return found


async def technician(desk: TestDesk, who: str) -> Technician:
    people = desk.storage.unit_of_work().people
    for one in await people.technicians():
        person = await people.person(one.person_id)
        if person and person.name == who.title():
            return one
    raise AssertionError(who)
