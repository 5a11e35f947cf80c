"""Who is on the other side, and who works the desk, as the core sees them in the database."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

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

PeopleRecord = Account | Company | Person | PersonIdentity | Device | Technician | LinkCode


class People(Protocol):
    def add(self, record: PeopleRecord) -> None: ...

    def save(self, record: PeopleRecord) -> None: ...

    def remove(self, record: DirectoryEntry) -> None:
        """Commit raises StaleWrite if the row changed since it was read, or if another row points to it by then."""
        ...

    def merge(self, keep: UUID, gone: UUID) -> None:
        """Two persons are one: at commit, after everything else that was noted, whatever points to `gone` points to
        `keep`, who takes over what they did not say of themselves, and `gone` is removed.

        Commit raises StaleWrite if one of them is not there by then, or if both are technicians.
        """
        ...

    async def known(self, identity: Identity) -> Known | None: ...

    async def person(self, id: UUID) -> Person | None: ...

    async def persons(self, ids: Collection[UUID]) -> dict[UUID, Person]: ...

    async def colleagues(self, company_id: UUID) -> list[Person]:
        """Everybody of a company."""
        ...

    async def by_email(self, emails: Collection[str]) -> list[Person]:
        """Whose address is one of these, case aside; the first met first: an address may be that of several."""
        ...

    async def named(self, words: Collection[str]) -> list[Person]:
        """Whose name has one of these words, which are folded; in the order in which they were met."""
        ...

    async def technician(self, id: UUID) -> Technician | None: ...

    async def technicians(self) -> list[Technician]:
        """By number, disabled ones included."""
        ...

    async def technician_of(self, person_id: UUID) -> Technician | None: ...

    async def identities(self, person_id: UUID) -> list[PersonIdentity]: ...

    async def link_code(self, code_hash: str) -> LinkCode | None:
        """The newest with that hash."""
        ...

    async def link_codes(self, person_id: UUID, since: datetime) -> list[LinkCode]:
        """Those of a person that were made from then on, the oldest first."""
        ...

    async def company_by_id(self, id: UUID) -> Company | None: ...

    async def devices(self, person_id: UUID) -> list[Device]: ...

    async def device(self, id: UUID) -> Device | None: ...

    async def by_serial(self, serials: Collection[str]) -> list[Device]:
        """As they are written there, case included."""
        ...

    async def company(self, domain: str) -> Company | None: ...

    async def companies(self, domains: Collection[str]) -> dict[str, Company]:
        """By domain."""
        ...

    async def between(self, first: UUID, last: UUID) -> list[DirectoryEntry]:
        """Everything with an id in this range, both ends included."""
        ...

    async def references(self, ids: Collection[UUID], ignoring: Collection[UUID] = ()) -> dict[UUID, tuple[str, ...]]:
        """Which tables have rows that point to each of these records, apart from the few rows with the ids in
        `ignoring`; only the records that are pointed to."""
        ...

    async def account(self, platform: str, native_id: str) -> Account | None: ...
