"""What is known around a post: who wrote it, what was said in its thread, and what was said to its author today."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.engine.turn import Turn
from bot.model.conversations import Message
from bot.model.messages import IncomingMessage
from bot.model.public import Line, Post, PublicPost
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus
from bot.public.kept import LOOKED_BACK, is_spent, midnight
from bot.public.manners import Situation
from bot.public.opting_out import has_opted_out
from bot.public.pausing import is_paused
from bot.public.reading import Reading

ALIKE = 0.6  # share of the words of a line that stand in what the desk said, from which on the desk said it
_WORD = re.compile(r"\w{2,}")
_ADDRESS = re.compile(r"https?://\S+")


async def situation(turn: Turn, post: Post, reading: Reading, before: PublicPost | None = None) -> Situation:
    """`before`: as the post was known until now, when it is heard anew: what waited to be said to it is not said."""
    event, uow, person = turn.event, turn.uow, turn.known.person.id
    assert isinstance(event, IncomingMessage)
    key = event.key
    others = await earlier_in_thread(turn, post)
    spoken = [one for one in others if one.state in ("approved", "answered")]
    said = await uow.conversations.messages(turn.conversation.id)
    unsaid = before.reply_id if before else None
    ours = [one for one in said if one.author in ("bot", "technician") and not one.deleted and one.id != unsaid]
    posts = await uow.public.of_person(person, turn.now - LOOKED_BACK)
    day = midnight(turn)
    return Situation(
        post=post,
        reading=reading,
        opted_out=await has_opted_out(uow, event.author),
        by_hand=any(one.author == "technician" for one in ours) or is_answered_by_hand(post.thread, ours),
        answered=bool(spoken) or any(one.author == "bot" for one in ours),
        same_author=any(one.person_id == person for one in spoken),
        has_ticket=await own_ticket(turn, post) is not None,
        waiting=any(one.state == "held" for one in others),
        today=any(is_written_to(one, day) for one in posts if one.native_id != key.native_id),
        spent=await is_spent(turn, key.platform, key.account),
        paused=await is_paused(uow),
        approval=turn.services.policy.public.approval,
        pictures=bool(event.files),
    )


async def earlier_in_thread(turn: Turn, post: Post) -> list[PublicPost]:
    """The other posts of its thread that were heard."""
    assert isinstance(turn.event, IncomingMessage)
    key = turn.event.key
    thread = await turn.uow.public.of_thread(key.platform, key.account, post.root)
    return [one for one in thread if one.native_id != key.native_id]


async def own_ticket(turn: Turn, post: Post) -> Ticket | None:
    """The newest ticket that its author has from this thread, unless it is closed."""
    assert isinstance(turn.event, IncomingMessage)
    key = turn.event.key
    thread = await turn.uow.public.of_thread(key.platform, key.account, post.root)
    ids = {one.ticket_id for one in thread if one.ticket_id and one.person_id == turn.known.person.id}
    tickets = [ticket for id in ids if (ticket := await turn.current(id))]
    standing = [ticket for ticket in tickets if ticket.status is not TicketStatus.CLOSED]
    return max(standing, key=lambda ticket: ticket.number, default=None)


def is_answered_by_hand(thread: Sequence[Line], said: Sequence[Message]) -> bool:
    """Whether somebody wrote in a thread from the account without the desk."""
    return any(line.ours and not any(is_said(line, one.text) for one in said) for line in thread)


def is_said(line: Line, text: str) -> bool:
    """Whether a line of a thread is what the desk said, or a part of it. Servers change texts a little: the words are
    compared."""
    words = _words(line.text)
    return not words or len(words & _words(text)) >= ALIKE * len(words)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(_ADDRESS.sub(" ", text))}


def is_written_to(post: PublicPost, since: datetime) -> bool:
    """Whether its author, without having asked, was written to since then, or somebody may decide to."""
    if post.found_by != "hashtag" or post.state not in ("held", "approved", "answered"):
        return False
    return max(at for at in (post.replied_at, post.held_at, post.seen_at) if at) >= since
