"""Answers to a survey: a score, then perhaps a comment. A new question is a question all the same."""

from dataclasses import replace
from uuid import UUID

from bot.engine.rules.small_talk import ACKNOWLEDGEMENTS, FAREWELLS
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.conversations import AwaitsRating, Matter
from bot.model.tickets import Survey
from bot.model.values import Intent, Sentiment
from bot.surveys.asking import ANSWERABLE, CHANGEABLE, is_private
from bot.surveys.reading import RANGES, Said, number_first, read_score

LONGEST_COMMENT = 2000
NOTHING = frozenset(
    "rien,nothing,rien a ajouter,nothing to add,c est tout,that is all,no comment,sans commentaire".split(",")
)
# What calls for more than being kept as a comment.
CALLS = frozenset({"security", "cancellation", "refund", "dispute", "urgent", "human"})
SAYS_LITTLE = frozenset({Intent.OTHER, Intent.COMPLAINT, Intent.SMALLTALK})


async def rating(turn: Turn) -> Answer | None:
    """A score, while one is awaited, or by itself soon after it was asked for; then the comment."""
    pending = turn.matter.pending
    if pending is None:
        return await belated(turn)
    if not isinstance(pending, AwaitsRating):
        return None
    survey = await turn.uow.tickets.survey(pending.survey)
    said = read_score(turn.text, pending.kind)
    if survey is not None and said is None and not pending.rated and await is_comment(turn, survey):
        said = number_first(turn.text, pending.kind)
    if survey is not None and said is not None:
        return await scored(turn, survey, said)
    if survey is None or not is_talk(turn):
        answer = comment(turn, survey) if survey and pending.rated and await is_comment(turn, survey) else None
        if answer is None:  # something else: the survey waits no longer, the message is read as any other
            turn.conversation = replace(turn.conversation, matter=replace(turn.matter, pending=None))
        return answer
    if pending.rated or turn.understanding.feedback == "no":
        return turn.chat("survey.done", matter=replace(turn.matter, pending=None))
    return turn.chat("survey.as_you_like")


def is_talk(turn: Turn) -> bool:
    """Thanks, ok, bye, yes or no, and nothing else."""
    said, understood = spoken(turn.text), turn.understanding
    if said in ACKNOWLEDGEMENTS | FAREWELLS | NOTHING or understood.thanks:
        return True
    return understood.feedback is not None and len(said.split()) <= 3


async def belated(turn: Turn) -> Answer | None:
    said = read_score(turn.text, "nps")
    if said is None or not is_private(turn):
        return None
    since = turn.now - ANSWERABLE
    asked = await turn.uow.tickets.surveys_of(turn.known.person.id)
    survey = next((one for one in asked if one.score is None and one.sent_at > since), None)
    said = read_score(turn.text, survey.kind) if survey else None
    return await scored(turn, survey, said) if survey and said and said.score is not None else None


async def scored(turn: Turn, survey: Survey, said: Said) -> Answer:
    low, high = RANGES[survey.kind]
    if said.score is None:
        return turn.chat("survey.range", low=low, high=high)
    return give(turn, survey, said.score, said.comment)


def give(turn: Turn, survey: Survey, score: int, words: str = "") -> Answer:
    """Keep a score, the latest one; within a day it may be changed. It stands in the survey, and nowhere else."""
    if survey.answered_at is not None and turn.now - survey.answered_at > CHANGEABLE:
        return turn.chat("survey.too_late")
    conceal(turn)
    answered_at, kept = survey.answered_at or turn.now, words[:LONGEST_COMMENT] or survey.comment
    turn.uow.tickets.save(replace(survey, score=score, answered_at=answered_at, comment=kept))
    if turn.matter.pending is not None and not isinstance(turn.matter.pending, AwaitsRating):
        return turn.chat("survey.thanks")  # something else is being asked by now
    if kept:
        return turn.chat("survey.thanks", matter=replace(turn.matter, pending=None))
    awaits = AwaitsRating(survey.id, survey.kind, rated=True)
    return turn.chat("survey.thanks_and", matter=replace(turn.matter, pending=awaits))


async def is_comment(turn: Turn, survey: Survey) -> bool:
    """Whether the words after a score are about how it went, rather than a new question or a new trouble."""
    said = turn.understanding
    asks = "?" in turn.text or said.new_question or said.asks_status or said.references or said.vague or said.greeting
    if asks or said.ticket_at_once in CALLS or said.intent not in SAYS_LITTLE:
        return False
    if said.category is None or said.intent is Intent.COMPLAINT:
        return True
    ticket = await turn.uow.tickets.get(survey.ticket_id) if survey.ticket_id else None
    is_same = ticket is not None and ticket.category.split("/")[0] == said.category.split("/")[0]
    return is_same and said.sentiment is not Sentiment.NEUTRAL


def comment(turn: Turn, survey: Survey) -> Answer:
    words = turn.text[:LONGEST_COMMENT]
    conceal(turn)
    turn.uow.tickets.save(replace(survey, comment=words))
    return turn.chat("survey.comment_kept", matter=Matter())


def conceal(turn: Turn) -> None:
    """The history that technicians read says that the survey was answered, and not how."""
    turn.understanding = replace(turn.understanding, text=f"[{turn.say('survey.given')}]")


async def rate(turn: Turn, value: str) -> Answer:
    """A score's button. Only who was asked gives one."""
    name, _, number = value.partition(":")
    try:
        survey, score = await turn.uow.tickets.survey(UUID(name)), int(number)
    except ValueError:
        return turn.chat("click.outdated")
    if survey is None:
        return turn.chat("click.outdated")
    if survey.person_id != turn.known.person.id:
        return turn.not_theirs()
    low, high = RANGES[survey.kind]
    return give(turn, survey, score) if low <= score <= high else turn.chat("click.outdated")
