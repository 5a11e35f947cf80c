"""What its author does with a post later: edits and deletions are followed."""

from dataclasses import replace

from bot.engine.following import follow_edit
from bot.engine.services import LONGEST_TEXT
from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.model.messages import IncomingDeletion, IncomingMessage
from bot.model.public import Post, PublicPost
from bot.ports.storage import UnitOfWork
from bot.public.around import is_answered_by_hand
from bot.public.cards import show
from bot.public.file_news import follow_files
from bot.public.held import drop, take_back_reply, withdraw
from bot.public.replying import unsay
from bot.tickets.lifecycle import UNDO_WINDOW


async def is_newer(uow: UnitOfWork, before: PublicPost, event: IncomingMessage) -> bool:
    """Whether an event tells of a later version than the one that is known: not the same twice, nor an older one."""
    message = await uow.conversations.message(before.message_id)
    return bool(event.key.revision) and message is not None and event.sent_at > message.sent_at


async def keeps_standing(turn: Turn, before: PublicPost) -> bool:
    """Whether nothing new is said to a post that was edited: it was answered, or decided about, or its words are in a
    ticket, where they change; or somebody of the organisation has answered it by hand, and nothing is left to decide.
    What is on hold is decided about anew, unless nothing of it has changed."""
    event = turn.event
    assert isinstance(event, IncomingMessage) and event.post is not None
    if before.state == "held" and await was_answered_by_hand(turn, event.post):
        await drop(turn, before, "by_hand")
        return True
    message = await turn.uow.conversations.message(before.message_id)
    assert message is not None, "a post keeps its message"
    text = turn.services.understander.understand(event.text[:LONGEST_TEXT], post=True).text
    is_on_hold = before.state == "approved" and before.replied_at and turn.now <= before.replied_at + UNDO_WINDOW
    if before.state == "held" and (text, event.post.warning) == (before.text, before.warning):
        if await follow_files(turn, before, event.files):
            turn.uow.public.save(await show(turn, before))
        return True
    is_relayed = await follow_edit(turn, message, text)
    if not is_relayed and (before.state in ("seen", "held") or is_on_hold):
        await take_back_reply(turn, before)
        turn.uow.conversations.save(replace(message, deleted=True, text=""))
        return False
    if not is_relayed:
        turn.uow.conversations.save(replace(message, text=text, sent_at=event.sent_at))
    await follow_files(turn, before, event.files)
    kept = replace(before, text=text)
    turn.uow.public.save(await show(turn, kept) if kept.number else kept)
    return True


async def was_answered_by_hand(turn: Turn, post: Post) -> bool:
    said = await turn.uow.conversations.messages(turn.conversation.id)
    ours = [one for one in said if one.author in ("bot", "technician") and not one.deleted]
    return is_answered_by_hand(post.thread, ours)


async def post_taken_back(work: Work, event: IncomingDeletion) -> IncomingDeletion:
    """Its author deleted a post: what was not sent is not, and its words are forgotten. The event, at the place where
    the post stood."""
    key = event.key
    post = await work.uow.public.by_native_id(key.platform, key.account, event.message)
    if post is None:
        return event
    await unsay(work, post, "deleted")
    gone = await withdraw(work, replace(post, text=""), "deleted")
    if gone.state != "withdrawn":
        gone = replace(gone, state="withdrawn" if gone.state == "seen" else gone.state)
        work.uow.public.save(await show(work, gone) if gone.number else gone)
    place = await work.uow.conversations.get(post.conversation_id)
    return replace(event, conversation=place.ref) if place else event
