"""What a visitor may read: their own chat; once it is known who they are, what was said with them about the matter."""

from bot.contact.visits import author_of
from bot.model.contact import ContactVisit
from bot.model.conversations import Conversation
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.ports.storage import UnitOfWork
from bot.public.rooms import direct_room


async def places_of(uow: UnitOfWork, visit: ContactVisit, post: PublicPost | None) -> list[Conversation]:
    """The chat first. Nothing that anybody reads, and nothing that was said with anybody else."""
    chat = await uow.conversations.get(visit.conversation_id)
    if chat is None:
        return []
    if visit.verified_at is None:
        return [chat]
    wanted = {one.conversation_id for one in await uow.contact.verified(visit.person_id) if _is_same(one, visit)}
    wanted |= {visit.about_id} if visit.about_id else set()
    found = {chat.id: chat} | await uow.conversations.by_ids(wanted)
    if post and (author := await author_of(uow, post)):
        room = await uow.conversations.by_ref(direct_room(author))
        found |= {room.id: room} if room else {}
    tickets = {one.ticket_id for id in found for one in await uow.tickets.places_in(id) if one.side == "asker"}
    shown = {one.conversation_id for id in tickets for one in await uow.tickets.places(id) if one.side == "asker"}
    found |= await uow.conversations.by_ids(shown - set(found))
    return [one for one in found.values() if one.person_id == visit.person_id and not one.ref.is_public]


def _is_same(one: ContactVisit, other: ContactVisit) -> bool:
    if other.post_id:
        return one.post_id == other.post_id
    about = {other.about_id, other.conversation_id} - {None}
    return bool(about & {one.about_id, one.conversation_id})


async def tickets_of(uow: UnitOfWork, visit: ContactVisit, places: list[Conversation]) -> list[Ticket]:
    """Their own that are answered there and not closed, the newest first."""
    ids = {one.ticket_id for place in places for one in await uow.tickets.places_in(place.id) if one.side == "asker"}
    found = (await uow.tickets.by_ids(ids)).values() if ids else ()
    mine = [one for one in found if one.asker_id == visit.person_id and one.closed_at is None]
    return sorted(mine, key=lambda one: -one.number)


async def post_of(uow: UnitOfWork, visit: ContactVisit, tickets: list[Ticket]) -> PublicPost | None:
    """The post that it is about: the visit's own, or of who is known the one that their ticket came of."""
    if visit.post_id:
        return await uow.public.get(visit.post_id)
    if visit.verified_at is None:
        return None
    earlier = await uow.contact.in_conversation(visit.about_id) if visit.about_id else None
    if earlier and earlier.post_id and earlier.person_id == visit.person_id:
        return await uow.public.get(earlier.post_id)
    for ticket in tickets:
        for post in await uow.public.of_ticket(ticket.id):
            if post.person_id == visit.person_id:
                return post
    return None
