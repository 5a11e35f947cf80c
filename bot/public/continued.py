"""Somebody who wrote in public goes on in private: the desk knows what about, and they need not repeat themselves."""

from dataclasses import replace
from datetime import timedelta

from bot.contact.chat import post_of_chat
from bot.engine.rules.questions import look_up, matter_of
from bot.engine.rules.tickets import add_detail, press
from bot.engine.turn import Answer, Turn
from bot.model.conversations import Matter
from bot.model.documents import Document, Paragraph
from bot.model.messages import Quoted, Said
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind
from bot.public.cards import show
from bot.public.files import bring
from bot.public.opting_out import is_direct
from bot.tickets.cards import moment
from bot.tickets.opening import open_ticket

RECENT = timedelta(days=3)  # for so long what is written first in private is about what was posted
LONGEST_QUOTE = 140  # characters


async def after_post(turn: Turn) -> Answer | None:
    """The first direct message after a post, or the first words of who showed that it is theirs.

    Words for a complaint go to its ticket, which is opened if there is none; who only says hello is answered what they
    asked in public.
    """
    said = turn.understanding
    post = None if said.new_question or said.thanks else await post_before(turn)
    if post is None:
        return None
    ticket = await turn.current(post.ticket_id) if post.ticket_id else None
    if ticket is not None:
        return await to_ticket(turn, post, ticket) if ticket.is_active else None
    if post.complaint:
        return await as_ticket(turn, post)
    return await as_question(turn, post) if says_little(turn) else None


async def post_before(turn: Turn) -> PublicPost | None:
    """Their last post of these days that still stands, unless they have written here since."""
    if not is_direct(turn):
        return await post_of_chat(turn)
    posts = await turn.uow.public.of_person(turn.known.person.id, turn.now - RECENT)
    standing = [one for one in posts if one.text and one.state != "withdrawn"]
    if not standing:
        return None
    written = turn.conversation.last_message_at
    return standing[-1] if written is None or written < standing[-1].seen_at else None


def says_little(turn: Turn) -> bool:
    return turn.understanding.greeting or turn.understanding.vague


async def to_ticket(turn: Turn, post: PublicPost, ticket: Ticket) -> Answer:
    if turn.understanding.greeting:
        return about(turn, post, turn.chat("public.about.ticket", reference=ticket.reference))
    reason = turn.understanding.ticket_at_once
    added = press(turn, ticket, reason) if reason else add_detail(turn, ticket)
    return about(turn, post, await added)


async def as_ticket(turn: Turn, post: PublicPost) -> Answer:
    now, posted = matter_of(turn), _matter_of(turn, post)
    # What they say now comes first; what it does not tell is known from the post.
    matter = posted if says_little(turn) else replace(
        now, category=now.category or posted.category, entities=posted.entities.merged(now.entities)
    )  # fmt: skip
    matter = replace(matter, urgency=max(now.urgency, post.urgency, key=lambda one: one.rank))
    there = await turn.place_by_id(post.conversation_id)
    assert there is not None, "a post keeps its conversation"
    said = (Said(f"@{post.handle}", post.text, post.sent_at),)
    quoted = Quoted(post.native_id, there.ref, text=post.text, sent_at=post.sent_at, link=post.link, thread=said)
    await bring(turn, post)
    answer = await open_ticket(turn, turn.understanding.ticket_at_once or "complaint", matter, quoted=quoted)
    assert answer.ticket is not None
    taken = replace(post, ticket_id=answer.ticket.id)
    turn.uow.public.save(await show(turn, taken) if taken.number else taken)
    return about(turn, post, answer)


async def as_question(turn: Turn, post: PublicPost) -> Answer:
    return about(turn, post, await look_up(turn, _matter_of(turn, post)))


def _matter_of(turn: Turn, post: PublicPost) -> Matter:
    said = turn.services.understander.understand(post.text, language=post.language, post=True)
    return Matter(
        question=post.text,
        question_message=turn.message.id,
        category=said.category,
        intent=said.intent,
        urgency=said.urgency,
        sentiment=said.sentiment,
        deadline=said.deadline,
        entities=said.entities,
    )


def about(turn: Turn, post: PublicPost, answer: Answer) -> Answer:
    """The answer, after what it is about."""
    words = " ".join(post.text.split())
    short = words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE].rstrip()}…"
    first = Paragraph(turn.say("public.about", when=moment(turn, post.sent_at, turn.language), text=short))
    blocks = answer.document.blocks if answer.document else ()
    kind = AnswerKind.CHAT if answer.document is None else answer.kind
    return replace(answer, kind=kind, document=Document((first, *blocks)))
