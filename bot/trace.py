"""The story of one message, in words: what each step found, decided and took."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.errors import InvalidInput
from bot.model.conversations import Message, ProcessingStep
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Story:
    """A message, the steps it went through, and what was said to it with how far that has come."""

    message: Message
    steps: tuple[ProcessingStep, ...]
    replies: tuple[Message, ...]


# Steps of other releases may lack a detail that a sentence mentions.
DETAILS = "attempt waited_ms type person language intent category urgency sentiment rules kind hits refused answer_from"
UNKNOWN = dict.fromkeys((*DETAILS.split(), "suggest_from", "article", "articles", "ticket", "priority", "message"), "—")


async def story_of(uow: UnitOfWork, reference: str) -> Story:
    """The story behind a message's id, or the beginning of one. Raises InvalidInput if there is no such message."""
    try:
        id = UUID(reference)
    except ValueError:
        raise InvalidInput(f"{reference!r} is not a message id (they look like 0198c5d2-…)") from None
    message = await uow.conversations.message(id)
    if message is None:
        raise InvalidInput(f"no message {id}")
    if message.in_reply_to is not None and (asked := await uow.conversations.message(message.in_reply_to)):
        message = asked  # the id of an answer tells the story of its question
    said = await uow.conversations.messages(message.conversation_id)
    replies = tuple(one for one in said if one.in_reply_to == message.id)
    return Story(message, tuple(await uow.conversations.steps(message.id)), replies)


def told(story: Story, texts: Texts, language: Language, zone: ZoneInfo) -> str:
    """The story as lines of plain text."""
    message = story.message
    at = format_datetime(message.sent_at, "d MMM y HH:mm:ss", tzinfo=zone, locale=str(language))
    lines = [texts.plain("trace.heard", language, at=at, text=message.text or "—"), ""]
    for step in story.steps:
        lines.append(f"{step.position}. {sentence(step, texts, language)}  ({step.ms:.1f} ms)")
    lines.append("")
    for reply in story.replies:
        key = "trace.reply.posted" if reply.native_id else "trace.reply.waiting"
        lines.append(texts.plain(key, language, id=reply.native_id or "", text=reply.text.split("\n")[0][:200]))
    if not story.replies:
        lines.append(texts.plain("trace.reply.none", language))
    return "\n".join(lines)


def sentence(step: ProcessingStep, texts: Texts, language: Language) -> str:
    """One step in words: with a sentence for its outcome if the catalogue has one, else with the general one."""
    key = f"trace.{step.step}.{step.outcome}"
    if not texts.has(key):
        key = f"trace.{step.step}"
    values = {"outcome": step.outcome, **{name: shown(value) for name, value in step.detail.items()}}
    return texts.plain(key, language, **UNKNOWN | values)


def shown(value: object) -> str:
    """A detail as words; pairs of an article and its confidence stand in brackets."""
    match value:
        case list() | tuple():
            parts = [f"{one[0]} ({one[1]:.2f})" if isinstance(one, list) else str(one) for one in value]
            return ", ".join(parts) or "—"
        case None:
            return "—"
        case _:
            return str(value)
