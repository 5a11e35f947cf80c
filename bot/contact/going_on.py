"""A chat of the contact page goes on in another browser: somebody unverified leaves the one that they began in, such as
an app's own. They stay who they were, and nothing is asked of them but the address that their first browser showed."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from bot.engine.services import Services
from bot.model.contact import ContactGuest, ContactVisit, UsedLink
from bot.model.ids import new_id
from bot.ports.storage import UnitOfWork
from bot.public.links import CHAT, SignedLink, read_link, signed_link

AddressState = Literal["good", "here", "over"]


@dataclass(frozen=True, slots=True)
class Address:
    """`here`: this browser has the chat already. `visit`: that of the chat, unless the address is over."""

    state: AddressState
    visit: ContactVisit | None = None
    link: SignedLink | None = None


def address_of(services: Services, visit: ContactVisit) -> str | None:
    """A new private address of a chat; None of who is known, who has other ways on."""
    if visit.verified_at is not None:
        return None
    return signed_link(services.policy.public, CHAT, visit.id, services.clock())


async def examine(services: Services, uow: UnitOfWork, signed: str, browser: str) -> Address:
    """Nobody can tell an address that was never good from one that was."""
    link = read_link(services.policy.public, CHAT, signed)
    visit = await uow.contact.visit(link.about) if link else None
    if link is None or visit is None:
        return Address("over")
    if await sits_at(uow, visit, browser):
        return Address("here", visit)
    if visit.verified_at or link.is_expired(services.clock()) or await uow.contact.used(link.id):
        return Address("over")
    return Address("good", visit, link)


async def go_on(services: Services, signed: str, browser: str) -> Address:
    """Use the address for this browser. Raises StaleWrite."""
    async with services.storage.unit_of_work() as uow:
        found = await examine(services, uow, signed, browser)
        if found.state == "good" and found.visit and found.link:
            now = services.clock()
            uow.contact.add(ContactGuest(found.visit.id, browser, now))
            uow.contact.add(UsedLink(found.link.id, found.visit.id, now))
            uow.contact.save(replace(found.visit, seen_at=now))  # not while somebody shows who they are
            await uow.commit()
    return found


async def sits_at(uow: UnitOfWork, visit: ContactVisit, browser: str) -> bool:
    """Whether a chat is open in a browser."""
    return visit.browser == browser or any(one.browser == browser for one in await uow.contact.guests(visit.id))


async def still_sits_at(uow: UnitOfWork, visit_id: UUID, browser: str) -> bool:
    """The same, as it is at this moment."""
    visit = await uow.contact.visit(visit_id)
    return visit is not None and await sits_at(uow, visit, browser)


async def visit_about(uow: UnitOfWork, browser: str, post_id: UUID) -> ContactVisit | None:
    """The chat that a browser has about a post: the one in which they are known; else the one that it went on with
    last; else the one that was begun in it."""
    own = await uow.contact.of_post(browser, post_id)
    others = [await uow.contact.visit(one.visit_id) for one in reversed(await uow.contact.guest_in(browser))]
    found = [one for one in (*others, own) if one and one.post_id == post_id]
    return next((one for one in found if one.verified_at), found[0] if found else None)


async def left_alone(uow: UnitOfWork, visit: ContactVisit, browser: str) -> ContactVisit:
    """Who sits at this browser is known from now on: whoever has the chat open in another one has it no more."""
    for one in await uow.contact.guests(visit.id):
        if one.browser != browser:
            uow.contact.save(replace(one, ended_at=visit.seen_at))
    return visit if visit.browser == browser else replace(visit, browser=new_id().hex)  # which is nobody's
