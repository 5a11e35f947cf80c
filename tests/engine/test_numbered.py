"""Where buttons are numbers, a number alone presses one: the one that was read, or none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.delivery import Deliverer
from bot.errors import OutcomeUnknown
from bot.model.ledger import Delivery
from bot.model.messages import IncomingMessage
from tests.engine.desk import LEASE, TestDesk, Wire

QUESTION = "my printer says the paper is jammed but there is none"

OUTDATED = "belongs to an earlier answer"


def typed(desk: TestDesk, text: str, **changes: object) -> IncomingMessage:
    return replace(desk.message(text), numbered=True, **changes)  # type: ignore[arg-type]


async def says(desk: TestDesk, text: str, **changes: object) -> str:
    await desk.receive(typed(desk, text, **changes))
    return "\n".join(one.document.text for one in await desk.settle() if one.conversation.room == "dm")


async def asked(desk: TestDesk) -> str:
    """Ask something that has an answer with buttons; its native id."""
    await says(desk, QUESTION)
    desk.clock.forward(seconds=60)
    return f"p{len(desk.wire.posted)}"


def place_of(desk: TestDesk, action: str) -> int:
    return [button.action for button in desk.wire.posted[-1].document.buttons].index(action) + 1


async def test_a_number_presses_the_button_of_that_place(desk: TestDesk) -> None:
    await asked(desk)
    labels = [button.label for button in desk.wire.posted[-1].document.buttons]
    human = next(
        place for place, button in enumerate(desk.wire.posted[-1].document.buttons, 1) if button.action == "human"
    )
    assert "T1" in await says(desk, f" {human}. ")
    assert (await desk.tickets())[0].opened_because == "human"
    assert (await desk.history())[-2].text == f"[{labels[human - 1]}]", "the history says what was pressed"


async def test_a_keycap_is_a_number_and_a_sentence_with_one_is_none(desk: TestDesk) -> None:
    await asked(desk)
    assert "1" not in [one.text for one in await desk.history()]
    await says(desk, "1️⃣")
    assert (await desk.history())[-2].text.startswith("[")
    await asked(desk)
    await says(desk, "2 printers show it")
    assert (await desk.history())[-2].text == "2 printers show it"


async def test_elsewhere_a_number_presses_nothing(desk: TestDesk) -> None:
    await desk.says(QUESTION)
    await desk.says("3")
    assert not await desk.tickets()


async def test_a_number_too_high_shows_what_there_is(desk: TestDesk) -> None:
    await asked(desk)
    before = desk.wire.posted[-1].document.buttons
    assert "which of these" in await says(desk, "9")
    assert desk.wire.posted[-1].document.buttons == before, "and they can be pressed"
    desk.clock.forward(seconds=60)
    await says(desk, "1")
    assert (await desk.history())[-2].text == f"[{before[0].label}]"


async def test_a_number_where_there_is_nothing_to_press_is_answered(desk: TestDesk) -> None:
    assert "nothing to choose" in await says(desk, "2")


async def test_a_reply_to_an_older_message_presses_its_button_and_no_newer_one(desk: TestDesk) -> None:
    old = await asked(desk)
    await says(desk, "My screen stays black")
    newer = desk.wire.posted[-1].document.buttons
    desk.clock.forward(seconds=60)
    assert newer
    said = await says(desk, "1", answers=old)
    assert OUTDATED in said
    async with desk.storage.unit_of_work() as uow:
        conversation = await uow.conversations.by_ref(desk.message("").conversation)
    assert conversation and conversation.matter.pending is not None, "what is asked now still waits"


async def test_a_number_that_crossed_with_a_newer_message_presses_nothing(desk: TestDesk) -> None:
    await asked(desk)
    crossed = typed(desk, "1")  # written now, heard after the desk has said something else
    desk.clock.forward(seconds=2)
    await says(desk, "My screen stays black")
    async with desk.storage.unit_of_work() as uow:
        before = await uow.conversations.by_ref(crossed.conversation)
    await desk.receive(crossed)
    posted = await desk.settle()
    assert before and before.matter.pending is not None
    assert "which of these" in posted[-1].document.text
    async with desk.storage.unit_of_work() as uow:
        after = await uow.conversations.by_ref(crossed.conversation)
    assert after and after.matter.pending == before.matter.pending


async def test_a_number_from_before_a_newer_message_presses_what_had_been_read(desk: TestDesk) -> None:
    await asked(desk)
    human = place_of(desk, "human")
    early = typed(desk, str(human))
    desk.clock.forward(minutes=10)
    await says(desk, "My screen stays black")
    await desk.receive(early)
    await desk.settle()
    assert (await desk.tickets())[0].opened_because == "human"


async def test_what_was_not_posted_yet_was_not_read(desk: TestDesk) -> None:
    await asked(desk)
    await desk.receive(typed(desk, "My screen stays black"))
    await desk.dispatcher.drain()  # said, and still on its way
    desk.clock.forward(seconds=60)
    await desk.receive(typed(desk, "1"))
    posted = await desk.settle()
    assert OUTDATED in posted[-1].document.text, "the button of what had been read, which counts no more"


class Losing(Wire):
    """Posts, and its answers are lost."""

    async def send(self, delivery: Delivery) -> str:
        await super().send(delivery)
        raise OutcomeUnknown("for a test")


async def lost(desk: TestDesk, question: str) -> None:
    """What answers the question stands there, and the desk does not know."""
    adapter = Losing()
    await desk.receive(typed(desk, question))
    await desk.dispatcher.drain()
    await Deliverer(desk.storage, [adapter], "test", lease=LEASE, clock=desk.clock).deliver_due()
    desk.wire.posted += adapter.posted


@pytest.mark.parametrize("answers", [None, "a post that nobody noted"])
async def test_what_was_perhaps_posted_may_be_pressed(desk: TestDesk, answers: str | None) -> None:
    await lost(desk, QUESTION)
    human = place_of(desk, "human")
    assert "T1" in await says(desk, str(human), answers=answers)
    assert (await desk.tickets())[0].opened_because == "human"


async def test_between_what_was_read_and_what_was_perhaps_posted_nothing_is_guessed(desk: TestDesk) -> None:
    await asked(desk)
    await lost(desk, "My screen stays black")
    desk.clock.forward(seconds=60)
    assert "which of these" in await says(desk, "1")
    assert not await desk.tickets()


async def test_who_replies_to_a_post_that_nobody_noted_means_what_was_perhaps_posted(desk: TestDesk) -> None:
    await asked(desk)
    await lost(desk, "My screen stays black")
    desk.clock.forward(seconds=60)
    said = await says(desk, "1", answers="a post that nobody noted")
    assert said and "which of these" not in said and OUTDATED not in said


async def test_a_whole_conversation_goes_by_number(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await asked(desk)
    await says(desk, str(place_of(desk, "human")))
    await desk.says("/ticket reply T1 Turn it off and on.", "desk-tess", who="tess")
    assert "Turn it off" in desk.posts()[-1]
    desk.clock.forward(seconds=60)
    await desk.says("/ticket resolve T1 The sensor was cleaned.", "desk-tess", who="tess")
    desk.clock.forward(seconds=60)
    offered = [delivery for delivery in desk.wire.posted if delivery.conversation.room == "dm"][-1].document.buttons
    yes = [button.action for button in offered].index("confirm") + 1
    said = await says(desk, str(yes))
    (ticket,) = await desk.tickets()
    assert (ticket.status, ticket.closed_reason) == ("closed", "confirmed")
    assert said and desk.button("rate").label
    desk.clock.forward(seconds=60)
    await says(desk, "4")
    async with desk.storage.unit_of_work() as uow:
        (survey,) = await uow.tickets.surveys(ticket.id)
    assert survey.score == 4


async def test_what_is_said_to_a_human_is_not_taken_for_a_press_that_there_is_not(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await asked(desk)
    await says(desk, str(place_of(desk, "human")))
    await desk.says("/ticket reply T1 How many printers?", "desk-tess", who="tess")
    desk.clock.forward(seconds=60)
    await says(desk, "2")
    assert desk.posts("desk")[-1].endswith("2"), "it was said to the technician"


async def test_an_edited_number_presses_nothing_again(desk: TestDesk) -> None:
    await asked(desk)
    human = place_of(desk, "human")
    said = typed(desk, "hello?")
    await desk.receive(said)
    await desk.settle()
    edit = replace(
        said, key=replace(said.key, revision="2"), text=str(human), sent_at=desk.clock() + timedelta(hours=1)
    )
    await desk.receive(edit)
    await desk.settle()
    assert not await desk.tickets()
