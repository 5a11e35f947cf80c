"""After stop no program answers in direct messages: one sentence at most, and a person for the asking."""

import pytest

from bot.model.conversations import AwaitsConfirmation
from bot.model.messages import ConversationRef, IncomingFile
from bot.model.values import Audience, Language
from tests.public.stage import Stage

ROOM = "desk-tess"
QUESTION = {"en": "How do I reset my password?", "fr": "Comment réinitialiser mon mot de passe ?"}
STOP = {"en": "stop", "fr": "arrêtez"}
ONCE = {"en": "nothing is answered here", "fr": "je ne réponds donc plus ici"}


async def ada(stage: Stage, text: str, language: str = "en", **options: object) -> str:
    stage.later(seconds=60)
    options = {"audience": Audience.PUBLIC, "language": Language(language), **options}
    return await stage.desk.says(text, "ada", **options)


async def tess(stage: Stage, text: str) -> str:
    stage.later(seconds=60)
    return await stage.desk.says(text, ROOM, who="tess")


async def a_ticket(stage: Stage) -> None:
    """T1, which Ada asked for in direct messages before she said stop."""
    assert "T1" in await ada(stage, "I want to talk to a person about my broken screen")
    await ada(stage, "stop")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_question_is_answered_with_one_sentence_and_then_with_nothing(stage: Stage, language: str) -> None:
    await ada(stage, STOP[language], language)
    said = await ada(stage, QUESTION[language], language)
    assert ONCE[language] in said and said.count("\n") == 0
    assert ("“start”" if language == "en" else "«\u00a0reprendre\u00a0»") in said
    assert ("“human”" if language == "en" else "«\u00a0humain\u00a0»") in said
    for text in (QUESTION[language], "/ticket mine", "!help", "thanks", "?!", "x " * 3000, "2", "https://example.org"):
        assert await ada(stage, text, language) == ""
    assert await ada(stage, QUESTION["fr" if language == "en" else "en"], "fr" if language == "en" else "en") == ""


async def test_it_is_said_once_for_each_stop(stage: Stage) -> None:
    await ada(stage, "stop")
    assert ONCE["en"] in await ada(stage, QUESTION["en"])
    assert "again" in await ada(stage, "start")
    assert ONCE["en"] not in await ada(stage, QUESTION["en"])
    await ada(stage, "stop")
    assert ONCE["en"] in await ada(stage, QUESTION["en"])
    assert await ada(stage, QUESTION["en"]) == ""


async def test_nothing_is_said_beside_it(stage: Stage) -> None:
    await ada(stage, "stop")
    file = IncomingFile("f1", "run.exe", "application/x-msdownload", 10, "https://example.org/f1")
    said = stage.desk.message("My password is hunter2abc, call 06 12 34 56 78 now", "ada", audience=Audience.PUBLIC)
    object.__setattr__(said, "files", (file,))
    stage.later(seconds=60)
    await stage.desk.receive(said)
    [only] = await stage.desk.settle()
    assert ONCE["en"] in only.document.text and len(only.document.blocks) == 1


@pytest.mark.parametrize(
    ("language", "word"), [("en", "human"), ("fr", "humain"), ("en", "I want to talk to a person")]
)
async def test_a_human_is_there_for_the_asking(stage: Stage, language: str, word: str) -> None:
    await ada(stage, STOP[language], language)
    await ada(stage, QUESTION[language], language)
    assert "T1" in await ada(stage, word, language)
    [ticket] = await stage.tickets()
    assert ticket.opened_because == "human"
    assert ticket.title == QUESTION[language], "what they asked is what it is for"
    await tess(stage, "/ticket claim T1")
    assert "Tess" in stage.desk.posts("ada")[-1], "they asked for it since"
    await tess(stage, "/ticket resolve T1 Done.")
    assert "T1" in await ada(stage, "oui" if language == "fr" else "yes", language)
    [ticket] = await stage.tickets()
    assert (ticket.status, ticket.closed_reason) == ("closed", "confirmed")
    assert "1" not in stage.desk.posts("ada")[-1].replace("T1", ""), "nobody is asked for a score"


async def test_what_they_write_goes_to_their_ticket_without_a_word(stage: Stage) -> None:
    await a_ticket(stage)
    before = stage.desk.posts("ada")
    await tess(stage, "/ticket claim T1")
    assert await ada(stage, "It broke on Monday") == ""
    assert "It broke on Monday" in "\n".join(stage.desk.posts("desk"))
    assert await ada(stage, QUESTION["en"]) == ""
    assert stage.desk.posts("ada") == before
    await tess(stage, "/ticket reply T1 A new one comes.")
    assert "A new one comes." in stage.desk.posts("ada")[-1]
    assert await ada(stage, "Great, which one?") == ""
    assert "Great, which one?" in stage.desk.posts("desk")[-1]


async def test_another_ticket_than_the_one_they_wrote_about_is_not_spoken_of(stage: Stage) -> None:
    await a_ticket(stage)
    await ada(stage, "It broke on Monday")
    await stage.posts("@desk My account was hacked, help!")
    assert len(await stage.tickets()) == 2
    before = stage.desk.posts("ada")
    await tess(stage, "/ticket claim T2")
    await tess(stage, "/ticket resolve T2 Done.")
    assert stage.desk.posts("ada") == before


async def test_a_question_that_nobody_answers_lets_no_program_speak(stage: Stage) -> None:
    await a_ticket(stage)
    await tess(stage, "/ticket not-a-request T1")
    assert ONCE["en"] in await ada(stage, QUESTION["en"])
    before = stage.desk.posts("ada")
    await tess(stage, "/ticket reopen T1")
    await tess(stage, "/ticket claim T1")
    assert stage.desk.posts("ada") == before


@pytest.mark.parametrize("said", ["yes", "no, it still does not work"])
async def test_a_yes_or_a_no_that_was_asked_for_counts(stage: Stage, said: str) -> None:
    assert "T1" in await ada(stage, "I want to talk to a person about my broken screen")
    await tess(stage, "/ticket claim T1")
    await tess(stage, "/ticket resolve T1 Done.")
    await ada(stage, "stop")
    assert "T1" in await ada(stage, said)
    [ticket] = await stage.tickets()
    assert ticket.status == ("closed" if said == "yes" else "open")


async def test_a_number_presses_what_leads_to_a_person_and_nothing_else(stage: Stage) -> None:
    await ada(stage, QUESTION["en"])
    buttons = [button.action for button in stage.desk.wire.posted[-1].document.buttons]
    await ada(stage, "stop")
    assert ONCE["en"] in await stage.desk.clicks("worked", room="ada")
    assert await stage.desk.clicks("next" if "next" in buttons else "worked", room="ada") == ""
    assert "T1" in await stage.desk.clicks("human", room="ada")


async def test_a_question_of_a_technician_waits_for_their_answer_alone(stage: Stage) -> None:
    assert "T1" in await ada(stage, "I want to talk to a person about my broken screen")
    await tess(stage, "/ticket claim T1")
    await tess(stage, "/ticket resolve T1 Done.")
    await ada(stage, "stop")
    assert ONCE["en"] in await ada(stage, QUESTION["en"])
    async with stage.desk.storage.unit_of_work() as uow:
        there = await uow.conversations.by_ref(ConversationRef("test", "T", "ada"))
    assert there and there.matter.pending == AwaitsConfirmation("T1")


async def test_elsewhere_who_says_stop_is_answered_as_before(stage: Stage) -> None:
    stage.settle_policy(platforms=())
    await ada(stage, "stop")
    assert ONCE["en"] not in await ada(stage, QUESTION["en"])
