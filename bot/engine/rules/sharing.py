"""Answers to quiet questions: seen by who asked alone, until they share them with the room."""

from dataclasses import replace
from uuid import UUID

from bot.engine.retrieval import may_show
from bot.engine.turn import Answer, Turn
from bot.model.conversations import Message
from bot.model.documents import Actions, Block, Button, Document, Paragraph, Sources
from bot.model.messages import ConversationRef, IncomingMessage
from bot.model.values import AnswerKind, Audience, Language
from bot.problems.wording import least
from bot.tickets.summary import title_of

WORTH_SHARING = frozenset({AnswerKind.ANSWER, AnswerKind.KNOWN_PROBLEM, AnswerKind.REFERRAL})
FOR_THEM = ("secret.masked", "chat.sorry_late")  # said to who asked, of no use to others
_BETWEEN = "|"


def shareable(turn: Turn, answer: Answer) -> Answer:
    """The answer to a quiet question with a button that shows it to the room."""
    event = turn.event
    if not isinstance(event, IncomingMessage) or not event.quiet or event.asked_in is None:
        return answer
    if answer.document is None or answer.kind not in WORTH_SHARING:
        return answer
    value = _BETWEEN.join((str(turn.message.id), event.asked_among, event.asked_in.room, event.asked_in.thread or ""))
    button = Actions((Button("share", turn.say("button.share"), value),))
    return replace(answer, document=Document((*answer.document.blocks, button)))


async def share(turn: Turn, value: str) -> Answer:
    """Post the answer in the room in which its question was put, for who reads there, once."""
    shared = await _meant(turn, value)
    if shared is None:
        return turn.chat("click.outdated")
    turn.for_them_alone = True
    answer, room, audience = shared
    if await turn.uow.conversations.copies(answer.id):
        return turn.chat("share.already")
    if not await may_read(turn, answer, audience):
        return turn.chat("share.not_for_all")
    question = await turn.uow.conversations.message(answer.in_reply_to) if answer.in_reply_to else None
    named = turn.paragraph(
        "share.by", name=turn.known.person.name, question=title_of(question.text if question else "")
    )
    theirs = {Paragraph(turn.services.texts(key, language)) for key in FOR_THEM for language in Language}
    shown = [block for block in blocks_of(answer) if not isinstance(block, Actions) and block not in theirs]
    document = Document((named, *shown))
    turn.post(await turn.place(room), document, language=answer.language, relay_of=answer)
    return turn.chat("share.done")


async def _meant(turn: Turn, value: str) -> tuple[Message, ConversationRef, Audience] | None:
    """The answer in this conversation, the room to show it to, and who reads there: the fewest rights of what was known
    then and is known now."""
    name, _, rest = value.partition(_BETWEEN)
    among, _, where = rest.partition(_BETWEEN)
    room, _, thread = where.partition(_BETWEEN)
    try:
        question, audience = UUID(name), Audience(among)
    except ValueError:
        return None
    here = turn.conversation
    said = await turn.uow.conversations.messages(here.id)
    answer = next((one for one in said if one.in_reply_to == question and one.author == "bot" and one.document), None)
    if answer is None or not room:
        return None
    ref = ConversationRef(here.ref.platform, here.ref.account, room, thread or None)
    return answer, ref, least(audience, turn.audience)


async def may_read(turn: Turn, answer: Message, audience: Audience) -> bool:
    """Whether everybody in the room may read all that the answer rests on."""
    if audience is Audience.INTERNAL:
        return True
    ids = [source.id for block in blocks_of(answer) if isinstance(block, Sources) for source in block.items]
    articles = await turn.uow.knowledge.articles(ids)
    return all(may_show(articles.get(id), audience) for id in ids) if ids else answer.audience is Audience.PUBLIC


def blocks_of(answer: Message) -> tuple[Block, ...]:
    return answer.document.blocks if answer.document else ()
