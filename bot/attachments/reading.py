"""Who may have a file."""

from uuid import UUID

from bot.model.people import Known
from bot.model.tickets import Attachment
from bot.ports.storage import UnitOfWork


async def readable(uow: UnitOfWork, attachment_id: UUID, known: Known | None) -> Attachment | None:
    """An attachment that this person may have; None for every other, whether it is there or not.

    Technicians may have all of them. Everybody else has what they sent themselves, and what was relayed to a
    conversation of theirs and has not been taken back.
    """
    attachment = await uow.attachments.get(attachment_id) if known else None
    message = await uow.conversations.message(attachment.message_id) if attachment else None
    if known is None or attachment is None or message is None or message.deleted:
        return None
    if known.at_work:
        return attachment
    if message.person_id == known.person.id:
        return attachment
    copies = [one for one in await uow.conversations.copies(message.id) if not one.deleted]
    places = await uow.conversations.by_ids({one.conversation_id for one in copies})
    return attachment if any(place.person_id == known.person.id for place in places.values()) else None
