"""Answers to what the desk asked: did it work, which one, shall I open a ticket."""

from dataclasses import replace

from bot.engine.answering import propose, propose_next
from bot.engine.recording import record_feedback, record_gap
from bot.engine.retrieval import Candidate, Found, may_show
from bot.engine.rules.questions import look_up
from bot.engine.rules.tickets import resume, wish_for
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.conversations import (
    AwaitsChoice,
    AwaitsClarification,
    AwaitsConfirmation,
    AwaitsFeedback,
    AwaitsTicketChoice,
    AwaitsTicketConsent,
    Choice,
    Matter,
)
from bot.model.knowledge import Hit, Thresholds
from bot.model.values import AnswerKind, ClosedReason, TicketStatus, Urgency
from bot.solutions import judged
from bot.surveys.asking import with_survey
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk
from bot.tickets.opening import open_ticket

REFUSALS = frozenset(
    [
        "no",
        "non",
        "nope",
        "nan",
        "nah",
        "na",
        "not",
        "now",
        "thanks",
        "thank",
        "you",
        "merci",
        "pas",
        "la",
        "peine",
        "besoin",
        "necessary",
        "needed",
        "need",
        "i",
        "je",
        "n",
        "en",
        "ai",
        "ca",
        "va",
        "aller",
        "it",
        "s",
        "ok",
        "fine",
        "don",
        "t",
        "do",
        "bother",
        "later",
        "plus",
        "tard",
        "inutile",
        "si",
        "please",
        "svp",
    ]
)


async def feedback(turn: Turn) -> Answer | None:
    """An everyday yes or no, only while something is waiting for one."""
    said, pending = turn.understanding.feedback, turn.matter.pending
    if said is None or pending is None or isinstance(pending, AwaitsClarification):
        return None
    match pending:
        case AwaitsFeedback(article=article):
            return await worked(turn, article) if said == "yes" else await did_not_work(turn)
        case AwaitsTicketConsent():
            if said == "no" and is_refusal(turn):
                return no_ticket(turn)
            # Where nothing was tried, nothing can have failed.
            return await open_ticket(turn, "failed_attempts" if said == "no" and turn.matter.offered else "asked")
        case AwaitsConfirmation(ticket=reference):
            return await confirmed(turn, reference) if said == "yes" else await resume(turn, reference)
        case AwaitsChoice() if said == "no":
            return await none_of_these(turn)
        case _:
            return turn.chat("chat.which_one")


async def choice(turn: Turn) -> Answer | None:
    """The number or the words of one of the choices that were shown."""
    pending = turn.matter.pending
    if not isinstance(pending, AwaitsChoice | AwaitsClarification):
        return None
    picked = chosen(turn, pending.choices)
    if picked is None:
        return None if turn.understanding.choice is None else turn.chat("chat.no_such_choice")
    if isinstance(pending, AwaitsClarification):
        return await look_up(turn, replace(turn.matter, category=picked.value, pending=None))
    return await pick(turn, picked.value)


async def ticket_choice(turn: Turn) -> Answer | None:
    """Which of several tickets was meant: by number, reference or words; anything else is taken as a new message."""
    pending = turn.matter.pending
    if not isinstance(pending, AwaitsTicketChoice):
        return None
    picked = chosen(turn, pending.choices)
    wanted = picked.value if picked else next((f"T{number}" for number in turn.understanding.references), None)
    ticket = next((ticket for ticket in turn.tickets if ticket.reference == wanted), None)
    return await wish_for(turn, ticket, pending.wish, pending.text) if ticket else None


def chosen(turn: Turn, choices: tuple[Choice, ...]) -> Choice | None:
    number, said = turn.understanding.choice, spoken(turn.text)
    if number is not None:
        return choices[number - 1] if 1 <= number <= len(choices) else None
    return next((choice for choice in choices if spoken(choice.label) == said), None)


async def pick(turn: Turn, article_id: str) -> Answer:
    """Show the suggestion that was chosen, if it may still be shown."""
    article = await turn.uow.knowledge.article(article_id)
    if article is None or not may_show(article, turn.audience):
        return turn.chat("chat.no_longer_there", matter=replace(turn.matter, pending=None))
    candidate = Candidate(article, Hit(article.id, article.revision, 1.0, 1.0), 1.0)
    found = Found((candidate,), Thresholds(0.0, 0.0))
    pending = turn.matter.pending
    others = (
        tuple(c.value for c in pending.choices if c.value != article_id) if isinstance(pending, AwaitsChoice) else ()
    )
    answer = await propose(turn, found, candidate, turn.matter)
    return replace(answer, matter=replace(answer.matter, candidates=(*others, *turn.matter.candidates)))


async def worked(turn: Turn, article_id: str) -> Answer:
    await judge(turn, article_id, helped=True)
    return await with_survey(turn, turn.chat("feedback.worked", matter=Matter()))


async def did_not_work(turn: Turn) -> Answer:
    """One attempt more that failed: the next solution, or a human when there have been enough or none is left."""
    matter = turn.matter
    if isinstance(matter.pending, AwaitsFeedback):
        await judge(turn, matter.pending.article, helped=False)
    matter = replace(matter, failed=matter.failed + 1, pending=None)
    if matter.failed < attempts_allowed(turn, matter) and (answer := await propose_next(turn, matter)):
        return answer
    await record_gap(turn, matter)
    return await open_ticket(turn, "failed_attempts", matter)


def attempts_allowed(turn: Turn, matter: Matter) -> int:
    """One when the matter is urgent or has a near deadline, else the desk's number."""
    pressing = matter.urgency is Urgency.URGENT or matter.deadline or turn.understanding.deadline
    return 1 if pressing else turn.services.policy.failed_attempts


async def none_of_these(turn: Turn) -> Answer:
    """None of the suggestions: look at what else there is, else offer a ticket."""
    matter = replace(turn.matter, failed=turn.matter.failed + 1, pending=None)
    if matter.failed >= attempts_allowed(turn, matter):
        return await open_ticket(turn, "failed_attempts", matter)
    await record_gap(turn, matter)
    answer = turn.chat("suggestions.none", matter=replace(matter, pending=AwaitsTicketConsent()))
    return replace(answer, kind=AnswerKind.LOST)


def is_refusal(turn: Turn) -> bool:
    """A plain no. "It still does not work" is a no to "did it work?", but no reason to refuse a ticket."""
    words = [word for word in spoken(turn.text).split() if word.isalpha()]  # a thumb down has none
    return all(word in REFUSALS for word in words)


def no_ticket(turn: Turn) -> Answer:
    return turn.chat("ticket.not_opened", matter=replace(turn.matter, pending=None))


async def confirmed(turn: Turn, reference: str) -> Answer:
    """The person says that a resolved ticket is settled."""
    ticket = next((ticket for ticket in turn.tickets if ticket.reference == reference), None)
    if ticket is None or ticket.status is not TicketStatus.RESOLVED:
        return turn.chat("feedback.worked", matter=Matter())
    ticket = turn.save(lifecycle.closed(ticket, turn.known.person.id, turn.now, ClosedReason.CONFIRMED))
    await tell_desk(turn, ticket, "desk.confirmed", name=turn.known.person.name)
    answer = turn.chat("ticket.confirmed", matter=Matter(), ticket=ticket, reference=reference)
    return await with_survey(turn, answer, ticket)


async def judge(turn: Turn, article_id: str, *, helped: bool) -> None:
    """Record whether a proposed article worked: on the proposal, on the question, and on the article's record as a
    solution."""
    await record_feedback(turn, article_id, helped=helped)
    for proposal in reversed(await turn.proposals()):
        if proposal.article_id == article_id and proposal.helped is None:
            await turn.keep_proposal(replace(proposal, helped=helped, feedback_at=turn.now))
            break
    await judged(turn.uow.knowledge, article_id, None, helped)
