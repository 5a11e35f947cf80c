"""An employee sees their own tickets, without notes, whatever they type or press; nothing of anybody else's."""

import pytest

from bot.commands.catalogue import COMMANDS
from bot.commands.table import Command
from bot.engine.turn import Turn
from tests.engine.desk import TestDesk

TITLE, NOTE, REPLY = "zanzibar chair", "quagga", "xylophone"


@pytest.fixture
async def opened(desk: TestDesk) -> TestDesk:
    """Ada's ticket T1, with a note and a reply; Bob's T2, with a note too."""
    await desk.appoint("tess")
    await desk.says(f"/ticket new my {TITLE} is broken")
    await desk.says(f"/ticket note T1 {NOTE}", "desk-tess", who="tess")
    await desk.says(f"/ticket reply T1 {REPLY}", "desk-tess", who="tess")
    await desk.says("/ticket new the lamp flickers", "bobs", who="bob")
    await desk.says(f"/ticket note T2 {NOTE}", "desk-tess", who="tess")
    return desk


WORDS = ("T1", "#1", "1", "", "zanzibar", "status:all", "@tess", "page:1", "T1 --trace")
FOR_ALL = [one for one in COMMANDS if one.right == "anyone"]


async def says_nothing(desk: TestDesk, command: Command[Turn], word: str) -> None:
    """Typed in both ways and pressed by Bob, whose ticket T1 is not."""
    for typed in (f"/{command.group} {command.name} {word}", f"!{command.name} {word}"):
        said = await desk.says(typed, "bobs", who="bob")
        assert not [secret for secret in (TITLE, NOTE, REPLY) if secret in said], typed
    said = await desk.clicks(f"{command.group}_{command.name}", word, "bobs", who="bob")
    assert not [secret for secret in (TITLE, NOTE, REPLY) if secret in said], f"[{command.key}] {word}"


@pytest.mark.parametrize("command", FOR_ALL, ids=lambda command: command.key)
async def test_no_command_tells_of_somebody_elses_ticket(opened: TestDesk, command: Command[Turn]) -> None:
    before = (await opened.tickets())[0]
    for word in WORDS:
        await says_nothing(opened, command, word)
    assert (await opened.tickets())[0] == before


async def test_what_is_for_technicians_does_nothing_and_tells_nothing(opened: TestDesk) -> None:
    before = await opened.tickets()
    for command in COMMANDS:
        if command.right != "anyone":
            await says_nothing(opened, command, "T1 T2 x")
    assert await opened.tickets() == before


@pytest.mark.parametrize("command", FOR_ALL, ids=lambda command: command.key)
async def test_no_command_shows_notes_to_the_asker(opened: TestDesk, command: Command[Turn]) -> None:
    for word in WORDS:
        typed = f"/{command.group} {command.name} {word}"
        assert NOTE not in await opened.says(typed), typed


async def test_their_own_is_shown_to_them(opened: TestDesk) -> None:
    shown = await opened.says("/ticket show")
    assert TITLE in shown and REPLY in shown and NOTE not in shown


@pytest.mark.parametrize("typed", ["/ticket show", "!show", "/ticket reopen", "/ticket list", "/ticket mine", "!voir"])
async def test_who_is_part_of_anothers_ticket_reads_none_of_it(opened: TestDesk, typed: str) -> None:
    await opened.says("/ticket merge T2 T1", "desk-tess", who="tess")
    said = await opened.says(typed, "bobs", who="bob")
    assert TITLE not in said and REPLY not in said and NOTE not in said


async def test_a_colleague_in_the_same_room_reads_none_of_it(desk: TestDesk) -> None:
    await desk.appoint("tess")
    room = {"private": False, "mentioned": True}
    await desk.says(f"/ticket new my {TITLE} is broken", "hall", thread="t1", **room)
    assert TITLE not in await desk.says("!show", "hall", who="bob", thread="t1", **room)
    assert TITLE in await desk.says("!show", "hall", thread="t1", **room)
