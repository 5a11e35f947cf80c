"""What technicians are shown of a ticket that came of a public post."""

from uuid import UUID

from bot.engine.work import Work
from bot.model.documents import plain
from bot.model.messages import IncomingMessage
from bot.model.public import PublicPost, Reach
from bot.model.tickets import Ticket
from bot.model.values import Audience, Language
from bot.ports.storage import UnitOfWork


async def post_items(work: Work, ticket: Ticket, language: Language) -> list[tuple[str, str]]:
    """Who posted it, who reads there, and that the ticket is answered in private."""
    if ticket.audience is not Audience.PUBLIC or not work.services.policy.public.platforms:
        return []
    found = _heard(work, ticket)
    if found is None:
        posts = await work.uow.public.of_ticket(ticket.id)
        found = (posts[-1].handle, posts[-1].reach) if posts else None
    if found is None:
        return []
    handle, reach = found
    say = work.services.texts
    parts = (f"@{handle}", say(f"post.reach.{reach}", language), say("post.in_private", language))
    return [(say("field.post", language), plain(" · ".join(part for part in parts if part)))]


def _heard(work: Work, ticket: Ticket) -> tuple[str, Reach] | None:
    """Of the post that is being heard: it is not in the database yet."""
    event = getattr(work, "event", None)
    if not isinstance(event, IncomingMessage) or event.post is None or event.link != ticket.link:
        return None
    return event.post.handle, event.post.reach


async def post_of_message(uow: UnitOfWork, conversation_id: UUID, native_id: str | None) -> PublicPost | None:
    """The post that a message is."""
    place = await uow.conversations.get(conversation_id) if native_id else None
    if place is None or native_id is None or not place.ref.is_public:
        return None
    return await uow.public.by_native_id(place.ref.platform, place.ref.account, native_id)
