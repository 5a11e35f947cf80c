"""Questions: looked up in the knowledge base, after asking back when they are too vague."""

from dataclasses import replace

from bot.engine.answering import answer_from
from bot.engine.recording import record_question
from bot.engine.retrieval import find
from bot.engine.showing import choices
from bot.engine.turn import Answer, Turn
from bot.errors import IndexUnavailable
from bot.model.conversations import (
    AwaitsClarification,
    AwaitsFeedback,
    AwaitsTicketConsent,
    Choice,
    Matter,
)
from bot.model.documents import Actions, Button, Document
from bot.model.values import AnswerKind, Intent

MOST_CLARIFICATIONS = 2
ASKED_ABOUT = ("access", "network", "mail", "workstations", "hardware/printers", "telephony", "applications")


def matter_of(turn: Turn) -> Matter:
    """A new matter: the message is its question."""
    understood = turn.understanding
    return Matter(
        question=turn.text,
        question_message=turn.message.id,
        category=understood.category,
        intent=understood.intent,
        urgency=understood.urgency,
        sentiment=understood.sentiment,
        deadline=understood.deadline,
        entities=understood.entities,
    )


async def question(turn: Turn) -> Answer:
    return await look_up(turn, matter_of(turn))


async def look_up(turn: Turn, matter: Matter, text: str | None = None) -> Answer:
    """Search for the matter's question (or for `text`) and answer from what is found."""
    try:
        found = await find(turn, text or matter.question, entities=matter.entities)
    except IndexUnavailable:
        answer = cannot_look_up(turn, matter)
        await record_question(turn, answer, None)
        return answer
    answer = await answer_from(turn, found, matter)
    await record_question(turn, answer, found)
    return answer


async def vague(turn: Turn) -> Answer | None:
    """Too little to go by: ask back with choices, at most twice; a question back is no failed attempt."""
    if not turn.understanding.vague or turn.matter.clarified >= MOST_CLARIFICATIONS:
        return None
    if isinstance(turn.matter.pending, AwaitsFeedback):
        return None
    if turn.here:
        return None
    name = turn.services.categories.name
    options = tuple(Choice(name(slug, turn.language), slug) for slug in asked_about(turn))
    matter = replace(matter_of(turn), clarified=turn.matter.clarified + 1, pending=AwaitsClarification(options))
    key = "clarify.ask" if matter.clarified == 1 else "clarify.ask_again"
    with turn.step("answer") as step:
        step.outcome = "clarify"
        return Answer(AnswerKind.CLARIFY, choices(turn, key, options, "clarify"), matter)


def asked_about(turn: Turn) -> list[str]:
    known = [slug for slug in ASKED_ABOUT if slug in turn.services.categories]
    return known or [slug for slug in turn.services.categories.top_level() if slug != "uncategorised"][:7]


async def clarified(turn: Turn) -> Answer | None:
    """Words in answer to a question back: they and the first message are one question."""
    matter = turn.matter
    if not isinstance(matter.pending, AwaitsClarification) or turn.understanding.vague:
        return None
    fresh = matter_of(turn)
    joined = f"{matter.question} {turn.text}"
    return await look_up(turn, replace(fresh, question=joined, clarified=matter.clarified), turn.text)


async def follow_up(turn: Turn) -> Answer | None:
    """More about the matter at hand, while an article or a ticket is on offer: answered in its light.

    A message that stands on its own and belongs to another category is a new question instead.
    """
    matter, understood = turn.matter, turn.understanding
    if not any(map(str.isalnum, turn.text)):
        return None  # a row of emoji adds nothing to a question
    if not matter.question or not isinstance(matter.pending, AwaitsFeedback | AwaitsTicketConsent):
        return None
    if understood.new_question or is_another_matter(matter, understood.category):
        return None
    if understood.category is None and understood.intent not in (Intent.OTHER, Intent.FAULT):
        return None
    joined = replace(
        matter,
        question=f"{matter.question} {turn.text}"[:1000],
        category=understood.category or matter.category,
        entities=matter.entities.merged(understood.entities),
        deadline=understood.deadline or matter.deadline,
        urgency=max(matter.urgency, understood.urgency, key=lambda urgency: urgency.rank),
    )
    return await look_up(turn, joined)


def is_another_matter(matter: Matter, category: str | None) -> bool:
    return bool(category and matter.category and category.split("/")[0] != matter.category.split("/")[0])


def cannot_look_up(turn: Turn, matter: Matter) -> Answer:
    """The index is gone for now: say so, and offer a human."""
    ticket = Button("open_ticket", turn.say("button.open_ticket"), style="primary")
    no = Button("no_ticket", turn.say("button.no_ticket"))
    document = Document((turn.paragraph("lost.cannot_look_up"), Actions((ticket, no))))
    return Answer(AnswerKind.LOST, document, replace(matter, pending=AwaitsTicketConsent()))
