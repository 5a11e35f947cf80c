"""The files that belong to a ticket."""

from collections.abc import Collection, Iterable
from uuid import UUID

from bot.attachments.showing import files_block
from bot.engine.work import Work
from bot.model.conversations import Message
from bot.model.documents import Files
from bot.model.tickets import Ticket
from bot.public.files import message_ids


async def files_with(work: Work, messages: Iterable[Message], also: Collection[UUID] = ()) -> Files | None:
    """Those that came with these messages, and with those that these are copies of. `also`: ids of more messages."""
    shown = [one for one in messages if not one.deleted]
    ids = {one.id for one in shown} | {one.relay_of for one in shown} | set(also)
    return files_block(await work.uow.attachments.of([id for id in ids if id]))


async def files_before(work: Work, ticket: Ticket) -> Files | None:
    """Those that the asker sent with what the ticket came of, in public or not, the present message's with them."""
    posts = await message_ids(work.uow, ticket)
    meant = [*await _said_before(work, ticket), *posts]
    kept = {one.id: one for one in await work.uow.attachments.of(meant)}
    is_new = ticket.created_at == work.now
    for id, files in work.files.items():  # as this work has changed them
        kept |= {one.id: one for one in files if is_new or id in posts}
    return files_block(kept.values())


async def _said_before(work: Work, ticket: Ticket) -> list[UUID]:
    """What the asker wrote to the desk alone; where anybody writes, others did, too."""
    place = await work.place_by_id(ticket.conversation_id)
    if place is None or place.ref.is_public:
        return []
    said = await work.uow.conversations.messages(ticket.conversation_id)
    question = next((one for one in said if one.id == ticket.question_id), None)
    since = question.sent_at if question else ticket.created_at - work.services.policy.idle
    return [one.id for one in said if not one.deleted and since <= one.sent_at <= ticket.created_at]
