"""Accounts, companies, people, their identities and devices, and the technicians."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select

from bot.model.messages import Identity
from bot.model.people import Account, Company, Device, Known, Person, PersonIdentity, Technician
from storage.models.people import accounts, companies, devices, identities, people, technicians
from storage.records import ACCOUNTS, COMPANIES, DEVICES, IDENTITIES, PEOPLE, TECHNICIANS
from storage.repositories.base import VALUES, Repository

_KNOWN = (
    select(*IDENTITIES.columns, *PEOPLE.columns, *TECHNICIANS.columns)
    .select_from(
        identities.join(people, people.c.id == identities.c.person_id).outerjoin(
            technicians, technicians.c.person_id == people.c.id
        )
    )
    .where(
        identities.c.platform == bindparam("platform"),
        identities.c.account == bindparam("account"),
        identities.c.native_id == bindparam("native_id"),
    )
)
_PERSON = PEOPLE.select().where(people.c.id == bindparam("id"))
_PERSONS = PEOPLE.select().where(people.c.id.in_(VALUES))
_TECHNICIAN = TECHNICIANS.select().where(technicians.c.id == bindparam("id"))
_TECHNICIANS = TECHNICIANS.select().order_by(technicians.c.number)
_IDENTITIES = IDENTITIES.select().where(identities.c.person_id == bindparam("person")).order_by(identities.c.id)
_DEVICES = DEVICES.select().where(devices.c.person_id == bindparam("person")).order_by(devices.c.id)
_COMPANY = COMPANIES.select().where(companies.c.domain == bindparam("domain"))
_ACCOUNT = ACCOUNTS.select().where(
    accounts.c.platform == bindparam("platform"), accounts.c.native_id == bindparam("native_id")
)


class SqlPeople(Repository):
    __slots__ = ()

    def add(self, record: Account | Company | Person | PersonIdentity | Device | Technician) -> None:
        self._changes.add(record)

    def save(self, record: Account | Company | Person | PersonIdentity | Device | Technician) -> None:
        self._changes.save(record)

    async def known(self, identity: Identity) -> Known | None:
        wanted = {"platform": identity.platform, "account": identity.account, "native_id": identity.native_id}
        row = await self._database.read(lambda connection: connection.execute(_KNOWN, wanted).first())
        if row is None:
            return None
        person = IDENTITIES.width
        technician = person + PEOPLE.width
        return Known(
            IDENTITIES.decode(row[:person]),
            PEOPLE.decode(row[person:technician]),
            TECHNICIANS.decode(row[technician:]) if row[technician] is not None else None,
        )

    async def person(self, id: UUID) -> Person | None:
        return await self._one(PEOPLE, _PERSON, id=id)

    async def persons(self, ids: Collection[UUID]) -> dict[UUID, Person]:
        return {person.id: person for person in await self._among(PEOPLE, _PERSONS, ids)}

    async def technician(self, id: UUID) -> Technician | None:
        return await self._one(TECHNICIANS, _TECHNICIAN, id=id)

    async def technicians(self) -> list[Technician]:
        return await self._all(TECHNICIANS, _TECHNICIANS)

    async def identities(self, person_id: UUID) -> list[PersonIdentity]:
        return await self._all(IDENTITIES, _IDENTITIES, person=person_id)

    async def devices(self, person_id: UUID) -> list[Device]:
        return await self._all(DEVICES, _DEVICES, person=person_id)

    async def company(self, domain: str) -> Company | None:
        return await self._one(COMPANIES, _COMPANY, domain=domain)

    async def account(self, platform: str, native_id: str) -> Account | None:
        return await self._one(ACCOUNTS, _ACCOUNT, platform=platform, native_id=native_id)
