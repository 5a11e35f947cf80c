"""What a chat on the contact page is about, for who answers there."""

from dataclasses import replace

from bot.contact.natives import is_visitor
from bot.engine.turn import Turn
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.public.files import bring


async def post_of_chat(turn: Turn) -> PublicPost | None:
    """The post of who showed that it is theirs, as long as they have not written here since, and it still stands."""
    if not is_visitor(turn.known.identity.native_id):
        return None
    visit = await turn.uow.contact.in_conversation(turn.conversation.id)
    if visit is None or visit.verified_at is None or visit.post_id is None:
        return None
    written = turn.conversation.last_message_at
    if written is not None and written > visit.verified_at:
        return None
    post = await turn.uow.public.get(visit.post_id)
    return post if post and post.text and post.state != "withdrawn" else None


async def note_ticket(turn: Turn, ticket: Ticket) -> None:
    """A ticket that the post's author opens in their chat is the post's, whose files go there."""
    if not is_visitor(turn.known.identity.native_id):
        return
    visit = await turn.uow.contact.in_conversation(turn.conversation.id)
    post = await turn.uow.public.get(visit.post_id) if visit and visit.verified_at and visit.post_id else None
    if post and post.ticket_id is None:
        await bring(turn, post)
        turn.uow.public.save(replace(post, ticket_id=ticket.id))
