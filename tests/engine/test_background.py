"""What the technician reads about who asks: company, devices, licence, level; and trouble that comes again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.devices import DeviceCatalogue
from bot.engine.work import Work
from bot.model.messages import Entities, Identity
from bot.model.people import Company, Device, Person, PersonIdentity
from bot.model.tickets import Intervention, Ticket
from bot.model.values import Language
from bot.tickets.devices import device_meant, kinds_said
from tests.engine.desk import TestDesk, make_desk

ACME = Company("Acme & Sons", "acme.example")
ADA = Person("Ada", "ada@acme.example", ACME.id, licence="E3", level="beginner")
BOB = Person("Bob", "bob@acme.example", ACME.id)
LAPTOP = Device(ADA.id, "ThinkPad T14 Gen 3", "ACM-LT-0411", "Ada's laptop", ACME.id)
PRINTER = Device(ADA.id, "LX-420", "ACM-PR-0007", "", ACME.id)
BOBS = Device(BOB.id, "ThinkPad X1 Carbon", "ACM-LT-0500", "Bob's laptop", ACME.id)


@pytest.fixture
async def office(desk: TestDesk) -> TestDesk:
    desk = make_desk(desk.storage, desk.services.retriever)
    desk.services = replace(desk.services, devices=DeviceCatalogue.load())
    desk.__post_init__()
    async with desk.storage.unit_of_work() as uow:
        for record in (ACME, ADA, BOB, LAPTOP, PRINTER, BOBS):
            uow.people.add(record)
        for person in (ADA, BOB):
            uow.people.add(PersonIdentity(person.id, "test", "T", person.name.lower(), person.name, person.email))
        await uow.commit()
    await desk.appoint("grace")
    return desk


async def meant(desk: TestDesk, text: str, person: Person = ADA, **entities: tuple[str, ...]) -> Device | None:
    async with desk.storage.unit_of_work() as uow:
        work = Work(uow=uow, services=desk.services, now=desk.clock(), key="t")
        return await device_meant(work, person, text, Entities(**entities))


async def opened(desk: TestDesk, text: str, **options: Any) -> Ticket:
    await desk.says("new question", **options)
    await desk.says(text, **options)
    return (await desk.tickets())[-1]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("my laptop is slow", {"laptop"}),
        ("Mon ordinateur portable est lent", {"laptop"}),
        ("mon nouvel ordinateur", {"computer"}),
        ("notre imprimante n’imprime plus", {"printer"}),
        ("MY NEW WORK LAPTOP", {"laptop"}),
        ("the laptop of my boss", set()),
        ("a laptop", set()),
        ("my colleague", set()),
        ("", set()),
    ],
)
def test_what_somebody_calls_their_own(text: str, kinds: set[str]) -> None:
    assert kinds_said(text) == kinds


async def test_which_device_is_meant(office: TestDesk) -> None:
    assert await meant(office, "my laptop is slow") == LAPTOP
    assert await meant(office, "mon ordinateur est lent") == LAPTOP
    assert await meant(office, "my tablet is slow") is None
    assert await meant(office, "my laptop and my printer") is None
    assert await meant(office, "it jams", devices=("LX-420",)) == PRINTER
    assert await meant(office, "it jams", devices=("lx420",)) == PRINTER
    assert await meant(office, "my printer jams", devices=("M404dn",)) is None, "not one of theirs"
    assert await meant(office, "broken", serials=("acm-lt-0500",)) == BOBS
    assert await meant(office, "my laptop", BOB, serials=("NONE-1",)) == BOBS
    assert await meant(office, "my laptop", Person("Cy")) is None


async def test_with_two_of_a_kind_none_is_meant(office: TestDesk) -> None:
    async with office.storage.unit_of_work() as uow:
        uow.people.add(Device(ADA.id, "MacBook Pro 14", "ACM-MB-1"))
        await uow.commit()
    assert await meant(office, "my laptop is slow") is None
    assert await meant(office, "my laptop is slow", devices=("MacBook Pro 14",)) is not None


async def test_the_card_says_who_asks_and_about_which_device(office: TestDesk) -> None:
    ticket = await opened(office, "I want to talk to a human about my printer")
    assert ticket.device_id == PRINTER.id
    card = office.posts("desk")[-1]
    for known in ("Acme & Sons", "E3", "beginner", "LX-420 · ACM-PR-0007", "Ada's laptop"):
        assert known in card
    shown = await office.says("/ticket show T1", "desk", who="grace")
    assert "Acme & Sons" in shown and "LX-420 · ACM-PR-0007" in shown
    french = await office.says("/ticket voir T1", "desk", who="grace", language=Language.FR)
    assert "débutant" in french and "Appareil" in french


async def test_the_asker_reads_nothing_of_it(office: TestDesk) -> None:
    answer = await office.says("I want to talk to a human about serial number ACM-LT-0500")
    shown = await office.says("/ticket show T1")
    for theirs in (answer, shown, *office.posts("dm")):
        assert "E3" not in theirs and "Bob" not in theirs and "beginner" not in theirs
    assert "(of Bob)" in office.posts("desk")[-1]


async def test_a_device_that_is_named_later_is_noted_too(office: TestDesk) -> None:
    await office.says("I want to talk to a human")
    assert (await office.tickets())[0].device_id is None
    await office.says("T1 it is about my laptop")
    assert (await office.tickets())[0].device_id == LAPTOP.id


async def test_the_third_ticket_of_a_device_in_a_category_is_flagged_and_linked_once(office: TestDesk) -> None:
    first = await opened(office, "I want to talk to a human, my printer jams")
    await office.says("/ticket close T1", "desk", who="grace")
    office.clock.forward(days=10)
    second = await opened(office, "I want to talk to a human, my printer jams again")
    await office.says("/ticket close T2", "desk", who="grace")
    assert "Comes again" not in "\n".join(office.posts("desk"))
    office.clock.forward(days=10)
    # Bob has never had trouble; the device has.
    third = await opened(
        office, "I want to talk to a human, printer serial number ACM-PR-0007 jams", who="bob", room="b"
    )
    assert third.device_id == PRINTER.id and third.category.startswith("hardware")
    [card] = [post for post in office.posts("desk") if "Comes again" in post]
    assert "3 tickets" in card and "this device in 30 days: T1, T2 and this one" in card
    await office.says("T3 it still jams", "b", who="bob")
    links = await office.storage.unit_of_work().tickets.links(third.id)
    assert [(link.kind, link.ticket_id, link.other_id) for link in links] == [
        ("recurring", third.id, first.id),
        ("recurring", third.id, second.id),
    ]
    shown = await office.says("/ticket show T3", "desk", who="grace")
    assert "the same trouble before" in shown and "this device in 30 days: T1, T2" in shown


async def test_what_is_older_or_of_another_category_or_no_request_does_not_count(office: TestDesk) -> None:
    await opened(office, "I want to talk to a human, my printer jams")
    await office.says("/ticket close T1", "desk", who="grace")
    office.clock.forward(days=31)
    for text, close in (
        ("I want to talk to a human, my printer jams", "/ticket close T2"),
        ("I want to talk to a human, the VPN does not connect", "/ticket close T3"),
        ("I want to talk to a human, the printer prints garbage", "/ticket not-a-request T4"),
        ("I want to talk to a human, my printer jams", "/ticket close T5"),
    ):
        await opened(office, text)
        await office.says(close, "desk", who="grace")
    assert "Comes again" not in "\n".join(office.posts("desk"))


async def test_trouble_that_was_written_up_lately_counts_whenever_it_began(office: TestDesk) -> None:
    for number in (1, 2):
        ticket = await opened(office, "I want to talk to a human, my printer jams")
        await office.says(f"/ticket close T{number}", "desk", who="grace")
        async with office.storage.unit_of_work() as uow:
            at = office.clock() + timedelta(days=20)
            uow.tickets.add(
                Intervention(f"INT-2026-11-HAR-00{number}", ticket.id, "hardware", "roller", ("clean",), ADA.id, at)
            )
            await uow.commit()
    office.clock.forward(days=40)
    await opened(office, "I want to talk to a human, my printer jams")
    assert "T1, T2 and this one" in office.posts("desk")[-1]


async def test_trouble_whose_category_is_known_later_is_told_to_the_desk(office: TestDesk) -> None:
    for number in (1, 2):
        await opened(office, "I want to talk to a human, the VPN does not connect")
        await office.says(f"/ticket close T{number}", "desk", who="grace")
    await opened(office, "I want to talk to a human")
    await office.says("the VPN does not connect")
    assert any("Comes" not in post and "of this person in 30 days: T1, T2" in post for post in office.posts("desk"))


async def test_a_company_and_a_device_with_markup_for_names_stay_names(office: TestDesk) -> None:
    async with office.storage.unit_of_work() as uow:
        uow.people.save(replace(ACME, name="**Acme** <!channel>"))
        uow.people.save(replace(PRINTER, name="[click](http://evil.example)"))
        await uow.commit()
    await opened(office, "I want to talk to a human about my printer")
    document = [one.document for one in office.wire.posted if one.conversation.room == "desk"][-1]
    shown = repr(document)
    assert "\\\\*\\\\*Acme" in shown and "\\\\<!channel" in shown and "\\\\[click" in shown


async def test_a_stranger_is_shown_without_anything_and_a_strangers_company_by_their_address(office: TestDesk) -> None:
    await office.says("I want to talk to a human", "z", who="zed")
    assert "About the asker" not in office.posts("desk")[-1]
    message = office.message("I want to talk to a human", "y")
    author = Identity("test", "T", "yve", "Yve", email="yve@acme.example")
    await office.receive(replace(message, author=author))
    await office.settle()
    assert "Acme & Sons" in office.posts("desk")[-1]
