"""Who signs in to the page by e-mail is whom the desk knows by that address already."""

from dataclasses import replace

from adapters.web.places import Role, Visitor
from bot.model.messages import IncomingMessage, MessageKey
from bot.model.people import Person
from bot.model.values import Language
from tests.engine.desk import START, TestDesk
from tests.engine.test_identity import ADA, Office, imported


async def test_a_visitor_who_signed_in_by_mail_is_the_person_with_that_address(desk: TestDesk) -> None:
    office = Office(desk)
    person = Person("Ada Lovelace", ADA)
    await imported(office, person)
    await office.says("ada", "I want to talk to a human", email=ADA)
    visitor = Visitor("k" * 24, Role.EMPLOYEE, "", Language.EN, ADA.upper())
    event = IncomingMessage(
        MessageKey("web", "web", "message", "1"), visitor.chat, visitor.identity, "where is my ticket?", START, True
    )
    await desk.receive(event)
    await desk.dispatcher.drain()
    uow = desk.storage.unit_of_work()
    known = await uow.people.known(visitor.identity)
    assert known is not None and known.person.id == person.id
    place = await uow.conversations.by_ref(visitor.chat)
    assert place is not None
    said = await uow.conversations.messages(place.id)
    assert "T1" in said[-1].text


async def test_one_who_did_not_sign_in_is_nobody_else(desk: TestDesk) -> None:
    office = Office(desk)
    await imported(office, Person("Ada Lovelace", ADA))
    visitor = Visitor("k" * 24, Role.EMPLOYEE, "Camille", Language.EN)
    event = IncomingMessage(MessageKey("web", "web", "message", "1"), visitor.chat, visitor.identity, "hello", START)
    await desk.receive(replace(event, private=True))
    await desk.dispatcher.drain()
    known = await desk.storage.unit_of_work().people.known(visitor.identity)
    assert known is not None and known.person.name == "Camille"
