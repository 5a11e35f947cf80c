"""`guichet ticket files`, and a person's files in what is given to them and forgotten."""

import asyncio
import stat
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.app import Desk, now, open_desk
from bot.errors import FileMissing, InvalidInput
from bot.model.conversations import Conversation, Message
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Attachment, Note, Ticket
from bot.model.values import Language, TicketStatus, Urgency
from bot.settings import load_settings
from tests.attachments.samples import PNG, pieces
from tests.cli.conftest import Run

EMAIL = "zoe@brumaire.example"


def at_home(work: Callable[[Desk], Coroutine[Any, Any, Any]]) -> Any:
    """Do something with the home's desk, between two commands."""

    async def run() -> Any:
        async with open_desk(load_settings()) as desk:
            return await work(desk)

    return asyncio.run(run())


async def live(desk: Desk) -> str:
    """A closed ticket with a screenshot, one that was refused, and a manual that came back; the screenshot's key."""
    zoe = Person("Zoé", EMAIL)
    place, inside = (
        Conversation(ConversationRef("web", "web", "chat", "zoe"), zoe.id),
        Conversation(ConversationRef("web", "web", "desk", "grace")),
    )
    said = Message(place.id, "person", "look", now(), "1", zoe.id)
    replied, noted = Message(inside.id, "technician", "see", now(), "2"), Message(inside.id, "technician", "n", now())
    copy = Message(place.id, "technician", "see", now(), "3", relay_of=replied.id)
    screen, manual, internal = [(await desk.files.receive(name, pieces(PNG))).native_id for name in ("a.png",) * 3]
    async with desk.storage.unit_of_work() as uow:
        ticket = Ticket(
            await uow.tickets.next_number(), "t", "t", "network", Urgency.LOW, zoe.id, place.id, "human", now(),
            Language.EN, status=TicketStatus.CLOSED,
        )  # fmt: skip
        uow.people.add(zoe)
        for one in (place, inside, said, replied, noted, copy):
            uow.conversations.add(one)
        uow.tickets.add(ticket)
        uow.tickets.add(Note(ticket.id, zoe.id, "n", now(), noted.id))
        uow.attachments.add(Attachment(said.id, "screen é.png", "image/png", len(PNG), stored_as=screen))
        uow.attachments.add(Attachment(said.id, "big.iso", "", 0, problem="wrong_type"))
        uow.attachments.add(Attachment(replied.id, "manual.png", "image/png", len(PNG), stored_as=manual))
        uow.attachments.add(Attachment(noted.id, "internal.png", "image/png", len(PNG), stored_as=internal))
        await uow.commit()
    return screen


def test_a_tickets_files_are_listed_and_saved(
    run: Run, json_of: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    at_home(live)
    listed = json_of("ticket", "files", "T1", "--json")
    assert [(one["name"], one["stored"], one["problem"]) for one in listed] == [
        ("screen é.png", True, None),
        ("big.iso", False, "wrong_type"),
        ("manual.png", True, None),
        ("internal.png", True, None),
    ]
    folder = tmp_path / "saved"
    told = run("ticket", "files", "T1", "--to", str(folder)).output
    assert "big.iso" in told and "wrong_type" in told
    assert sorted(one.name for one in folder.iterdir()) == [
        "01 screen é.png",
        "03 manual.png",
        "04 internal.png",
    ]
    for one in folder.iterdir():
        assert one.read_bytes() == PNG
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    with pytest.raises(InvalidInput, match="is there already"):
        run("ticket", "files", "T1", "--to", str(folder))
    with pytest.raises(InvalidInput, match="no ticket T7"):
        run("ticket", "files", "T7")


def test_a_person_is_given_their_files_and_these_are_forgotten_with_them(run: Run, home: Path, tmp_path: Path) -> None:
    key = at_home(live)
    archive = tmp_path / "zoe.zip"
    run("people", "export", EMAIL, "--out", str(archive))
    with ZipFile(archive) as kinds:
        (file,) = [name for name in kinds.namelist() if name.endswith("/screen é.png")]
        assert kinds.read(file) == PNG
    run("people", "erase", EMAIL, "--yes")

    async def is_there(desk: Desk) -> bool:
        try:
            return bool(await anext(desk.files.store.open(key)))
        except FileMissing:
            return False

    assert not at_home(is_there)
    assert run("ticket", "files", "T1").exit_code == 0
