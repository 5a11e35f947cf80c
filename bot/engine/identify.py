"""Identify: who speaks, and in which conversation."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.rules.small_talk import idle_matter
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef, Identity
from bot.model.people import Account, Known, Person, PersonIdentity
from bot.ports.storage import UnitOfWork


async def identify(uow: UnitOfWork, identity: Identity) -> tuple[Known, bool]:
    """The Person behind an identity and whether they are new; what the platform says of them is kept fresh."""
    known = await uow.people.known(identity)
    if known is None:
        return await meet(uow, identity), True
    person = replace(
        known.person,
        name=identity.name or known.person.name,
        email=identity.email or known.person.email,
        locale=identity.locale or known.person.locale,
        timezone=identity.timezone or known.person.timezone,
    )
    if person != known.person:
        uow.people.save(person)
        known = replace(known, person=person)
    return known, False


async def meet(uow: UnitOfWork, identity: Identity) -> Known:
    """A new Person, of the company whose mail addresses look like theirs."""
    if await uow.people.account(identity.platform, identity.account) is None:
        uow.people.add(Account(identity.platform, identity.account))
    company = await uow.people.company(identity.email.rpartition("@")[2].lower()) if identity.email else None
    person = Person(
        name=identity.name or identity.native_id,
        email=identity.email,
        company_id=company.id if company else None,
        locale=identity.locale,
        timezone=identity.timezone,
    )
    known_as = PersonIdentity(
        person.id,
        identity.platform,
        identity.account,
        identity.native_id,
        identity.name,
        identity.email,
        identity.guest,
    )
    uow.people.add(person)
    uow.people.add(known_as)
    return Known(known_as, person)


async def conversation_at(uow: UnitOfWork, ref: ConversationRef, now: datetime, idle: timedelta) -> Conversation | None:
    """The conversation at `ref`, if there has been one. After a long silence its matter is forgotten."""
    found = await uow.conversations.by_ref(ref)
    if found and found.last_message_at and now - found.last_message_at > idle:
        found = replace(found, matter=idle_matter(found.matter))
    return found
