"""What was asked, what is missing, how people ask, and how sure the desk is: kept, found and forgotten."""

from dataclasses import replace

import pytest

from bot.errors import StaleWrite
from bot.model.ids import new_id
from bot.model.knowledge import AskedQuestion, GapGroup, Phrasing
from bot.model.values import Audience, Language
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE, Everything, article


def asked(text: str, minute: int = 0, **more: object) -> AskedQuestion:
    at = AT + minute * MINUTE
    return replace(AskedQuestion(text, Language.EN, Audience.PUBLIC, at, "lost"), **more)  # type: ignore[arg-type]


async def test_questions_come_newest_first_by_origin_and_by_reference(storage: Storage) -> None:
    first, second = asked("a", 1), asked("b", 2)
    past = asked("c", 3, origin="tickets", reference="T#1")
    async with storage.unit_of_work() as work:
        for question in (second, past, first):
            work.knowledge.add(question)
        await work.commit()
        assert await work.knowledge.asked() == [past, second, first]
        assert await work.knowledge.asked(limit=1) == [past]
        assert await work.knowledge.asked(origin="chat") == [second, first]
        assert await work.knowledge.asked_from("tickets") == {"T#1": past}
        assert await work.knowledge.asked_from("chat") == {}
        assert await work.knowledge.asked_in(new_id()) is None


async def test_a_message_asks_one_question_and_a_past_ticket_is_kept_once(storage: Storage) -> None:
    everything = Everything()
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        await work.commit()
    for twin in (
        asked("x", message_id=everything.message.id),
        asked("x", origin="tickets", reference="tickets.json#TK-1"),
    ):
        async with storage.unit_of_work() as work:
            work.knowledge.add(twin)
            with pytest.raises(StaleWrite):
                await work.commit()


async def test_a_question_of_an_old_version_is_not_written(storage: Storage) -> None:
    question = asked("a")
    async with storage.unit_of_work() as work:
        work.knowledge.add(question)
        await work.commit()
        work.knowledge.save(replace(question, confirmed=True))
        await work.commit()
        work.knowledge.save(replace(question, confirmed=False))
        with pytest.raises(StaleWrite):
            await work.commit()
        [kept] = await work.knowledge.asked()
    assert kept == replace(question, confirmed=True, version=1)


async def test_forgetting_a_question_takes_what_was_proposed_from_it_and_leaves_what_was_approved(
    storage: Storage,
) -> None:
    gone, kept = asked("a"), asked("b")
    base = Phrasing("one", "words", Language.EN, "confirmed", question_id=gone.id)
    approved = replace(base, id=new_id(), approved=True)
    rejected = replace(base, id=new_id(), rejected_at=AT)
    other = replace(base, id=new_id(), question_id=kept.id)
    async with storage.unit_of_work() as work:
        work.knowledge.put(article("one"))
        for record in (gone, kept, base, approved, rejected, other):
            work.knowledge.add(record)
        await work.commit()
        work.knowledge.forget([gone.id])
        await work.commit()
        assert await work.knowledge.asked() == [kept]
        assert await work.knowledge.phrasings(["one"]) == [replace(approved, question_id=None, version=1), other]


async def test_phrasings_wait_for_a_curator_until_approved_or_rejected(storage: Storage) -> None:
    base = Phrasing("one", "words", Language.EN, "past_ticket")
    approved = replace(base, id=new_id(), approved=True)
    rejected = replace(base, id=new_id(), rejected_at=AT)
    async with storage.unit_of_work() as work:
        work.knowledge.put(article("one"))
        for phrasing in (base, approved, rejected):
            work.knowledge.add(phrasing)
        await work.commit()
        assert await work.knowledge.proposed_phrasings() == [base]
        assert await work.knowledge.phrasings(["one", "two"]) == [base, approved, rejected]
        assert await work.knowledge.learnt_phrasings(2) == [rejected, approved]
        assert await work.knowledge.approved_phrasings() == [approved]
        before = (await work.knowledge.base_version()).number
        work.knowledge.save(replace(base, approved=True))
        await work.commit()
        assert (await work.knowledge.base_version()).number > before
        assert await work.knowledge.proposed_phrasings() == []


async def test_groups_of_gaps_have_numbers_of_their_own(storage: Storage) -> None:
    second, first = (GapGroup(number, "x", Language.EN, None, AT) for number in (2, 1))
    async with storage.unit_of_work() as work:
        work.knowledge.add(second)
        work.knowledge.add(first)
        await work.commit()
        assert await work.knowledge.gap_groups() == [first, second]
        work.knowledge.add(GapGroup(2, "y", Language.EN, None, AT))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_a_calibration_takes_the_place_of_the_one_before(storage: Storage) -> None:
    everything = Everything()
    fitted = everything.calibration
    french = replace(fitted, slope=9.0)
    plain, english = replace(fitted, model=""), replace(fitted, language=Language.EN)
    async with storage.unit_of_work() as work:
        for calibration in (fitted, french, plain, english):
            work.knowledge.put_calibration(calibration)
        await work.commit()
        assert await work.knowledge.calibrations() == [english, plain, french]
        work.knowledge.put_calibration(replace(plain, ece=0.5))
        await work.commit()
        assert await work.knowledge.calibrations() == [english, replace(plain, ece=0.5), french]


async def test_translations_are_found_by_what_they_translate(storage: Storage) -> None:
    source, other = article("vpn.en"), article("mail.en")
    french = article("vpn.fr", translation_of="vpn.en")
    gone = article("vpn.de", translation_of="vpn.en", withdrawn=True)
    mail = article("mail.fr", translation_of="mail.en")
    async with storage.unit_of_work() as work:
        for one in (source, other, french, gone, mail):
            work.knowledge.put(one)
        await work.commit()
        assert await work.knowledge.translations(["vpn.en"]) == [french]
        assert await work.knowledge.translations() == [mail, french]
        assert await work.knowledge.translations([]) == []


async def test_a_gap_is_found_by_its_message(storage: Storage) -> None:
    everything = Everything()
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        await work.commit()
        assert await work.knowledge.gap_in(everything.message.id) == everything.gap
        assert await work.knowledge.gap_in(new_id()) is None
        work.knowledge.forget([everything.asked.id])
        await work.commit()
        assert (await work.knowledge.gaps(None), await work.knowledge.asked()) == ([], [])
