"""What no page offers and somebody sends all the same: it is answered as what it is, and nothing fails of it."""

from dataclasses import replace

import pytest

from bot.model.messages import ConversationRef
from tests.engine.desk import TestDesk


@pytest.mark.parametrize("value", ["", "T", "x", "T²", "T-1", "T0", "T99999999999999999999", "T" + "9" * 5000, "T1 T2"])
async def test_a_button_to_reopen_what_no_ticket_is_called_changes_nothing(desk: TestDesk, value: str) -> None:
    await desk.says("/ticket new my chair is broken")
    said = await desk.clicks("reopen", value)
    assert said and "E-" not in said, "an answer, and none of a failure"


async def test_a_choice_that_was_not_offered_is_none(desk: TestDesk) -> None:
    await desk.says("it does not work")
    assert desk.button("clarify").value
    assert "earlier answer" in await desk.clicks("clarify", "../../etc/passwd")
    conversation = await desk.storage.unit_of_work().conversations.by_ref(ConversationRef("test", "T", "dm"))
    assert conversation and conversation.matter.category is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada\u202e\u2066 Byron\nT2 · closed", "Ada Byron T2 · closed"),
        ("\u200b \t\n", "ada"),
        ("x" * 5000, "x" * 99 + "…"),
    ],
)
async def test_a_name_stays_in_its_line(desk: TestDesk, name: str, shown: str) -> None:
    event = desk.message("/ticket new my chair is broken")
    await desk.receive(replace(event, author=replace(event.author, name=name)))
    await desk.settle()
    [ticket] = await desk.tickets()
    person = await desk.storage.unit_of_work().people.person(ticket.asker_id)
    assert person and person.name == shown
    assert "\u202e" not in "".join(desk.posts("desk")) and len(desk.posts("desk")[-1]) < 1000


@pytest.mark.parametrize("period", ["9999", "9999-12", "9999-12-31", "9999-W52", "0001", "0001-01-01", "0000-00"])
async def test_there_are_no_figures_of_the_ends_of_the_calendar(desk: TestDesk, period: str) -> None:
    await desk.appoint("tess")
    said = await desk.says(f"/ticket stats {period}", "desk-tess", who="tess")
    assert period in said and "E-" not in said
