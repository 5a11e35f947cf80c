"""The files that belong to a ticket."""

from collections.abc import Iterable

from bot.attachments.showing import files_block
from bot.engine.work import Work
from bot.model.conversations import Message
from bot.model.documents import Files
from bot.model.tickets import Ticket


async def files_with(work: Work, messages: Iterable[Message]) -> Files | None:
    """Those that came with these messages, and with those that these are copies of."""
    shown = [one for one in messages if not one.deleted]
    ids = {one.id for one in shown} | {one.relay_of for one in shown}
    return files_block(await work.uow.attachments.of([id for id in ids if id]))


async def files_before(work: Work, ticket: Ticket) -> Files | None:
    """Those that the asker sent with what the ticket came of, the present message's with them."""
    said = await work.uow.conversations.messages(ticket.conversation_id)
    question = next((one for one in said if one.id == ticket.question_id), None)
    since = question.sent_at if question else ticket.created_at - work.services.policy.idle
    meant = [one.id for one in said if not one.deleted and since <= one.sent_at <= ticket.created_at]
    kept = await work.uow.attachments.of(meant)
    own = [one for files in work.files.values() for one in files] if ticket.created_at == work.now else []
    return files_block([*kept, *own])
