"""`guichet people export` and `erase`, and `guichet technician`: one person's data, and who works the desk."""

import asyncio
import json
import stat
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.app import now, open_desk
from bot.errors import InvalidInput
from bot.model.conversations import Conversation, Message
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.model.people import Person, PersonIdentity, Technician
from bot.model.tickets import Attachment, Note, Ticket, TicketPlace
from bot.model.values import Language, TicketStatus, Urgency
from bot.ports.storage import Storage
from bot.settings import load_settings
from tests.cli.conftest import Run

EMAIL = "zoe@brumaire.example"
WORDS = "her very own words"
ADA = ("--platform", "console", "--account", "local", "--user", "ada", "--name", "Ada")


def at_home(work: Callable[[Storage], Coroutine[Any, Any, Any]]) -> Any:
    """Do something with the home's storage, between two commands."""

    async def run() -> Any:
        async with open_desk(load_settings()) as desk:
            return await work(desk.storage)

    return asyncio.run(run())


async def live(storage: Storage, status: TicketStatus = TicketStatus.CLOSED) -> Person:
    zoe = Person("Zoé Quandalle", EMAIL)
    place = Conversation(ConversationRef("console", "local", "zoe"), zoe.id)
    said = Message(place.id, "person", WORDS, now(), "1", zoe.id)
    async with storage.unit_of_work() as uow:
        ticket = Ticket(
            await uow.tickets.next_number(), WORDS, WORDS, "network", Urgency.LOW, zoe.id, place.id, "human", now(),
            Language.EN, status=status,
        )  # fmt: skip
        uow.people.add(zoe)
        uow.people.add(PersonIdentity(zoe.id, "console", "local", "zoe", "Zoé Quandalle", EMAIL))
        uow.conversations.add(place)
        uow.conversations.add(said)
        uow.tickets.add(ticket)
        uow.tickets.add(TicketPlace(ticket.id, place.id, "asker"))
        uow.tickets.add(Note(ticket.id, zoe.id, WORDS, now()))
        uow.tickets.add(Attachment(said.id, "zoe.png", "image/png", 3, "F1"))
        await uow.commit()
    return zoe


def test_everything_of_a_person_is_written_into_one_file_for_nobody_else(run: Run, home: Path, tmp_path: Path) -> None:
    zoe = at_home(live)
    file = tmp_path / "zoe.json"
    told = run("people", "export", EMAIL.upper(), "--out", str(file))
    assert "messages" in told.output and "readable by you alone" in told.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = json.loads(file.read_text())
    assert content["person"] == str(zoe.id)
    assert content["data"]["messages"][0]["text"] == WORDS
    assert content["data"]["files"][0]["name"] == "zoe.png"
    archive = tmp_path / "zoe.zip"
    run("people", "export", str(zoe.id), "--out", str(archive))
    with ZipFile(archive) as kinds:
        assert json.loads(kinds.read("tickets.json"))[0]["title"] == WORDS
    with pytest.raises(InvalidInput, match="is there already"):
        run("people", "export", EMAIL, "--out", str(file))
    with pytest.raises(InvalidInput, match=r"\.json or \.zip"):
        run("people", "export", EMAIL, "--out", str(tmp_path / "zoe.txt"))
    with pytest.raises(InvalidInput, match="nobody is known"):
        run("people", "export", "nobody@x.example", "--out", str(tmp_path / "x.json"))


def test_a_person_is_erased_only_when_that_is_said_and_then_all_of_them(run: Run, home: Path, tmp_path: Path) -> None:
    zoe = at_home(live)
    dry = run("people", "erase", EMAIL)
    assert "Nothing was changed" in dry.output and "messages" in dry.output

    async def still_there(storage: Storage) -> Person | None:
        return await storage.unit_of_work().people.person(zoe.id)

    assert at_home(still_there) is not None
    done = run("people", "erase", EMAIL, "--yes")
    assert done.output.splitlines()[:-1] == dry.output.splitlines()[:-1], "the same counts"
    assert done.output.endswith("Erased.\n")
    assert at_home(still_there) is None
    with pytest.raises(InvalidInput, match="nobody is known"):
        run("people", "erase", EMAIL, "--yes")

    async def tickets(storage: Storage) -> list[str]:
        return [ticket.title for ticket in await storage.unit_of_work().tickets.find(limit=100)]

    assert WORDS not in at_home(tickets) and "(erased)" in at_home(tickets)


def test_several_with_one_address_are_told_apart_by_their_ids(run: Run, home: Path) -> None:
    one, other = at_home(live), Person("Zoé too", EMAIL)

    async def meet(storage: Storage) -> None:
        async with storage.unit_of_work() as uow:
            uow.people.add(other)
            await uow.commit()

    at_home(meet)
    with pytest.raises(InvalidInput) as caught:
        run("people", "erase", EMAIL, "--yes")
    assert str(one.id) in str(caught.value) and str(other.id) in str(caught.value)
    assert "Erased." in run("people", "erase", str(one.id), "--yes").output


def test_what_is_being_worked_on_and_who_works_is_not_erased(run: Run, home: Path) -> None:
    at_home(lambda storage: live(storage, TicketStatus.WAITING))
    with pytest.raises(InvalidInput, match=r"resolve or close T\d+ before"):
        run("people", "erase", EMAIL, "--yes")
    run("technician", "add", "--email", EMAIL)
    with pytest.raises(InvalidInput, match="technician disable TECH-001"):
        run("people", "erase", EMAIL)


def test_what_is_in_hand_is_waited_for_and_then_refused(run: Run, home: Path) -> None:
    at_home(live)
    ref = ConversationRef("console", "local", "zoe")
    author = Identity("console", "local", "zoe")
    event = IncomingMessage(MessageKey("console", "local", "message", "77"), ref, author, "hello", now())
    at_home(lambda storage: storage.inbox.receive(event))
    with pytest.raises(InvalidInput, match="are being handled"):
        run("people", "erase", EMAIL)


def test_a_technician_is_added_by_address_and_takes_what_they_can(run: Run, home: Path) -> None:
    at_home(live)
    assert run("technician", "add", "--email", EMAIL, "--role", "lead").output == "TECH-001 is lead.\n"
    assert run("technician", "skills", "tech-001").output == "TECH-001 takes every category.\n"
    run("technician", "skills", "TECH-001", "network", "hardware/printers", "network")
    assert run("technician", "skills", "TECH-001").output == "TECH-001 takes network, hardware/printers.\n"
    assert run("technician", "list").output == "TECH-001  lead        Zoé Quandalle  network hardware/printers\n"
    assert run("technician", "skills", "TECH-001", "--none").output == "TECH-001 takes every category.\n"
    with pytest.raises(InvalidInput, match="there is no category cooking"):
        run("technician", "skills", "TECH-001", "cooking")
    with pytest.raises(InvalidInput, match="nobody is known"):
        run("technician", "add", "--email", "nobody@x.example")
    assert run("technician", "add").exit_code == 2
    assert run("technician", "add", "--email", EMAIL, "--user", "x").exit_code == 2


def test_a_disabled_technicians_tickets_return_to_the_desk(run: Run, home: Path) -> None:
    run("technician", "add", *ADA)

    async def hold(storage: Storage) -> Technician:
        await live(storage, TicketStatus.IN_PROGRESS)
        async with storage.unit_of_work() as uow:
            [technician] = await uow.people.technicians()
            uow.people.save(replace(technician, on_duty=True, duty_at=now(), skills=("network",)))
            [ticket] = await uow.tickets.find(limit=10)
            uow.tickets.save(replace(ticket, assignee_id=technician.id, claimed_at=now()))
            room = Conversation(ConversationRef("console", "local", "desk"))
            uow.conversations.add(room)
            uow.tickets.add(TicketPlace(ticket.id, room.id, "desk"))
            await uow.commit()
            return technician

    at_home(hold)
    told = run("technician", "disable", "tech-001").output
    assert told == "TECH-001 is disabled.\nWaiting for somebody else: T1\n"

    async def after(storage: Storage) -> tuple[Technician, Ticket, list[str], list[str]]:
        uow = storage.unit_of_work()
        [technician] = await uow.people.technicians()
        [ticket] = await uow.tickets.find(limit=10)
        events = [event.kind for event in await uow.tickets.events(ticket.id)]
        said = await storage.outbox.of_conversation(ConversationRef("console", "local", "desk"))
        return technician, ticket, events, [one.document.text for one in said]

    technician, ticket, events, said = at_home(after)
    assert (technician.disabled, technician.on_duty) == (True, False)
    assert (ticket.status, ticket.assignee_id) == (TicketStatus.OPEN, None)
    assert events == ["released"]
    assert said == ["Ada works the desk no more; T1 waits for somebody else."]
    assert run("technician", "disable", "TECH-001").output == "TECH-001 is disabled.\n", "twice says no more"
    assert run("technician", "enable", "TECH-001").output == "TECH-001 is technician.\n"
    assert run("technician", "list").output == "TECH-001  technician  Ada  network\n"
