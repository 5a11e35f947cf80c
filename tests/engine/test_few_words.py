"""What says little or nothing: emoji, dots, another script, empty lists. Each is answered by what is true of it."""

import pytest

from tests.engine.desk import TestDesk


@pytest.mark.parametrize("said", [":pray: :pray:", "…", "???", ":female-technologist::skin-tone-3:", "🤔🤔", "🤷🏽‍♀️"])
async def test_without_words_nothing_is_looked_up(desk: TestDesk, said: str) -> None:
    await desk.appoint("tess")
    assert "what do you need?" in await desk.says(said)
    assert "no gap" in (await desk.says("/kb gaps", "desk", who="tess")).lower()


async def test_without_words_a_ticket_stays_as_it_is(desk: TestDesk) -> None:
    await desk.says("/ticket new the chair is broken")
    assert "T1 is with the technicians" in await desk.says(":pray:")


@pytest.mark.parametrize("said", ["הטלפון שלי לא עובד", "الطابعة لا تعمل في المكتب", "プリンターが動かない"])
async def test_another_script_is_not_understood_and_may_become_a_ticket(desk: TestDesk, said: str) -> None:
    assert "English and French" in await desk.says(said)
    await desk.says("yes")
    (ticket,) = await desk.tickets()
    assert ticket.title == said


async def test_a_letter_of_another_script_is_no_other_language(desk: TestDesk) -> None:
    assert "English and French" not in await desk.says("what does the symbol Ω on the zorblax plonk mean?")


async def test_who_has_nothing_in_hand_is_told_so(staffed: TestDesk) -> None:
    assert "no ticket in hand" in await staffed.says("/ticket mine", "desk", who="tess")
    assert "no open ticket" in await staffed.says("/ticket mine")
    assert await staffed.says("/ticket claim T9", "desk", who="tess") == "There is no ticket T9."


async def test_what_is_for_technicians_says_where_others_ask(desk: TestDesk) -> None:
    for command in ("/desk help", "/kb help", "/ticket claim T1"):
        assert "just write to me" in await desk.says(command)


async def test_help_begins_with_how_to_ask(desk: TestDesk) -> None:
    assert (await desk.says("/ticket help")).startswith("To ask something, just write to me, or /ask")
    await desk.appoint("tess")
    assert "/ask" not in await desk.says("/ticket help", "desk", who="tess")
