"""A turn ends: what the event came to is left in the unit of work."""

from dataclasses import replace

from bot.engine.turn import Answer, Turn
from bot.model.conversations import Outcome
from bot.model.messages import IncomingMessage
from bot.model.understanding import Understanding
from bot.model.values import AnswerKind, Visibility


def conclude(turn: Turn, answer: Answer, is_new: bool, ms: float) -> None:
    """Leave in the unit of work what the event came to: messages, steps, the conversation, what is to be sent."""
    understood = turn.understanding
    turn.adopt(answer)
    language = turn.language if isinstance(turn.event, IncomingMessage) else turn.conversation.language
    conversation = replace(turn.conversation, last_message_at=turn.now, language=language or turn.language)
    if is_new:
        turn.uow.conversations.add(conversation)
    else:
        turn.uow.conversations.save(conversation)
    heard = turn.event
    if conversation.ref.thread and (is_new or (isinstance(heard, IncomingMessage) and heard.mentioned)):
        # Its follow-ups may have come first, by another way, and meant nothing then.
        turn.uow.inbox.reconsider(conversation.ref, heard.sent_at)
    document = answer.document
    outcome = Outcome(
        kind=answer.kind,
        language=turn.language,
        intent=understood.intent,
        urgency=understood.urgency,
        sentiment=understood.sentiment,
        category=answer.matter.category or understood.category or (answer.ticket.category if answer.ticket else None),
        complaint=understood.complaint,
        wants_human=understood.wants_human,
        entities=understood.entities,
        confidence=round(max(0.0, min(1.0, answer.confidence)), 4),
        calibrated=answer.calibrated,
        sources=answer.sources,
        ticket=answer.ticket.reference if answer.ticket else None,
        text=text_of(answer),
        ms=round(ms, 2),
    )
    if not turn.is_stored:
        message = replace(turn.message, text=understood.text, language=turn.language, outcome=outcome)
        turn.uow.conversations.add(message)
        for file in turn.own_files:
            turn.uow.attachments.add(file)
    if document is not None:
        with turn.step("send") as step:
            alone = turn.for_them_alone or (isinstance(turn.event, IncomingMessage) and turn.event.quiet)
            said = turn.post(
                turn.conversation,
                document,
                language=turn.language,
                replaces=turn.replaces,
                visibility=Visibility.ONLY_ASKER if alone else Visibility.ROOM,
                recipient=turn.event.author.native_id if alone else None,
            )
            step.outcome = answer.kind if answer.kind is not AnswerKind.CHAT else "chat"
            step.detail["message"] = str(said.id)
    if not turn.is_stored:
        turn.uow.conversations.add_steps(turn.steps)


def text_of(answer: Answer) -> str:
    """The answer as text; a question back is not one without its choices."""
    if answer.document is None:
        return ""
    asks = answer.kind in (AnswerKind.SUGGESTIONS, AnswerKind.CLARIFY)
    return answer.document.text_with_choices if asks else answer.document.text


def understood(found: Understanding) -> dict[str, object]:
    """What is recorded of the understanding: values and the names of rules, no text of the person."""
    return {
        "language": found.language,
        "intent": found.intent,
        "category": found.category,
        "urgency": found.urgency,
        "sentiment": found.sentiment,
        "rules": [reason.split(":")[0] for reason in found.because],
        "masked": len(found.secrets),
    }
