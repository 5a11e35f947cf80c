"""What opens an answer: an apology, where it comes late."""

from dataclasses import replace

from bot.engine.turn import Answer, Turn
from bot.model.documents import Document, Paragraph
from bot.model.messages import IncomingMessage
from bot.model.values import Language

RECENT = 20  # messages that are looked at for an earlier apology


async def opening(turn: Turn, answer: Answer) -> Answer:
    """The answer after what is to be said first."""
    is_late = isinstance(turn.event, IncomingMessage) and turn.event.caught_up
    if answer.document is None or not is_late or turn.in_desk or await _has_apologised(turn):
        return answer
    return replace(answer, document=Document((turn.paragraph("chat.sorry_late"), *answer.document.blocks)))


async def _has_apologised(turn: Turn) -> bool:
    """Whether they read in this conversation already, and lately, that answers come late."""
    said = [Paragraph(turn.services.texts("chat.sorry_late", language)) for language in Language]
    since = turn.now - turn.services.policy.idle
    recent = await turn.uow.conversations.messages(turn.conversation.id, limit=RECENT)
    return any(
        block in said
        for one in recent
        if one.author == "bot" and one.document and one.sent_at > since
        for block in one.document.blocks
    )
