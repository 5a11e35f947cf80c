"""An employee sees their own tickets, without notes, whatever they type or press; nothing of anybody else's."""

import pytest

from bot.commands.catalogue import COMMANDS
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.values import Visibility
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


HALL: dict[str, object] = {"thread": "t1", "private": False, "mentioned": True}


@pytest.fixture
async def hall(desk: TestDesk) -> TestDesk:
    """Ada's ticket T1, asked where others read along."""
    await desk.appoint("tess")
    await desk.says(f"/ticket new my {TITLE} is broken", "hall", **HALL)
    return desk


@pytest.mark.parametrize("typed", ["/ticket note T1 quagga", "!note quagga", "/ticket show T1", "/ticket list all"])
async def test_what_a_technician_commands_among_others_is_answered_to_them_alone(hall: TestDesk, typed: str) -> None:
    await hall.says(f"/ticket note T1 {NOTE}", "desk-tess", who="tess")
    before = len(hall.wire.posted)
    await hall.says(typed, "hall", who="tess", **HALL)
    said = [one for one in hall.wire.posted[before:] if one.conversation.room == "hall"]
    assert [(one.visibility, one.recipient) for one in said] == [(Visibility.ONLY_ASKER, "tess")]


async def test_what_technicians_command_where_somebody_asked_is_not_in_their_history(hall: TestDesk) -> None:
    for typed in (f"/ticket note T1 {NOTE}", f"!note {NOTE}", "/ticket show T1", f"/ticket nte T1 {NOTE}"):
        await hall.says(typed, "hall", who="tess", **HALL)
    shown = await hall.says("!show", "hall", **HALL)
    assert TITLE in shown and NOTE not in shown
    assert NOTE in await hall.says("/ticket show T1", "desk-tess", who="tess")


@pytest.mark.parametrize("typed", ["/ticket list", "/ticket mine", f"/ticket search {TITLE}", "/ticket show T1"])
async def test_ones_tickets_are_shown_to_oneself_alone(hall: TestDesk, typed: str) -> None:
    await hall.says(typed, "hall", **HALL)
    answer = hall.wire.posted[-1]
    assert TITLE in answer.document.text
    assert (answer.visibility, answer.recipient) == (Visibility.ONLY_ASKER, "ada")


async def test_a_ticket_opened_among_others_is_opened_before_them(hall: TestDesk) -> None:
    await hall.says("/ticket new my lamp is broken", "hall", **HALL)
    assert next(one for one in reversed(hall.wire.posted) if one.conversation.room == "hall").visibility == "room"


AMONG_OTHERS: dict[str, object] = {"private": False, "mentioned": True}


async def test_what_was_asked_alone_is_not_named_among_others(opened: TestDesk) -> None:
    said = await opened.says("where is my ticket?", "hall", **AMONG_OTHERS)
    assert "T1" in said and TITLE not in said
    said = await opened.says("My VPN does not connect", "hall2", **AMONG_OTHERS)
    assert "VPN" in said and TITLE not in said


async def test_of_several_tickets_none_that_was_asked_alone_is_named_among_others(opened: TestDesk) -> None:
    await opened.says("/ticket new my lamp flickers")
    said = await opened.says("never mind, fixed", "hall", **AMONG_OTHERS)
    assert "T1" in opened.wire.posted[-1].document.text_with_options and TITLE not in said
    assert TITLE not in opened.wire.posted[-1].document.text_with_options


async def test_what_was_asked_in_the_same_room_is_named_there(hall: TestDesk) -> None:
    assert TITLE in await hall.says("where is my ticket?", "hall", **AMONG_OTHERS)


async def test_what_one_asked_is_named_to_oneself_alone(opened: TestDesk) -> None:
    assert TITLE in await opened.says("where is my ticket?", "dm2")
    assert TITLE in await opened.says("My VPN does not connect", "dm3")
