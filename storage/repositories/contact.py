"""Who has a chat on the contact page."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, not_, or_

from bot.model.contact import ContactGuest, ContactRecord, ContactVisit, UsedLink
from storage.models.base import among
from storage.models.contact import contact_guests as guests
from storage.models.contact import contact_visits as visits
from storage.models.contact import used_links
from storage.models.conversations import messages
from storage.models.types import Utc
from storage.records import CONTACT_GUESTS, CONTACT_VISITS, USED_LINKS
from storage.repositories.base import Repository

_VISITS = CONTACT_VISITS.select()
_BY_ID = _VISITS.where(visits.c.id == bindparam("id"))
_OF_BROWSER = visits.c.browser == bindparam("browser")
_ALL_OF_BROWSER = _VISITS.where(_OF_BROWSER).order_by(visits.c.created_at, visits.c.id)
_OF_POST = _VISITS.where(_OF_BROWSER, visits.c.post_id == bindparam("id"))
_OF_LINK = _VISITS.where(_OF_BROWSER, visits.c.about_id == bindparam("id"))
_IN_CONVERSATION = _VISITS.where(visits.c.conversation_id == bindparam("id"))
_VERIFIED = _VISITS.where(visits.c.person_id == bindparam("id"), visits.c.verified_at.is_not(None)).order_by(
    visits.c.created_at, visits.c.id
)
_GUESTS = CONTACT_GUESTS.select().where(guests.c.ended_at.is_(None)).order_by(guests.c.since, guests.c.id)
_OF_VISIT = _GUESTS.where(guests.c.visit_id == bindparam("id"))
_GUEST_IN = _GUESTS.where(guests.c.browser == bindparam("browser"))
_USED = USED_LINKS.select().where(used_links.c.id == bindparam("id"))
_WAITING = exists().where(
    messages.c.conversation_id == visits.c.conversation_id,
    messages.c.author == "technician",
    messages.c.native_id.is_not(None),
    not_(messages.c.deleted),
    messages.c.sent_at > visits.c.seen_at,
    messages.c.sent_at <= bindparam("before", type_=Utc),
    or_(visits.c.told_at.is_(None), messages.c.sent_at > visits.c.told_at),
)
_UNREAD = (
    _VISITS.where(
        visits.c.seen_at < bindparam("absent", type_=Utc),
        or_(visits.c.told_at.is_(None), visits.c.told_at <= bindparam("told", type_=Utc)),
        or_(visits.c.verified_at.is_not(None), among(visits.c.way, "email", "mastodon")),
        _WAITING,
    )
    .order_by(visits.c.seen_at, visits.c.id)
    .limit(bindparam("most"))
)


class SqlContact(Repository):
    __slots__ = ()

    def add(self, record: ContactRecord) -> None:
        self._changes.add(record)

    def save(self, record: ContactVisit | ContactGuest) -> None:
        self._changes.save(record)

    async def visit(self, id: UUID) -> ContactVisit | None:
        return await self._one(CONTACT_VISITS, _BY_ID, id=id)

    async def of_browser(self, browser: str) -> list[ContactVisit]:
        return await self._all(CONTACT_VISITS, _ALL_OF_BROWSER, browser=browser)

    async def of_post(self, browser: str, post_id: UUID) -> ContactVisit | None:
        return await self._one(CONTACT_VISITS, _OF_POST, browser=browser, id=post_id)

    async def of_link(self, browser: str, conversation_id: UUID) -> ContactVisit | None:
        return await self._one(CONTACT_VISITS, _OF_LINK, browser=browser, id=conversation_id)

    async def in_conversation(self, conversation_id: UUID) -> ContactVisit | None:
        return await self._one(CONTACT_VISITS, _IN_CONVERSATION, id=conversation_id)

    async def verified(self, person_id: UUID) -> list[ContactVisit]:
        return await self._few(CONTACT_VISITS, _VERIFIED, id=person_id)

    async def guests(self, visit_id: UUID) -> list[ContactGuest]:
        return await self._all(CONTACT_GUESTS, _OF_VISIT, id=visit_id)

    async def guest_in(self, browser: str) -> list[ContactGuest]:
        return await self._all(CONTACT_GUESTS, _GUEST_IN, browser=browser)

    async def used(self, link: str) -> UsedLink | None:
        return await self._one(USED_LINKS, _USED, id=link)

    async def unread(self, absent: datetime, before: datetime, told: datetime, limit: int = 50) -> list[ContactVisit]:
        return await self._all(CONTACT_VISITS, _UNREAD, absent=absent, before=before, told=told, most=limit)
