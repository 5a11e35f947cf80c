"""Companies, people, devices and technicians: found by what others call them, and removed."""

from dataclasses import replace
from uuid import UUID

import pytest

from bot.errors import StaleWrite
from bot.model.people import Company, Device, DirectoryEntry, Person, Technician
from bot.model.tickets import Note
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, Everything

FIRST, LAST = UUID(int=0xF0 << 120), UUID(int=0xF1 << 120)


def inside(number: int) -> UUID:
    return UUID(int=FIRST.int + number)


async def add(storage: Storage, *records: DirectoryEntry) -> None:
    async with storage.unit_of_work() as work:
        for record in records:
            work.people.add(record)
        await work.commit()


async def remove(storage: Storage, *records: DirectoryEntry) -> None:
    async with storage.unit_of_work() as work:
        for record in records:
            work.people.remove(record)
        await work.commit()


async def test_people_are_found_by_address_case_aside_the_first_met_first(storage: Storage) -> None:
    first, second = Person("Bo", "Bo@Acme.example"), Person("Bo too", "bo@acme.example")
    await add(storage, second, first, Person("Cy", "cy@acme.example"), Person("Di"))
    people = storage.unit_of_work().people
    assert await people.by_email(["BO@acme.example", "nobody@acme.example"]) == [first, second]
    assert await people.by_email([]) == []
    assert len(await people.by_email([f"{n}@x.example" for n in range(2500)] + ["cy@acme.example"])) == 1


async def test_companies_and_devices_are_found_by_domain_and_serial_number(storage: Storage) -> None:
    acme, none = Company("Acme", "acme.example"), Company("Nowhere")
    device, other = Device(None, "LX-420", "SN1"), Device(None, "LX-420", "SN2")
    await add(storage, acme, none, device, other)
    people = storage.unit_of_work().people
    assert await people.companies(["acme.example", "other.example"]) == {"acme.example": acme}
    assert await people.by_serial(["SN1", "SN3"]) == [device]


async def test_what_has_an_id_in_a_range_is_found_both_ends_included(storage: Storage, everything: Everything) -> None:
    company = Company("First", "first.example", id=FIRST)
    person = Person("Last", company_id=company.id, id=LAST)
    device, technician = Device(person.id, "X1", id=inside(1)), Technician(person.id, 7, id=inside(2))
    after = Person("After", id=UUID(int=LAST.int + 1))
    await add(storage, company, person, device, technician, after)
    found = await storage.unit_of_work().people.between(FIRST, LAST)
    assert found == [company, person, device, technician]


async def test_it_is_told_which_tables_point_to_a_record(storage: Storage, everything: Everything) -> None:
    e, people = everything, storage.unit_of_work().people
    ids = [e.company.id, e.person.id, e.technician.id, e.device.id, e.ticket.id]
    found = await people.references(ids)
    assert set(found) == {e.company.id, e.person.id, e.technician.id, e.device.id}
    assert set(found[e.device.id]) == {"tickets"}
    assert set(found[e.company.id]) == {"people", "devices"}
    assert set(found[e.technician.id]) >= {"tickets"}
    assert set(found[e.person.id]) >= {
        "identities", "devices", "technicians", "conversations", "messages", "tickets", "ticket_events", "surveys",
        "notes", "interventions",
    }  # fmt: skip
    assert await people.references([e.company.id], [e.person.id, e.device.id]) == {}
    assert await people.references([e.company.id], [e.person.id]) == {e.company.id: ("devices",)}
    assert await people.references([]) == {}


async def test_an_author_without_a_foreign_key_is_a_reference(storage: Storage, everything: Everything) -> None:
    author = Person("Author")
    await add(storage, author)
    async with storage.unit_of_work() as work:
        work.tickets.add(Note(everything.ticket.id, author.id, "internal", AT))
        await work.commit()
    assert await storage.unit_of_work().people.references([author.id]) == {author.id: ("notes",)}


async def test_what_points_to_something_is_removed_before_it(storage: Storage) -> None:
    company = Company("Acme", "acme.example")
    person = Person("Bo", company_id=company.id)
    device, technician = Device(person.id, "LX-420", company_id=company.id), Technician(person.id, 3)
    await add(storage, company, person, device, technician)
    await remove(storage, company, person, device, technician)
    people = storage.unit_of_work().people
    assert await people.person(person.id) is None and await people.company("acme.example") is None
    assert await people.technicians() == [] and await people.devices(person.id) == []


async def test_what_is_pointed_to_is_not_removed_nor_anything_with_it(storage: Storage, everything: Everything) -> None:
    free = Person("Free")
    await add(storage, free)
    with pytest.raises(StaleWrite):
        await remove(storage, free, everything.person)
    people = storage.unit_of_work().people
    assert await people.person(free.id) == free and await people.person(everything.person.id) == everything.person


async def test_what_changed_since_it_was_read_is_not_removed(storage: Storage) -> None:
    person = Person("Bo")
    await add(storage, person)
    async with storage.unit_of_work() as work:
        work.people.save(replace(person, name="Bob"))
        await work.commit()
    with pytest.raises(StaleWrite):
        await remove(storage, person)
    now = await storage.unit_of_work().people.person(person.id)
    assert now is not None and now.name == "Bob"
    await remove(storage, now)
    with pytest.raises(StaleWrite):
        await remove(storage, now)
