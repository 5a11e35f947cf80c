"""Turns of phrase that people really use with the desk, and what they must not be taken for."""

import pytest

from bot.model.values import AnswerKind, TicketStatus
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"
NONSENSE = "zzzz qqqq blurb xkcd"


@pytest.mark.parametrize("still", ["it still fails", "same problem", "toujours pareil", "ça marche pas"])
async def test_still_failing_is_no_refusal_of_a_ticket(desk: TestDesk, still: str) -> None:
    await desk.says(NONSENSE)
    await desk.says(still)
    assert len(await desk.tickets()) == 1


@pytest.mark.parametrize("no", ["no", "non merci", "no thanks", "nope", "👎", "pas la peine"])
async def test_a_plain_no_is(desk: TestDesk, no: str) -> None:
    await desk.says(NONSENSE)
    await desk.says(no)
    assert await desk.tickets() == []


async def test_a_message_that_begins_with_a_ticket_goes_to_it(desk: TestDesk) -> None:
    await desk.says("/ticket new my chair is broken")
    await desk.says("how do i set my out of office reply in outlook")
    assert "added to T1" in await desk.says("T1 the left wheel, by the way")
    await desk.says("never mind T1, it is fixed")
    (ticket,) = await desk.tickets()
    assert ticket.status is TicketStatus.CLOSED
    assert "reopened T1" in await desk.says("T1 is not fixed")
    (ticket,) = await desk.tickets()
    assert ticket.status is TicketStatus.OPEN
    assert "no ticket T7" in await desk.says("T7 hello there")


async def test_nobody_elses_ticket_is_reached_that_way(desk: TestDesk) -> None:
    await desk.says("/ticket new my chair is broken")
    assert "no ticket T1" in await desk.says("T1 close it please", "other", who="eve")
    (ticket,) = await desk.tickets()
    assert ticket.status is TicketStatus.OPEN


async def test_a_ticket_just_closed_is_not_called_open(desk: TestDesk) -> None:
    await desk.says("/ticket new my chair is broken")
    assert "still open" not in await desk.says("never mind, fixed", "elsewhere")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("/tickt list", "/ticket list"),
        ("/tiquet liste", "/ticket"),
        ("/foo", "no command"),
        ("/desk on", "for technicians"),
        ("!clame T1", "/ticket claim"),
        ("!foo", "no command"),
        ("/", "About your tickets"),
        ("/ticket show", "/ticket show T1 [--trace]"),
    ],
)
async def test_a_mistyped_command_is_no_question(desk: TestDesk, typed: str, says: str) -> None:
    message = await desk.asked(typed)
    assert message.outcome and message.outcome.kind is AnswerKind.COMMAND
    assert says in message.outcome.text


@pytest.mark.parametrize("text", ["/usr/bin/python is missing", "!!! nothing prints !!!", "!", "//"])
async def test_what_only_looks_like_a_command_is_none(desk: TestDesk, text: str) -> None:
    message = await desk.asked(text)
    assert message.outcome and message.outcome.kind is not AnswerKind.COMMAND


async def test_ok_is_no_verdict(desk: TestDesk) -> None:
    await desk.says(JAM)
    assert "whether it worked" in await desk.says("ok")
    message = await desk.asked("no")
    assert message.outcome and message.outcome.kind is AnswerKind.ANSWER


@pytest.mark.parametrize("bye", ["bye", "au revoir"])
async def test_a_goodbye_is_answered_as_one(desk: TestDesk, bye: str) -> None:
    assert "Hello" not in await desk.says(bye)


@pytest.mark.parametrize("text", ["what can you do?", "who are you", "qui êtes-vous ?"])
async def test_who_the_desk_is_is_no_matter_for_articles(desk: TestDesk, text: str) -> None:
    message = await desk.asked(text)
    assert message.outcome and message.outcome.kind is AnswerKind.CHAT


async def test_the_third_no_of_an_everyday_exchange(desk: TestDesk) -> None:
    for text in (JAM, "non", "non plus", "toujours pas"):
        await desk.says(text)
    assert len(await desk.tickets()) == 1


async def test_a_fragment_does_not_change_the_language(desk: TestDesk) -> None:
    await desk.says(JAM)
    assert "Then let us try" in await desk.says("toujours pareil")


async def test_the_next_solution_keeps_to_the_subject(desk: TestDesk) -> None:
    categories = set()
    for text in ("how do i keep my number when i switch operator", "no", "no", "no"):
        message = await desk.asked(text)
        assert message.outcome
        async with desk.storage.unit_of_work() as uow:
            if message.outcome.kind is AnswerKind.ANSWER:
                row = await uow.knowledge.article(message.outcome.sources[0].id)
                assert row
                categories.add(row.category.split("/")[0])
    assert categories == {"telephony"}


async def test_suggestions_are_told_in_the_text_too(desk: TestDesk) -> None:
    message = await desk.asked("printer or scanner or toner or paper or something")
    assert message.outcome
    if message.outcome.kind is AnswerKind.SUGGESTIONS:
        assert "[1]" in message.outcome.text
    clarified = await desk.asked("help", "other", who="bob")
    assert clarified.outcome and clarified.outcome.kind is AnswerKind.CLARIFY
    assert "[1]" in clarified.outcome.text


async def test_what_a_human_is_wanted_for_becomes_the_ticket(desk: TestDesk) -> None:
    await desk.says("I want to talk to a human")
    await desk.says("the vpn cuts every ten minutes")
    (ticket,) = await desk.tickets()
    assert ticket.category == "network"
    assert "vpn" in ticket.title
    events = await desk.storage.unit_of_work().tickets.events(ticket.id)
    assert "categorised" in [event.kind for event in events], "the trail says so, too"


async def test_the_trace_of_a_ticket_is_for_technicians(desk: TestDesk) -> None:
    await desk.appoint("tess")
    for text in (JAM, "no", "no", "no"):
        await desk.says(text)
    assert "printer-phantom-jam.en" in await desk.says("/ticket show T1 --trace", "desk", who="tess")
    assert "printer-phantom-jam.en" not in await desk.says("/ticket show T1 --trace")


async def test_a_note_keeps_its_dashes(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new my chair is broken")
    await desk.says("/ticket note T1 --force was used", "desk", who="tess")
    assert "--force was used" in await desk.says("/ticket show T1", "desk", who="tess")


async def test_claiming_what_is_closed_says_that_it_is(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new my chair is broken")
    await desk.says("/ticket claim T1", "desk", who="tess")
    await desk.says("/ticket close T1", "desk", who="tess")
    assert "closed" in await desk.says("/ticket claim T1", "desk", who="tess")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("combien de congés il me reste ?", AnswerKind.REFERRAL),
        ("réponse automatique pendant mes congés", AnswerKind.ANSWER),
        ("outlook keeps asking for my password", AnswerKind.SUGGESTIONS),
    ],
)
async def test_words_of_another_service_or_category_make_the_desk_careful(
    desk: TestDesk, text: str, kind: AnswerKind
) -> None:
    message = await desk.asked(text)
    assert message.outcome and message.outcome.kind is kind


@pytest.mark.parametrize(
    "question", ["the vpn does not connect", "my printer says the paper is jammed but there is none"]
)
async def test_a_press_is_kept_in_the_words_of_its_button(desk: TestDesk, question: str) -> None:
    await desk.says(question)
    for _ in range(desk.services.policy.failed_attempts):
        button = desk.button("next")
        await desk.clicks("next")
        assert [message.text for message in await desk.history() if message.author == "person"][
            -1
        ] == f"[{button.label}]"
        if await desk.tickets():
            return


async def test_what_was_never_tried_cannot_have_failed(desk: TestDesk) -> None:
    await desk.asked("give me a recipe for apple pie")
    said = await desk.says("it still fails")
    assert "None of this helped" not in said
    (ticket,) = await desk.tickets()
    assert ticket.opened_because == "asked"


async def test_a_row_of_emoji_is_no_question_and_adds_nothing_to_one(desk: TestDesk) -> None:
    await desk.asked("my printer says the paper is jammed but there is none")
    message = await desk.asked("😡😡🔥")
    assert message.outcome and message.outcome.kind is not AnswerKind.ANSWER
    assert await desk.tickets() == []
