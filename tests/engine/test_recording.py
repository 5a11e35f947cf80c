"""What is kept of questions: each once, without anybody's identifiers, and erased with its message."""

import asyncio

from bot.errors import IndexUnavailable
from bot.model.knowledge import AskedQuestion, KnowledgeGap, Phrasing, Retrieval
from bot.ports.knowledge import Query
from storage.store import SqlStorage
from tests.engine.desk import TestDesk, make_desk

JAM = "my printer says the paper is jammed but there is none"
OTHER_WORDS = "i forgot my windows password and cannot sign in"
NOWHERE = "my beamer flickers purple whenever the blinds go down"


async def asked(desk: TestDesk) -> list[AskedQuestion]:
    return await desk.storage.unit_of_work().knowledge.asked()


async def gaps(desk: TestDesk) -> list[KnowledgeGap]:
    return await desk.storage.unit_of_work().knowledge.gaps(None)


async def proposed(desk: TestDesk) -> list[Phrasing]:
    return await desk.storage.unit_of_work().knowledge.proposed_phrasings()


async def test_a_question_is_kept_with_what_came_of_it(desk: TestDesk) -> None:
    message = await desk.asked(JAM)
    (question,) = await asked(desk)
    assert (question.text, question.outcome, question.confirmed) == (JAM, "answered", None)
    assert (question.message_id, question.asker_id) == (message.id, message.person_id)
    assert question.best_article == "08-Materiel/Imprimantes/printer-phantom-jam.en"
    assert question.category == "hardware/printers" and question.confidence > 0.5
    assert await gaps(desk) == []


async def test_what_finds_nothing_is_a_gap_once(desk: TestDesk) -> None:
    await desk.says(NOWHERE)
    await desk.says("no")
    (question,) = await asked(desk)
    assert question.outcome == "lost"
    (gap,) = await gaps(desk)
    assert (gap.text, gap.message_id) == (NOWHERE, question.message_id)


async def test_an_answer_that_never_helped_becomes_one_gap_of_its_question(desk: TestDesk) -> None:
    message = await desk.asked(JAM)
    for _ in range(3):
        await desk.says("no")
    (question,) = await asked(desk)
    assert question.confirmed is False
    assert [(gap.text, gap.message_id) for gap in await gaps(desk)] == [(JAM, message.id)]


async def test_more_words_about_the_matter_change_the_question_that_there_is(desk: TestDesk) -> None:
    message = await desk.asked(JAM)
    await desk.says("it is a laser printer with a rear cover")
    (question,) = await asked(desk)
    assert question.message_id == message.id
    assert question.text.startswith(JAM) and "rear cover" in question.text


async def test_commands_small_talk_and_questions_back_are_not_kept(desk: TestDesk) -> None:
    for text in ("hello", "/ticket list", "help", "thanks"):
        await desk.says(text)
    assert await asked(desk) == []


async def test_identifiers_are_masked(desk: TestDesk) -> None:
    await desk.says("the vpn does not connect, call me on +33 6 12 34 56 78 or ada@acme.example, s/n: AB12CD34")
    (question,) = await asked(desk)
    assert question.text == "the vpn does not connect, call me on ●●●● or ●●●●, s/n: ●●●●"


async def test_a_deleted_message_takes_its_question_along(desk: TestDesk) -> None:
    await desk.says(NOWHERE, native_id="m100")
    assert len(await asked(desk)) == len(await gaps(desk)) == 1
    await desk.receive(desk.deletion("m100"))
    await desk.settle()
    assert (await asked(desk), await gaps(desk)) == ([], [])


async def test_an_edited_question_is_kept_as_it_was_edited(desk: TestDesk) -> None:
    await desk.says(NOWHERE, native_id="m100")
    await desk.says(JAM, native_id="m100", revision="2")
    assert [question.text for question in await asked(desk)] == [JAM]
    assert await gaps(desk) == []


async def test_what_helped_is_proposed_as_a_phrasing_and_not_used(desk: TestDesk) -> None:
    await desk.says(OTHER_WORDS)
    await desk.clicks("worked")
    (question,) = await asked(desk)
    assert question.confirmed is True
    (phrasing,) = await proposed(desk)
    assert (phrasing.text, phrasing.source, phrasing.approved) == (OTHER_WORDS, "confirmed", False)
    assert (phrasing.article_id, phrasing.question_id) == (question.best_article, question.id)
    assert await desk.storage.unit_of_work().knowledge.approved_phrasings() == []


async def test_the_same_words_are_proposed_once(desk: TestDesk) -> None:
    for who in ("ada", "bo"):
        await desk.says(OTHER_WORDS.upper() if who == "bo" else OTHER_WORDS, who, who=who)
        await desk.clicks("worked", room=who, who=who)
    assert len(await proposed(desk)) == 1
    assert len(await asked(desk)) == 2


async def test_words_that_the_article_has_already_are_not_proposed(desk: TestDesk) -> None:
    message = await desk.asked(JAM)
    assert message.outcome
    await desk.clicks("worked")
    await desk.says(message.outcome.sources[0].title, "other")
    await desk.clicks("worked", room="other")
    assert [question.confirmed for question in await asked(desk)] == [True, True]
    assert await proposed(desk) == []


class NoIndex:
    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        raise IndexUnavailable("gone")


async def test_what_could_not_be_looked_up_is_kept_as_such(sqlite_storage: SqlStorage) -> None:
    desk = make_desk(sqlite_storage, NoIndex())
    await desk.says(JAM)
    (question,) = await asked(desk)
    assert (question.outcome, question.best_article) == ("unavailable", None)


async def test_handlers_that_run_again_keep_a_question_once(desk: TestDesk) -> None:
    """Twenty rooms of one person at once: their rows meet, and handlers run again."""
    await desk.receive(*(desk.message(JAM, f"r{n}") for n in range(20)))
    await asyncio.gather(*(desk.dispatcher.drain() for _ in range(4)))
    questions = await asked(desk)
    assert len(questions) == len({question.message_id for question in questions}) == 20
