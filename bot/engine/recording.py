"""What was asked, what no article answered, and how people ask: kept for those who care for the knowledge base."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from bot.engine.retrieval import Found
from bot.engine.turn import Answer, Turn
from bot.model.conversations import Matter
from bot.model.knowledge import AskedQuestion, KnowledgeGap, Phrasing, QuestionOutcome
from bot.model.values import AnswerKind
from bot.phrasings import is_worth_proposing
from bot.ports.storage import UnitOfWork
from bot.understanding.entities import without_identifiers

OUTCOMES: dict[AnswerKind, QuestionOutcome] = {
    AnswerKind.ANSWER: "answered",
    AnswerKind.REFERRAL: "answered",
    AnswerKind.SUGGESTIONS: "suggested",
    AnswerKind.LOST: "lost",
}


async def record_question(turn: Turn, answer: Answer, found: Found | None) -> None:
    """Keep the matter's question with what came of it, once: more words about it change the row that there is.

    `found` is None when the index could not be asked.
    """
    matter = answer.matter
    fresh = replace(
        asked(turn, matter, "unavailable" if found is None else OUTCOMES[answer.kind]),
        confidence=found.confidence if found else 0.0,
        best_article=found.candidates[0].article.id if found and found.candidates else None,
    )
    known = await known_question(turn, matter)
    if known is None:
        turn.uow.knowledge.add(fresh)
    else:
        first_asked = known.asked_at
        turn.uow.knowledge.save(replace(fresh, id=known.id, version=known.version, asked_at=first_asked))


async def record_not_looked_up(turn: Turn, matter: Matter, outcome: Literal["problem", "escalated"]) -> None:
    """Keep a question that was answered with an announced problem, or went to a human at once; one that was looked up
    before stays as it is."""
    if await known_question(turn, matter) is None:
        turn.uow.knowledge.add(asked(turn, matter, outcome))


def asked(turn: Turn, matter: Matter, outcome: QuestionOutcome) -> AskedQuestion:
    return AskedQuestion(
        text=without_identifiers(matter.question),
        language=turn.language,
        audience=turn.audience,
        asked_at=turn.now,
        outcome=outcome,
        category=matter.category,
        intent=matter.intent,
        message_id=question_message(turn, matter),
        asker_id=turn.known.person.id,
    )


async def record_gap(turn: Turn, matter: Matter, found: Found | None = None) -> None:
    """Note that no article answered the matter's question: once, however often the desk fails at it."""
    message = question_message(turn, matter)
    if message != turn.message.id and await turn.uow.knowledge.gap_in(message):
        return
    best = found.candidates[0] if found and found.candidates else None
    turn.uow.knowledge.add(
        KnowledgeGap(
            text=without_identifiers(matter.question),
            language=turn.language,
            audience=turn.audience,
            asked_at=turn.now,
            message_id=message,
            category=matter.category,
            best_article=best.article.id if best else None,
            confidence=best.confidence if best else 0.0,
        )
    )


async def record_feedback(turn: Turn, article_id: str, *, helped: bool) -> None:
    """Note on the question whether its answer helped. If it did, its words are proposed as a way to ask for the
    article: used only once a curator has approved them."""
    question = await known_question(turn, turn.matter)
    if question is None:
        return
    best = article_id if helped else question.best_article
    turn.uow.knowledge.save(replace(question, confirmed=helped, best_article=best))
    article = await turn.uow.knowledge.article(article_id) if helped else None
    if article is None:
        return
    known = await turn.uow.knowledge.phrasings([article.id])
    if is_worth_proposing(question.text, article, known):
        turn.uow.knowledge.add(
            Phrasing(article.id, question.text, question.language, "confirmed", question_id=question.id)
        )


async def forget_question(uow: UnitOfWork, message_id: UUID) -> None:
    """Forget what a message asked, because its author edited or deleted it."""
    if known := await uow.knowledge.asked_in(message_id):
        uow.knowledge.forget([known.id])


async def known_question(turn: Turn, matter: Matter) -> AskedQuestion | None:
    """The matter's question, if it was looked up before this turn."""
    message = question_message(turn, matter)
    is_new = message == turn.message.id and not turn.is_stored
    return None if is_new else await turn.uow.knowledge.asked_in(message)


def question_message(turn: Turn, matter: Matter) -> UUID:
    return matter.question_message or turn.message.id
