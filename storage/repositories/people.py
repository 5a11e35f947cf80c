"""Accounts, companies, people, their identities and devices, and the technicians."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from bot.model.messages import Identity
from bot.model.people import (
    Account,
    Company,
    Device,
    DirectoryEntry,
    Known,
    LinkCode,
    Person,
    PersonIdentity,
    Technician,
)
from bot.ports.storage import PeopleRecord
from bot.understanding.normalise import fold
from storage.codec import Codec
from storage.models.people import accounts, companies, devices, identities, link_codes, people, technicians
from storage.pointing import pointing_to
from storage.records import ACCOUNTS, COMPANIES, DEVICES, IDENTITIES, LINK_CODES, PEOPLE, TECHNICIANS
from storage.repositories.base import VALUES, Repository, portions

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
_NAMES = select(people.c.id, people.c.name).where(people.c.name != "")
_WORD = re.compile(r"[^\W\d_]+")
_COLLEAGUES = PEOPLE.select().where(people.c.company_id == bindparam("company")).order_by(people.c.id)
_BY_EMAIL = PEOPLE.select().where(func.lower(people.c.email).in_(VALUES)).order_by(people.c.id)
_TECHNICIAN = TECHNICIANS.select().where(technicians.c.id == bindparam("id"))
_TECHNICIANS = TECHNICIANS.select().order_by(technicians.c.number)
_TECHNICIAN_OF = TECHNICIANS.select().where(technicians.c.person_id == bindparam("person"))
_LINK_CODE = (
    LINK_CODES.select()
    .where(link_codes.c.code_hash == bindparam("hash"))
    .order_by(link_codes.c.requested_at.desc(), link_codes.c.id.desc())
)
_LINK_CODES = (
    LINK_CODES.select()
    .where(link_codes.c.person_id == bindparam("person"), link_codes.c.requested_at >= bindparam("since"))
    .order_by(link_codes.c.requested_at, link_codes.c.id)
)
_COMPANY_BY_ID = COMPANIES.select().where(companies.c.id == bindparam("id"))
_IDENTITIES = IDENTITIES.select().where(identities.c.person_id == bindparam("person")).order_by(identities.c.id)
_DEVICES = DEVICES.select().where(devices.c.person_id == bindparam("person")).order_by(devices.c.id)
_DEVICE = DEVICES.select().where(devices.c.id == bindparam("id"))
_BY_SERIAL = DEVICES.select().where(devices.c.serial.in_(VALUES)).order_by(devices.c.id)
_COMPANY = COMPANIES.select().where(companies.c.domain == bindparam("domain"))
_COMPANIES = COMPANIES.select().where(companies.c.domain.in_(VALUES))
_ACCOUNT = ACCOUNTS.select().where(
    accounts.c.platform == bindparam("platform"), accounts.c.native_id == bindparam("native_id")
)
_DIRECTORY: tuple[Codec[Any], ...] = (COMPANIES, PEOPLE, DEVICES, TECHNICIANS)
_BETWEEN = tuple(
    codec.select().where(codec.table.c.id.between(bindparam("first"), bindparam("last"))).order_by(codec.table.c.id)
    for codec in _DIRECTORY
)


class SqlPeople(Repository):
    __slots__ = ()

    def add(self, record: PeopleRecord) -> None:
        self._changes.add(record)

    def save(self, record: PeopleRecord) -> None:
        self._changes.save(record)

    def remove(self, record: DirectoryEntry) -> None:
        self._changes.remove(record)

    def merge(self, keep: UUID, gone: UUID) -> None:
        self._changes.merged[gone] = keep

    async def known(self, identity: Identity) -> Known | None:
        wanted = {"platform": identity.platform, "account": identity.account, "native_id": identity.native_id}
        row = await self._database.read(lambda connection: connection.execute(_KNOWN, wanted).first(), brief=True)
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

    async def colleagues(self, company_id: UUID) -> list[Person]:
        return await self._all(PEOPLE, _COLLEAGUES, company=company_id)

    async def by_email(self, emails: Collection[str]) -> list[Person]:
        found = await self._among(PEOPLE, _BY_EMAIL, [email.lower() for email in emails])
        return sorted(found, key=lambda person: person.id)

    async def named(self, words: Collection[str]) -> list[Person]:
        wanted = frozenset(words)

        def read(connection: Connection) -> list[Person]:
            # Databases fold accents each in its own way: the names are looked through here.
            ids = [id for id, name in connection.execute(_NAMES) if not wanted.isdisjoint(_WORD.findall(fold(name)))]
            rows = [row for part in portions(ids) for row in connection.execute(_PERSONS, {"values": part})]
            return PEOPLE.decode_all(rows)

        return sorted(await self._database.read(read), key=lambda person: person.id) if wanted else []

    async def technician(self, id: UUID) -> Technician | None:
        return await self._one(TECHNICIANS, _TECHNICIAN, id=id)

    async def technicians(self) -> list[Technician]:
        return await self._all(TECHNICIANS, _TECHNICIANS)

    async def technician_of(self, person_id: UUID) -> Technician | None:
        return await self._one(TECHNICIANS, _TECHNICIAN_OF, person=person_id)

    async def link_code(self, code_hash: str) -> LinkCode | None:
        return await self._one(LINK_CODES, _LINK_CODE, hash=code_hash)

    async def link_codes(self, person_id: UUID, since: datetime) -> list[LinkCode]:
        return await self._all(LINK_CODES, _LINK_CODES, person=person_id, since=since)

    async def company_by_id(self, id: UUID) -> Company | None:
        return await self._one(COMPANIES, _COMPANY_BY_ID, id=id)

    async def identities(self, person_id: UUID) -> list[PersonIdentity]:
        return await self._few(IDENTITIES, _IDENTITIES, person=person_id)

    async def devices(self, person_id: UUID) -> list[Device]:
        return await self._few(DEVICES, _DEVICES, person=person_id)

    async def device(self, id: UUID) -> Device | None:
        return await self._one(DEVICES, _DEVICE, id=id)

    async def by_serial(self, serials: Collection[str]) -> list[Device]:
        return await self._among(DEVICES, _BY_SERIAL, serials)

    async def company(self, domain: str) -> Company | None:
        return await self._one(COMPANIES, _COMPANY, domain=domain)

    async def companies(self, domains: Collection[str]) -> dict[str, Company]:
        found = await self._among(COMPANIES, _COMPANIES, domains)
        return {company.domain: company for company in found if company.domain}

    async def between(self, first: UUID, last: UUID) -> list[DirectoryEntry]:
        wanted = {"first": first, "last": last}

        def read(connection: Connection) -> list[DirectoryEntry]:
            return [
                codec.decode(row)
                for codec, statement in zip(_DIRECTORY, _BETWEEN, strict=True)
                for row in connection.execute(statement, wanted)
            ]

        return await self._database.read(read)

    async def references(self, ids: Collection[UUID], ignoring: Collection[UUID] = ()) -> dict[UUID, tuple[str, ...]]:
        found: dict[UUID, dict[str, None]] = {}

        def read(connection: Connection) -> None:
            for column in pointing_to([codec.table for codec in _DIRECTORY]):
                apart = column.table.c.id.not_in(list(ignoring))
                statement = select(column).distinct().where(column.in_(VALUES), apart)
                for part in portions(ids):
                    for id in connection.execute(statement, {"values": part}).scalars():
                        found.setdefault(id, {})[column.table.name] = None

        await self._database.read(read)
        return {id: tuple(tables) for id, tables in found.items()}

    async def account(self, platform: str, native_id: str) -> Account | None:
        return await self._one(ACCOUNTS, _ACCOUNT, platform=platform, native_id=native_id)
