"""Links in direct messages: each lets one browser in, for one conversation. Opening one does nothing."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from bot.contact.going_on import left_alone
from bot.contact.proving import attach
from bot.contact.telling import tell
from bot.contact.visits import begin_as
from bot.engine.services import Services
from bot.engine.working import working
from bot.model.contact import ContactVisit, UsedLink
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef, Identity
from bot.ports.storage import UnitOfWork
from bot.public.links import DIRECT, SignedLink, read_link
from bot.tickets.threads import tickets_asked_in

LinkState = Literal["good", "expired", "used", "unknown"]


@dataclass(frozen=True, slots=True)
class Examined:
    """`visit`: that which the link let in, where it was this browser's."""

    state: LinkState
    link: SignedLink | None = None
    visit: ContactVisit | None = None


async def examine(services: Services, uow: UnitOfWork, signed: str, browser: str | None) -> Examined:
    link = read_link(services.policy.public, DIRECT, signed)
    if link is None or await whose(uow, link.about) is None:
        return Examined("unknown")
    if used := await uow.contact.used(link.id):
        visit = await uow.contact.visit(used.visit_id)
        return Examined("used", link, visit if visit and visit.browser == browser else None)
    return Examined("expired" if link.is_expired(services.clock()) else "good", link)


async def whose(uow: UnitOfWork, conversation_id: UUID) -> Conversation | None:
    """The conversation, if it is one that somebody has alone with the desk, and who is still known."""
    place = await uow.conversations.get(conversation_id)
    person = await uow.people.person(place.person_id) if place and place.person_id else None
    if place is None or person is None or person.erased_at or place.ref.is_public:
        return None
    return place


async def let_in(
    services: Services, signed: str, visit: ContactVisit, identity: Identity, chat: ConversationRef
) -> Examined:
    """Use the link for this browser, whose visit is noted as `visit` says where it has none. Raises StaleWrite."""
    async with working(services, f"contact:link:{visit.browser}:{visit.about_id}") as work:
        found = await examine(services, work.uow, signed, visit.browser)
        if found.state != "good" or found.link is None:
            return found
        about = await whose(work.uow, found.link.about)
        assert about is not None and about.person_id is not None
        person = await work.uow.people.person(about.person_id)
        assert person is not None
        own = await work.uow.contact.in_conversation(about.id)
        known = own if own and own.browser == visit.browser else None
        begun = own.about_id if own and own.about_id else about.id  # of a link's link: what the first was for
        known = known or await work.uow.contact.of_link(visit.browser, begun)
        if known:
            visit = replace(known, seen_at=work.now, verified_at=known.verified_at or work.now)
            visit = await left_alone(work.uow, visit, visit.browser)
            work.uow.contact.save(visit)
        else:
            visit = replace(visit, about_id=begun, verified_at=work.now)
            visit = await begin_as(work, visit, replace(identity, name=person.name), chat, person.id)
        work.uow.contact.add(UsedLink(found.link.id, visit.id, work.now))
        place = await work.place_by_id(visit.conversation_id)
        for ticket in await tickets_asked_in(work.uow, about, work.now) if place else ():
            await attach(work, ticket, place or about, person)
            for post in await work.uow.public.of_ticket(ticket.id):
                if post.person_id == person.id and post.verified_at is None:
                    opened = post.opened_at or work.now
                    work.uow.public.save(replace(post, opened_at=opened, verified_at=work.now))
    return Examined("good", found.link, visit)


async def send_again(services: Services, signed: str) -> bool:
    """A new link, to where the first one went; whether there was anybody to send it to."""
    link = read_link(services.policy.public, DIRECT, signed)
    if link is None:
        return False
    async with working(services, f"contact:again:{link.about}:{services.clock().timestamp():.0f}") as work:
        place = await whose(work.uow, link.about)
        return place is not None and await tell(work, place, "contact.link_again")


async def send_for(services: Services, visit_id: UUID) -> bool:
    """A new link to go on with a chat in another browser, to who had it."""
    async with working(services, f"contact:again:{visit_id}:{services.clock().timestamp():.0f}") as work:
        visit = await work.uow.contact.visit(visit_id)
        place = await whose(work.uow, visit.conversation_id) if visit else None
        return place is not None and await tell(work, place, "contact.link_again")
