"""Identify: who speaks, and in which conversation."""

import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.engine.rules.small_talk import idle_matter
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef, Identity
from bot.model.people import Account, FoundBy, Known, Person, PersonIdentity
from bot.ports.storage import UnitOfWork

log = logging.getLogger(__name__)

LONGEST_NAME = 100
_NOT_IN_A_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


async def identify(uow: UnitOfWork, identity: Identity, *, beside: Known | None = None) -> tuple[Known, bool]:
    """The Person behind an identity and whether they are new; what the platform says of them is kept fresh.

    Of several identities, the person's name and address follow the one that they came from. `beside`: somebody else who
    was identified in the same unit of work.
    """
    identity = replace(identity, name=readable(identity.name))
    if beside and _is_of(beside.identity, identity):
        return beside, False
    known = await uow.people.known(identity)
    if known is None:
        known = await meet(uow, identity, beside)
        return known, known.found != "email"
    before, person = known.identity, known.person
    is_new_address = identity.email is not None and identity.email != before.email
    follows = person.email == before.email or (person.email is None and is_new_address)
    if is_new_address:
        known = await linked(uow, known, identity)
    person = replace(
        person,
        name=identity.name if identity.name and person.name in (before.name, before.native_id) else person.name,
        email=(identity.email or person.email) if follows else person.email,
        locale=identity.locale or person.locale,
        timezone=identity.timezone or person.timezone,
    )
    if person != known.person:
        uow.people.save(person)
    # A click may come without what the platform knows of who clicked: a guest is one until it says an address, too.
    guest = identity.guest or (before.guest and identity.email is None)
    now = replace(before, name=identity.name or before.name, email=identity.email or before.email, guest=guest)
    if now != before:
        uow.people.save(now)
    return replace(known, person=person, identity=now), False


def readable(name: str) -> str:
    """A name as it can stand in a line: without line ends and what turns a line's direction, and not without end."""
    name = " ".join(_NOT_IN_A_NAME.sub(" ", name).split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


async def linked(uow: UnitOfWork, known: Known, identity: Identity) -> Known:
    """An identity has an address that the desk did not know: whoever had it before is the same person.

    They become one when this event is done with; until then it goes on as of the person who is known by the identity.
    """
    if known.person.email not in (None, known.identity.email, identity.email):
        return known  # known by another address: two people may share an account, or one have two addresses
    others = [one for one in await bearers(uow, identity) if one.id != known.person.id]
    if not others:
        return known
    if len(others) > 1:
        return replace(known, found=_noted("several", known.person.id))
    technician = await uow.people.technician_of(others[0].id)
    if technician and known.technician:
        return replace(known, found=_noted("two_technicians", known.person.id))
    keep, gone = (known.person, others[0]) if known.technician else (others[0], known.person)
    uow.people.merge(keep.id, gone.id)
    return replace(known, found=_noted("email", keep.id))


async def bearers(uow: UnitOfWork, identity: Identity) -> list[Person]:
    """Whose address a platform says is that of this identity. A guest is nobody by their address, nor does anybody
    become one with a guest by it."""
    if not identity.email or identity.guest:
        return []
    found = []
    for person in await uow.people.by_email([identity.email]):
        identities = await uow.people.identities(person.id)
        if not identities or not all(one.guest for one in identities):
            found.append(person)
    return found


def _is_of(known: PersonIdentity, identity: Identity) -> bool:
    theirs = (identity.platform, identity.account, identity.native_id)
    return (known.platform, known.account, known.native_id) == theirs


async def meet(uow: UnitOfWork, identity: Identity, beside: Known | None = None) -> Known:
    """Who has this address already; else a new Person, of the company whose mail addresses look like theirs."""
    account = (identity.platform, identity.account)
    is_noted = beside is not None and (beside.identity.platform, beside.identity.account) == account
    if not is_noted and await uow.people.account(*account) is None:
        uow.people.add(Account(identity.platform, identity.account))
    same = await bearers(uow, identity)
    person = same[0] if len(same) == 1 else await stranger(uow, identity)
    known_as = PersonIdentity(
        person.id,
        identity.platform,
        identity.account,
        identity.native_id,
        identity.name,
        identity.email,
        identity.guest,
    )
    uow.people.add(known_as)
    if len(same) == 1:
        technician = await uow.people.technician_of(person.id)
        return Known(known_as, person, technician, _noted("email", person.id))
    return Known(known_as, person, found=_noted("several", person.id) if same else None)


async def stranger(uow: UnitOfWork, identity: Identity) -> Person:
    company = await uow.people.company(identity.email.rpartition("@")[2].lower()) if identity.email else None
    person = Person(
        name=identity.name or identity.native_id,
        email=identity.email,
        company_id=company.id if company else None,
        locale=identity.locale,
        timezone=identity.timezone,
    )
    uow.people.add(person)
    return person


def _noted(found: FoundBy, person: UUID) -> FoundBy:
    log.info("an address that was not known: %s (person %s)", found, person)
    return found


async def conversation_at(uow: UnitOfWork, ref: ConversationRef, now: datetime, idle: timedelta) -> Conversation | None:
    """The conversation at `ref`, if there has been one. After a long silence its matter is forgotten."""
    found = await uow.conversations.by_ref(ref)
    if found and found.last_message_at and now - found.last_message_at > idle:
        found = replace(found, matter=idle_matter(found.matter))
    return found
