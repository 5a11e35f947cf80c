"""The story of one message, in words: what each step found, decided and took."""

import re
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.errors import InvalidInput
from bot.model.conversations import Message, ProcessingStep
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.public.showing import post_of_message
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Story:
    """A message, the steps it went through, and what was said to it with how far that has come."""

    message: Message
    steps: tuple[ProcessingStep, ...]
    replies: tuple[Message, ...]
    post: PublicPost | None = None  # that the message is


# Steps of other releases may lack a detail that a sentence mentions.
DETAILS = "attempt waited_ms type person language intent category urgency sentiment rules kind hits refused answer_from"
UNKNOWN = dict.fromkeys(
    (*DETAILS.split(), "because", "suggest_from", "article", "articles", "ticket", "priority", "message"), "—"
)


async def story_of(uow: UnitOfWork, reference: str) -> Story:
    """The story behind a message's id, or a held post's reference (P12). Raises InvalidInput if there is no such."""
    try:
        id = await _id_of_post(uow, reference) or UUID(reference)
    except ValueError:
        raise InvalidInput(f"{reference!r} is not a message id (they look like 0198c5d2-…)") from None
    message = await uow.conversations.message(id)
    if message is None:
        raise InvalidInput(f"no message {id}")
    if message.in_reply_to is not None and (asked := await uow.conversations.message(message.in_reply_to)):
        message = asked  # the id of an answer tells the story of its question
    said = await uow.conversations.messages(message.conversation_id)
    replies = tuple(one for one in said if one.in_reply_to == message.id)
    post = await post_of_message(uow, message.conversation_id, message.native_id)
    return Story(message, tuple(await uow.conversations.steps(message.id)), replies, post)


async def _id_of_post(uow: UnitOfWork, reference: str) -> UUID | None:
    post = await uow.public.by_number(int(reference[1:])) if re.fullmatch(r"[pP][0-9]{1,9}", reference) else None
    return post.message_id if post else None


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
    if story.post is not None:
        lines.append(of_post(story.post, texts, language))
    if not story.replies:
        lines.append(texts.plain("trace.reply.none", language))
    return "\n".join(lines)


def of_post(post: PublicPost, texts: Texts, language: Language) -> str:
    """Where it stands, and why."""
    key = f"post.because.{post.because}"
    why = texts.plain(key, language) if texts.has(key) else post.because
    reach = texts.plain(f"post.reach.{post.reach}", language)
    where = f"{post.reference} @{post.handle}".strip()
    return texts.plain("trace.post", language, post=where, reach=reach, state=post.state, because=why)


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
