"""Solutions on tickets: a technician proposes one, the asker says whether it worked, and what worked ranks higher."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.retrieval import score
from bot.model.knowledge import Article, Hit, Solution
from bot.model.tickets import Proposal
from bot.model.values import Audience, Language, Role
from bot.solutions import experience, rate, wilson_lower
from tests.engine.desk import TestDesk

JAM = "printer-phantom-jam.en"
VPN = "vpn-does-not-connect.en"


async def claimed(
    desk: TestDesk, said: str = "I want to talk to a human", audience: Audience = Audience.INTERNAL
) -> None:
    """Ada has T1, which is in tess's hands."""
    await desk.appoint("tess")
    await desk.says(said, audience=audience)
    await desk.says("/ticket claim T1", "desk-tess", who="tess")


async def proposals(desk: TestDesk) -> list[Proposal]:
    (ticket,) = await desk.tickets()
    return await desk.storage.unit_of_work().tickets.proposals_on(ticket.id)


async def full_id(desk: TestDesk, ending: str) -> str:
    return next(id for id in await desk.storage.unit_of_work().knowledge.catalogue() if id.endswith(ending))


async def solution(desk: TestDesk, ending: str) -> Solution | None:
    id = await full_id(desk, ending)
    return (await desk.storage.unit_of_work().knowledge.solutions([id])).get(id)


async def test_the_asker_gets_it_with_buttons_and_the_desk_hears_that_it_worked(desk: TestDesk) -> None:
    await claimed(desk)
    said = await desk.says(f"/ticket propose T1 {JAM}", "desk-tess", who="tess")
    assert "was sent to Ada (T1)" in said
    assert "Tess suggests this for T1" in desk.posts()[-1] and "1. " in desk.posts()[-1]
    (one,) = await proposals(desk)
    assert (one.position, one.helped, one.applied_at) == (1, None, None) and one.proposed_by is not None
    desk.clock.forward(minutes=7)
    assert "Tess knows now that it worked" in await desk.clicks("solution_worked")
    assert "Ada says that" in desk.posts("desk")[-1] and "worked" in desk.posts("desk")[-1]
    (one,) = await proposals(desk)
    assert one.helped is True and one.feedback_at == one.applied_at == one.at + timedelta(minutes=7)
    known = await solution(desk, JAM)
    assert known and (known.successes, known.failures) == (1, 0)
    events = await desk.storage.unit_of_work().tickets.events((await desk.tickets())[0].id)
    assert [event.kind for event in events][-2:] == ["proposed", "solution_worked"]


async def test_words_are_heard_as_well_though_the_bot_is_silent(desk: TestDesk) -> None:
    await claimed(desk)
    await desk.says(f"/ticket propose T1 {JAM}", "desk-tess", who="tess")
    said = await desk.says("it still does not work")
    assert "Sent to Tess" in said and "ticket" not in said.lower().replace("t1", ""), "only the human answers"
    (one,) = await proposals(desk)
    assert one.helped is False and one.feedback == "it still does not work"
    assert "it still does not work" in "\n".join(desk.posts("desk"))
    known = await solution(desk, JAM)
    assert known and (known.successes, known.failures) == (0, 1)
    await desk.says("thank you, I will be at my desk at 3")
    assert (await proposals(desk))[0].helped is False


async def test_in_french_in_the_askers_language(desk: TestDesk) -> None:
    await claimed(desk, "je veux parler à un humain")
    said = await desk.says(f"/ticket proposer T1 {JAM}", "desk-tess", who="tess", language=Language.FR)
    assert "est envoyé à Ada" in said
    assert "vous propose ceci" in desk.posts()[-1]
    (one,) = await proposals(desk)
    assert one.article_id.endswith(".fr"), "of a pair, the article in the asker's language"
    assert "sait que cela n’a rien donné" in await desk.clicks("solution_failed")
    assert "n’a rien donné" in desk.posts("desk")[-1] or "did not help" in desk.posts("desk")[-1]


async def test_the_last_word_counts_once(desk: TestDesk) -> None:
    await claimed(desk)
    await desk.says(f"/ticket propose T1 {JAM}", "desk-tess", who="tess")
    for action in ("solution_failed", "solution_failed", "solution_worked", "solution_worked"):
        await desk.clicks(action)
    known = await solution(desk, JAM)
    assert known and (known.successes, known.failures) == (1, 0)
    assert len([text for text in desk.posts("desk") if "Ada says that" in text]) == 2


async def test_a_technician_notes_what_they_went_through_themselves(desk: TestDesk) -> None:
    await claimed(desk)
    assert "did not help" in await desk.says(f"/ticket applied T1 {VPN} no, times out", "desk-tess", who="tess")
    said = await desk.says(f"/ticket appliqué T1 {JAM} yes after the second try", "desk-tess", who="tess")
    assert "worked" in said
    first, second = await proposals(desk)
    assert (first.position, first.helped, first.feedback) == (1, False, "times out")
    assert (second.position, second.helped, second.feedback) == (2, True, "after the second try")
    await desk.says(f"/ticket applied T1 {VPN} oui", "desk-tess", who="tess")
    vpn = await solution(desk, VPN)
    assert vpn and (vpn.successes, vpn.failures) == (1, 0), "what was said before no longer counts"
    assert "How to use it" in await desk.says(f"/ticket applied T1 {VPN} perhaps", "desk-tess", who="tess")


async def test_rights(desk: TestDesk) -> None:
    await claimed(desk)
    await desk.appoint("ted")
    await desk.appoint("lea", Role.LEAD)
    for command in (f"/ticket propose T1 {JAM}", f"/ticket applied T1 {JAM} yes"):
        assert "for technicians" in await desk.says(command)
        assert "Tess" in await desk.says(command, "desk-ted", who="ted")
    assert await proposals(desk) == []
    await desk.says(f"/ticket propose T1 {JAM}", "desk-lea", who="lea")
    button = desk.button("solution_worked")
    assert "earlier answer" in await desk.clicks("solution_worked", button.value, room="eve", who="eve")
    assert "earlier answer" in await desk.clicks("solution_worked", "no-such-id")
    assert (await proposals(desk))[0].helped is None
    assert "already" in await desk.says(f"/ticket propose T1 {JAM}", "desk-lea", who="lea")
    await desk.says("/ticket resolve T1 done", "desk-tess", who="tess")
    assert "resolved" in await desk.says(f"/ticket propose T1 {VPN}", "desk-tess", who="tess")


async def test_what_the_asker_may_not_read_is_not_proposed(desk: TestDesk) -> None:
    await claimed(desk, audience=Audience.PUBLIC)
    async with desk.storage.unit_of_work() as uow:
        article = await uow.knowledge.article(await full_id(desk, VPN))
        assert article
        uow.knowledge.put(replace(article, audience=Audience.INTERNAL))
        await uow.commit()
    assert "members of the organisation only" in await desk.says(f"/ticket propose T1 {VPN}", "desk-tess", who="tess")
    assert await proposals(desk) == [] and not any("suggests this" in text for text in desk.posts())


async def test_a_solution_knows_how_long_its_tickets_took(desk: TestDesk) -> None:
    await claimed(desk)
    await desk.says(f"/ticket propose T1 {JAM}", "desk-tess", who="tess")
    await desk.clicks("solution_worked")
    known = await solution(desk, JAM)
    assert known and known.resolution_seconds is None, "not resolved yet"
    desk.clock.forward(minutes=30)
    await desk.says("/ticket resolve T1 done", "desk-tess", who="tess")
    known = await solution(desk, JAM)
    assert known and known.resolution_seconds == 1800
    await desk.says("I want to talk to a human about my screen", "two", who="bo")
    desk.clock.forward(minutes=10)
    await desk.says("/ticket resolve T2 done", "desk-tess", who="tess")
    await desk.says(f"/ticket applied T2 {JAM} yes", "desk-tess", who="tess")
    known = await solution(desk, JAM)
    assert known and known.resolution_seconds == (1800 + 600) / 2, "said after the end counts as well"
    await desk.says("/ticket reopen T1", "desk-tess", who="tess")
    known = await solution(desk, JAM)
    assert known and known.resolution_seconds == 600, "what is open again has taken no time yet"
    await desk.says(f"/ticket applied T2 {JAM} no", "desk-tess", who="tess")
    known = await solution(desk, JAM)
    assert known and known.resolution_seconds is None and known.failures == 1


async def test_a_rate_is_told_from_twenty_cases_on(desk: TestDesk) -> None:
    await desk.appoint("tess")
    id = await full_id(desk, JAM)
    async with desk.storage.unit_of_work() as uow:
        uow.knowledge.add(Solution(id, "Jam", successes=15, failures=4, resolution_seconds=5400))
        await uow.commit()
    shown = await desk.says(f"/kb show {JAM}", "desk-tess", who="tess")
    assert "worked: 15, did not: 4" in shown and "%" not in shown
    assert "1 hour" in shown or "2 hours" in shown
    async with desk.storage.unit_of_work() as uow:
        known = (await uow.knowledge.solutions([id]))[id]
        uow.knowledge.save(replace(known, successes=16))
        await uow.commit()
    shown = await desk.says(f"/kb show {JAM}", "desk-tess", who="tess")
    assert "80 % of 20 (at least 58 %)" in shown


@pytest.mark.parametrize(
    ("successes", "failures", "told"), [(0, 0, None), (19, 0, None), (20, 0, 1.0), (10, 10, 0.5), (0, 20, 0.0)]
)
def test_shares_of_few_cases_are_not_told(successes: int, failures: int, told: float | None) -> None:
    assert rate(Solution("a", "a", successes, failures)) == told


def test_what_worked_often_ranks_above_what_worked_once_and_what_failed_below_what_is_unknown() -> None:
    def made(successes: int, failures: int) -> Solution:
        return Solution("a", "a", successes, failures)

    worth = [experience(made(*counts)) for counts in ((90, 10), (9, 1), (1, 0), (1, 1), (0, 1), (1, 9))]
    assert worth == sorted(worth, reverse=True) and worth[3] == 0
    assert wilson_lower(9, 10) < wilson_lower(90, 100) < 0.9
    article = Article("a", "o", "t", "b", Language.EN, "network", Audience.PUBLIC, "r")
    hit = Hit("a", "r", 1.0, 0.5)
    quick, slow, never = (
        score(hit, article, Solution("a", "a", 20, 2, resolution_seconds=seconds), None) for seconds in (600, 9e5, None)
    )
    assert quick > slow > never, "of what works as surely, the quicker one"
    failing = Solution("a", "a", 1, 9, resolution_seconds=1)
    assert score(hit, article, failing, None) == score(hit, article, replace(failing, resolution_seconds=None), None)
    surer = Solution("a", "a", 190, 1, resolution_seconds=9e5)
    assert score(hit, article, surer, None) > quick, "what works counts for more than what is quick"
    ranked = [score(hit, article, made(*counts), None) for counts in ((90, 10), (1, 1), (1, 9))]
    assert ranked[0] > ranked[1] == score(hit, article, None, None) > ranked[2]
