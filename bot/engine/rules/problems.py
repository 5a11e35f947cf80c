"""What is happening now comes before what is written in articles."""

import re
from dataclasses import replace
from uuid import UUID

from bot.engine.recording import record_not_looked_up
from bot.engine.rules.questions import look_up, matter_of, question
from bot.engine.rules.small_talk import ACKNOWLEDGEMENTS
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.conversations import AwaitsProblem
from bot.model.documents import Document
from bot.model.tickets import Problem, ProblemSubscription
from bot.model.values import AnswerKind
from bot.problems.matching import COMPARED, WISHES, matches
from bot.problems.recipients import joined_tickets
from bot.problems.wording import least, notice, told_asker

LONGEST_WISH = 10  # words: what is longer says something of its own
_TELL_ME = re.compile(
    r"\b(prevenez|previens|prevenir|avertis|avertissez|avertir|notif\w+|tenez moi|tiens moi|me tenir|dites moi quand|"
    r"dis moi quand|faites moi signe|fais moi signe|me dire quand|tell me when|let me know|notify|keep me|ping me|"
    r"inform me|me (posted|informed|updated))\b"
)
_YES_PLEASE = re.compile(
    r"(?:(?:yes|yeah|ok|oui|volontiers|d accord|please)\b ?)?(?:je veux bien|i would like (?:that|to know)|tell me|"
    r"dites (?:le )?moi|dis (?:le )?moi|svp|please|s il (?:vous|te) plait)(?: (?:tell me|then|please|merci|thanks))*$"
)
_SOMETHING_ELSE = re.compile(
    r"\b(autre chose|un autre (sujet|probleme|souci)|something else|another (matter|problem|issue)|not (that|this|it)|"
    r"pas (ca|cela)|rien a voir|unrelated|different)\b"
)


async def known_problem(turn: Turn) -> Answer | None:
    """An announced problem that the question is about. Who asks how something is done reads the article as well."""
    if turn.understanding.vague or not any(map(str.isalpha, turn.text)):
        return None
    problem = await matching(turn)
    if problem is None:
        return None
    again = turn.matter.problem == problem.id
    if turn.understanding.intent in WISHES:
        return None if again else await before_the_article(turn, problem)
    await remember_told(turn, problem)
    key = "problem.known_again" if again else "problem.known"
    document = told_asker(turn.services, problem, turn.audience, turn.language, key)
    waits = AwaitsProblem(problem.id)
    matter = replace(matter_of(turn), category=problem.category, pending=waits, problem=problem.id)
    if not again:
        await record_not_looked_up(turn, matter, "problem")
    return Answer(AnswerKind.KNOWN_PROBLEM, document, matter, confidence=1.0)


async def urgent_problem(turn: Turn) -> Answer | None:
    """What is urgent for many at once is told of; a human is still one press away."""
    return await known_problem(turn) if turn.understanding.ticket_at_once == "urgent" else None


async def before_the_article(turn: Turn, problem: Problem) -> Answer:
    await remember_told(turn, problem)
    answer = await question(turn)
    first = notice(turn.services, problem, turn.audience, turn.language, "problem.known")
    blocks = answer.document.blocks if answer.document else ()
    matter = replace(answer.matter, problem=problem.id)
    return replace(answer, document=Document((*first, *blocks)), matter=matter)


async def told(turn: Turn) -> Answer | None:
    """What is said to the announcement: tell me when it is over, or it is something else."""
    pending, text = turn.matter.pending, spoken(turn.text)
    is_short = len(text.split()) <= LONGEST_WISH
    if is_short and _TELL_ME.search(text) and (problem := await told_of_here(turn)):
        return await subscribe(turn, problem)
    if not isinstance(pending, AwaitsProblem):
        return None
    if is_short and _SOMETHING_ELSE.search(text):
        return await something_else(turn)
    said = turn.understanding
    wishes = said.feedback == "yes" or (is_short and _YES_PLEASE.match(text))
    if wishes and (problem := await turn.uow.problems.get(pending.problem)):
        return await subscribe(turn, problem)
    if said.feedback == "no" or said.settled or text in ACKNOWLEDGEMENTS:
        return turn.chat("problem.as_you_like", matter=replace(turn.matter, pending=None))
    if said.thanks:
        return turn.chat("chat.thanks")
    return None


async def subscribe(turn: Turn, problem: Problem) -> Answer:
    """They hear here when it is over, and what is new until then."""
    matter = replace(turn.matter, pending=None)
    if not problem.is_announced:
        return turn.chat("problem.is_over", matter=matter)
    await remember_told(turn, problem, wants_end=True)
    return turn.chat("problem.subscribed", matter=matter)


async def something_else(turn: Turn) -> Answer:
    """It is not the announced problem: the question is looked up as any other."""
    matter = turn.matter
    declined = (*matter.not_problems, *([matter.problem] if matter.problem else []))
    await forget_told(turn)
    return await look_up(turn, replace(matter, pending=None, problem=None, not_problems=declined))


async def matching(turn: Turn) -> Problem | None:
    understood = turn.understanding
    for problem in await turn.uow.problems.announced():
        if problem.id in turn.matter.not_problems or is_on_ticket_here(turn, problem):
            continue
        joined = await joined_tickets(turn, problem, COMPARED)
        if matches(problem, understood.category, turn.text, understood.intent, joined):
            return problem
    return None


def is_on_ticket_here(turn: Turn, problem: Problem) -> bool:
    """Whether they have a ticket here that has joined: they know, and what they write belongs to the ticket."""
    here = turn.conversation.id
    return any(one.problem_id == problem.id and one.is_active and one.conversation_id == here for one in turn.tickets)


async def remember_told(turn: Turn, problem: Problem, *, wants_end: bool = False) -> None:
    """Note that they know of it as it is now, to be told here when it is over."""
    known = await subscription_here(turn, problem.id)
    if known is None:
        told = ProblemSubscription(
            problem.id, turn.conversation.id, turn.known.person.id, turn.now, wants_end,
            audience=turn.audience, language=turn.language, news=problem.news,
        )  # fmt: skip
        turn.keep_subscription(told, new=True)
        return
    audience = least(known.audience, turn.audience)
    known = replace(known, told_at=None, audience=audience, language=turn.language, news=problem.news)
    turn.keep_subscription(replace(known, wants_end=known.wants_end or wants_end))


async def forget_told(turn: Turn) -> None:
    """It does not concern them: they are not told when it is over."""
    known = await subscription_here(turn, turn.matter.problem) if turn.matter.problem else None
    if known is not None:
        turn.keep_subscription(replace(known, wants_end=False, told_at=turn.now))


async def subscription_here(turn: Turn, problem_id: UUID) -> ProblemSubscription | None:
    person = turn.known.person.id
    all_here = await turn.uow.problems.subscriptions_in(turn.conversation.id)
    return next((one for one in all_here if one.problem_id == problem_id and one.person_id == person), None)


async def told_of_here(turn: Turn) -> Problem | None:
    """The latest problem that they were told of in this conversation and that is not over, or is just over."""
    mine = [
        one
        for one in await turn.uow.problems.subscriptions_in(turn.conversation.id)
        if one.person_id == turn.known.person.id
    ]
    for one in reversed(mine):
        if (problem := await turn.uow.problems.get(one.problem_id)) and problem.is_announced:
            return problem
    return None


async def subscribe_click(turn: Turn, value: str) -> Answer:
    problem = await told_with(turn, value)
    return await subscribe(turn, problem) if problem else turn.chat("click.outdated")


async def other_click(turn: Turn, value: str) -> Answer:
    problem = await told_with(turn, value)
    if problem is None or turn.matter.problem != problem.id:
        return turn.chat("click.outdated")
    return await something_else(turn)


async def told_with(turn: Turn, value: str) -> Problem | None:
    """The problem of a button, if who pressed it was told of it here."""
    number = int(value[1:]) if re.fullmatch(r"P\d{1,9}", value) else 0
    problem = await turn.uow.problems.by_number(number)
    return problem if problem and await subscription_here(turn, problem.id) else None
