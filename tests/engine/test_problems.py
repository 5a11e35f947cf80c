"""What is happening now comes before what is written in articles."""

from dataclasses import replace

from bot.model.tickets import Problem, ProblemText
from bot.model.values import AnswerKind, Audience, Language
from tests.engine.desk import START, TestDesk


def outage(**changes: object) -> Problem:
    problem = Problem(
        number=1,
        title="VPN down",
        category="network",
        texts=(
            ProblemText(Audience.INTERNAL, Language.EN, "The VPN gateway is down until noon."),
            ProblemText(Audience.INTERNAL, Language.FR, "La passerelle VPN est en panne jusqu'à midi."),
        ),
        words=("vpn",),
        announced_at=START,
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


async def announce(desk: TestDesk, problem: Problem) -> None:
    async with desk.storage.unit_of_work() as uow:
        uow.problems.add(problem)
        await uow.commit()


async def test_a_matching_question_hears_of_the_problem_before_any_article(desk: TestDesk) -> None:
    await announce(desk, outage())
    message = await desk.asked("the vpn wont connect from home")
    assert message.outcome and message.outcome.kind is AnswerKind.KNOWN_PROBLEM
    assert "until noon" in message.outcome.text
    french = await desk.asked("mon vpn ne se connecte plus", "other", who="bob")
    assert french.outcome and "jusqu'à midi" in french.outcome.text


async def test_other_questions_do_not(desk: TestDesk) -> None:
    await announce(desk, outage())
    message = await desk.asked("i forgot my password")
    assert message.outcome and message.outcome.kind is not AnswerKind.KNOWN_PROBLEM


async def test_an_ended_problem_is_silent(desk: TestDesk) -> None:
    await announce(desk, outage(ended_at=START))
    message = await desk.asked("the vpn wont connect from home")
    assert message.outcome and message.outcome.kind is AnswerKind.ANSWER


async def test_the_public_does_not_hear_of_an_internal_problem(desk: TestDesk) -> None:
    await announce(desk, outage())
    message = await desk.asked("the vpn wont connect from home", audience=Audience.PUBLIC)
    assert message.outcome and "gateway" not in message.outcome.text


async def test_one_can_still_talk_to_a_human(desk: TestDesk) -> None:
    await announce(desk, outage())
    await desk.says("the vpn wont connect from home")
    await desk.clicks("human")
    (ticket,) = await desk.tickets()
    assert ticket.category == "network"
