"""Replies that wait for a technician: what may be done with one, and what becomes of it.

Of any number who decide at once one does; the others are told who, and what.
"""

from dataclasses import replace
from datetime import timedelta

from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.errors import InvalidInput
from bot.model.documents import Actions, Button, Document, plain
from bot.model.public import PublicPost
from bot.public.cards import show
from bot.public.composing import announced, compose, passage_in, timeless
from bot.public.ends import remember_told
from bot.public.kept import count_after, is_spent, is_thread_answered, is_written_to_today, reading_of
from bot.public.left_alone import opt_out_of
from bot.public.limits import limits_of
from bot.public.links import post_link
from bot.public.reply import Confirmed, NotPublic, PublicReply, as_stored, defused, of_technician, target_of
from bot.public.replying import findings
from bot.public.scanning import Findings, known_names, scan
from bot.texts import Inline
from bot.tickets.lifecycle import UNDO_WINDOW

LATER = timedelta(seconds=3)  # beyond what is left to take it back: of two that come at once, that one wins


async def hold(work: Work, post: PublicPost, reply: PublicReply | None) -> PublicPost:
    """The post, held: a technician decides what is said to it. `reply` is what the desk would say, if it would.

    Whoever calls this keeps the row.
    """
    number = post.number or await work.uow.public.next_number()
    held_at, document = post.held_at or work.now, reply.document if reply else None
    held = replace(_undecided(post), number=number, held_at=held_at, reply=document, edited=False)
    return await show(work, held)


async def approve(turn: Turn, post: PublicPost) -> Document:
    """What is held is on its way, half a minute from now. Raises InvalidInput."""
    await _must_wait(turn, post)
    if post.reply is None:
        raise InvalidInput(turn.say("post.no_reply", reference=post.reference, command=edit_command(turn, post)))
    await _is_not_too_much(turn, post)
    reply = await _as_shown(turn, post)
    if reply is None:
        turn.uow.public.save(await hold(turn, replace(post, because="changed"), await composed_anew(turn, post)))
        return turn.document("post.changed", reference=post.reference)
    place = await turn.place_by_id(post.conversation_id)
    assert place is not None, "a post stands in a conversation"
    held_for = UNDO_WINDOW + LATER
    sent = turn.post_public(place, reply, answers=post.message_id, held_for=held_for, key=f"public:{post.id}")
    await count_after(turn, post.platform, post.account)
    if problem := await announced(turn, reading_of(turn, post)):
        await remember_told(turn, problem, post)
    approved = replace(
        post, state="approved", reply=reply.document, decided_at=turn.now, decided_by=turn.known.person.id,
        replied_at=turn.now, reply_id=sent.id,
    )  # fmt: skip
    turn.uow.public.save(await show(turn, approved))
    seconds = int(UNDO_WINDOW.total_seconds())
    return with_undo(turn, approved, "post.approved", seconds=seconds)


async def leave(turn: Turn, post: PublicPost) -> Document:
    """Nothing is said to it. Raises InvalidInput."""
    await _must_wait(turn, post)
    left = replace(post, state="left", decided_at=turn.now, decided_by=turn.known.person.id)
    turn.uow.public.save(await show(turn, left))
    return with_undo(turn, left, "post.left")


async def undo(turn: Turn, post: PublicPost) -> Document:
    """Held again: what somebody left, or what was approved less than half a minute ago. Raises InvalidInput."""
    was_approved = post.state == "approved" and post.replied_at and turn.now <= post.replied_at + UNDO_WINDOW
    was_left = post.state == "left" and post.decided_by is not None
    stopped = await opt_out_of(turn, post.person_id, post.platform, post.account)
    if not (was_approved or (was_left and not stopped)):
        seconds = int(UNDO_WINDOW.total_seconds())
        raise InvalidInput(turn.say("post.no_undo", reference=post.reference, seconds=seconds))
    await take_back_reply(turn, post)
    turn.uow.public.save(await show(turn, _undecided(post)))
    return turn.document("post.held_again", reference=post.reference)


async def edit(turn: Turn, post: PublicPost, text: str) -> Document:
    """A technician's own words in the place of those that are held; they wait for approval as before. Raises
    InvalidInput with what is wrong about them."""
    await _must_wait(turn, post)
    found = await scanned(turn, post, text)
    if found:
        raise _not_public(turn, post, found)
    policy = turn.services.policy.public
    target = target_of(post, policy)
    try:
        words = Confirmed(found.text, turn.known.person.id)
        reply = of_technician(turn.services, words, target, post.language)
    except NotPublic as error:
        raise InvalidInput(turn.say("post.empty", reference=post.reference)) from error
    limits = await limits_of(turn.uow, policy, post)
    if (over := limits.size(reply.document) - limits.room(target.handle, target.warning)) > 0:
        longest = limits.characters
        raise InvalidInput(turn.say("post.too_long", reference=post.reference, over=over, longest=longest))
    changed = await show(turn, replace(post, reply=reply.document, edited=True))
    turn.uow.public.save(changed)
    said = turn.paragraph("post.edited", reference=post.reference)
    button = Button("post_approve", turn.say("button.post_approve"), str(post.id), "primary")
    return Document((said, *reply.document.blocks, Actions((button,))))


async def scanned(turn: Turn, post: PublicPost, text: str) -> Findings:
    """What must not stand in words that are said to a post: also, where it has a ticket, what is noted on that, and
    what was said in private. Its author's handle calls nobody; the desk's own address may stand there."""
    words = "\n".join(" ".join(line.split()) for line in defused(text).splitlines())
    ticket = await turn.current(post.ticket_id) if post.ticket_id else None
    if ticket is not None:
        return await findings(turn, ticket, post, words)
    author = await turn.uow.people.person(post.person_id)
    names = await known_names(turn.uow, turn.services.texts, words, [author.name] if author else [])
    policy = turn.services.policy.public
    allowed = tuple(filter(None, (post.link, post_link(policy, post.token), policy.site)))
    return scan(words, names=names, country=policy.country, allowed=allowed)


async def withdraw(work: Work, post: PublicPost, because: str) -> PublicPost:
    """What waits to be said to a post is not said: its author does not want it any more. What has gone out stays."""
    if post.state not in ("held", "approved", "answered") or (post.reply_id and not await _is_unsent(work, post)):
        return post
    await take_back_reply(work, post)
    gone = replace(post, state="withdrawn", because=because, replied_at=None, reply_id=None)
    gone = await show(work, gone) if gone.number else gone
    work.uow.public.save(gone)
    return gone


async def refused(work: Work, post: PublicPost, *, is_over: bool) -> None:
    """The platform did not take the reply: nothing was said. A technician decides anew, unless it `is_over`."""
    await take_back_reply(work, post)
    if is_over:
        gone = replace(_undecided(post), state="withdrawn", because="refused")
        work.uow.public.save(await show(work, gone) if gone.number else gone)
        return
    number = post.number or await work.uow.public.next_number()
    again = replace(_undecided(post), number=number, held_at=work.now, reminded_at=None, because="refused")
    work.uow.public.save(await show(work, again))


async def drop(work: Work, post: PublicPost, because: str) -> None:
    """Nothing is to be decided about it any more."""
    dropped = replace(post, state="left", because=because, decided_at=work.now, decided_by=None)
    work.uow.public.save(await show(work, dropped))


async def take_back_reply(work: Work, post: PublicPost) -> None:
    """Withdraw the reply that is not sent yet, if there is one."""
    message = await work.uow.conversations.message(post.reply_id) if post.reply_id else None
    if message is not None:
        work.uow.outbox.withdraw(message.id)
        work.uow.conversations.save(replace(message, deleted=True))


async def composed_anew(work: Work, post: PublicPost) -> PublicReply | None:
    """What the desk would say to it now. An article that is not for everybody any more is left out."""
    ticket = await work.current(post.ticket_id) if post.ticket_id else None
    reading, passage = reading_of(work, post), passage_in(post)
    try:
        return await compose(work, post, reading, passage=passage, ticket=ticket)
    except NotPublic:
        return await compose(work, post, reading, ticket=ticket)


def with_undo(turn: Turn, post: PublicPost, key: str, **values: object) -> Document:
    said = turn.paragraph(key, reference=post.reference, **values)
    return Document((said, Actions((Button("post_undo", turn.say("button.undo"), str(post.id)),))))


async def _as_shown(turn: Turn, post: PublicPost) -> PublicReply | None:
    """The reply that the technician saw, with the times as they are now; None if it cannot be said any more, or if the
    desk would say something else by now."""
    stored = await as_stored(turn.services, turn.uow, post)
    if stored is None:
        return None
    if post.edited:
        if found := await scanned(turn, post, stored.document.text):
            raise _not_public(turn, post, found)
        return stored
    fresh = await composed_anew(turn, post)
    services, language = turn.services, post.language
    if fresh is None or timeless(services, fresh.document, language) != timeless(services, stored.document, language):
        return None
    return fresh


async def _must_wait(turn: Turn, post: PublicPost) -> None:
    """Raises InvalidInput that says what was decided, and by whom."""
    if post.state == "held":
        return
    person = await turn.uow.people.person(post.decided_by) if post.decided_by else None
    if person is not None and post.state in ("approved", "answered", "left"):
        key = "post.was_left" if post.state == "left" else "post.was_approved"
        raise InvalidInput(turn.say(key, reference=post.reference, name=person.name))
    raise InvalidInput(turn.say("post.not_held", reference=post.reference))


async def _is_not_too_much(turn: Turn, post: PublicPost) -> None:
    """Once in a thread, unless the words are a technician's own; to who did not ask, once a day, and to no more of them
    than a day may have. Raises InvalidInput."""
    if not post.edited and await is_thread_answered(turn, post):
        command = edit_command(turn, post)
        raise InvalidInput(turn.say("post.thread_answered", reference=post.reference, command=command))
    if post.found_by != "hashtag":
        return
    if await is_spent(turn, post.platform, post.account):
        most = turn.services.policy.public.daily_replies
        raise InvalidInput(turn.say("post.day_is_full", reference=post.reference, count=most))
    if await is_written_to_today(turn, post):
        raise InvalidInput(turn.say("post.written_to_today", reference=post.reference))


async def _is_unsent(work: Work, post: PublicPost) -> bool:
    message = await work.uow.conversations.message(post.reply_id) if post.reply_id else None
    return message is not None and message.native_id is None


def _undecided(post: PublicPost) -> PublicPost:
    return replace(post, state="held", decided_at=None, decided_by=None, replied_at=None, reply_id=None)


def _not_public(turn: Turn, post: PublicPost, found: Findings) -> InvalidInput:
    """What was found, as it is named elsewhere, with the words."""
    said = [f"{turn.say(f'public.kind.{one.kind}')} (« {plain(one.text[:60])} »)" for one in found.found]
    named = Inline(", ".join(dict.fromkeys(said)))
    return InvalidInput(turn.say("post.not_public", reference=post.reference, found=named))


def edit_command(turn: Turn, post: PublicPost) -> Inline:
    return turn.typed("desk.mastodon", turn.say("post.word.edit"), post.reference, "…")
