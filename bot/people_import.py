"""Bringing lists of companies, people, devices and technicians into the database: all of it, or nothing and why not.

A company is known by its domain, a person by the address (of several with one address, the first met), a device by its
serial number, a technician by the person. What is known is brought up to date; empty cells change nothing, and what the
lists leave out stays as it is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields, replace
from typing import Protocol, TypeVar
from uuid import UUID

from bot.model.ids import new_id
from bot.model.people import Company, Device, DirectoryEntry, Person, Technician
from bot.people_csv import CompanyRow, DeviceRow, Lists, PersonRow, Problem, TechnicianRow, refuse
from bot.ports.storage import UnitOfWork

KINDS = ("companies", "people", "devices", "technicians")
_UNTOLD = frozenset({"id", "version", "company_id", "person_id"})  # and what says whose something is
Ids = Callable[[str, str], UUID]  # of what kind a new record is, and what it is known by -> its id

E = TypeVar("E", Company, Person, Device, Technician)


class Categories(Protocol):
    def __contains__(self, slug: object) -> bool: ...


@dataclass(slots=True)
class Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    tallies: dict[str, Tally]  # by kind, in the order of KINDS
    unused: tuple[str, ...]  # columns that mean nothing here
    changes: tuple[str, ...] = ()  # one line for each record that is new or changed: what it will say


async def bring_in(
    uow: UnitOfWork,
    lists: Lists,
    categories: Categories,
    ids: Ids | None = None,
    own: Collection[DirectoryEntry] = (),
) -> ImportReport:
    """Note in `uow` what is new or changed; the caller commits. Raises InvalidInput with every problem.

    With `ids`, new records get these ids, `own` are those that have one already (known by it, whatever else became of
    them), nothing that is there is changed, and a technician's number gives way to one that is taken.
    """
    coming = _Import(uow, categories, ids, {record.id: record for record in own})
    await coming.companies(lists.companies, lists)
    await coming.people(lists.people, lists)
    await coming.devices(lists.devices)
    await coming.technicians(lists.technicians)
    refuse(coming.problems)
    return ImportReport(coming.tallies, lists.unused, tuple(coming.changes))


@dataclass
class _Import:
    uow: UnitOfWork
    categories: Categories
    ids: Ids | None
    own: dict[UUID, DirectoryEntry]
    problems: list[Problem] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in KINDS})
    company_ids: dict[str, UUID] = field(default_factory=dict)  # by domain
    persons: dict[str, Person] = field(default_factory=dict)  # by address in lower case
    changes: list[str] = field(default_factory=list)

    async def companies(self, rows: Collection[CompanyRow], lists: Lists) -> None:
        named = [row.company for row in lists.people] + [row.company for row in lists.devices]
        known = await self.uow.people.companies({row.domain for row in rows}.union(filter(None, named)))
        self.company_ids = {domain: company.id for domain, company in known.items()}
        for row in rows:
            there = self._mine(Company, row.domain) or known.get(row.domain)
            wish = there or Company(row.name, row.domain, self._id(Company, row.domain))
            self.company_ids[row.domain] = self._keep("companies", row.domain, there, replace(wish, name=row.name)).id

    async def people(self, rows: Collection[PersonRow], lists: Lists) -> None:
        named = {row.owner for row in lists.devices if row.owner} | {row.email for row in lists.technicians}
        for person in await self.uow.people.by_email(named | {row.email for row in rows}):
            self.persons.setdefault((person.email or "").lower(), person)
        for row in rows:
            there = self._mine(Person, row.email) or self.persons.get(row.email)
            wish = there or Person(row.name, row.email, id=self._id(Person, row.email))
            wish = replace(
                wish,
                name=row.name,
                company_id=self._company("people.csv", row.line, row.company) or wish.company_id,
                locale=row.locale or wish.locale,
                timezone=row.timezone or wish.timezone,
                licence=row.licence or wish.licence,
                level=row.level or wish.level,
            )
            self.persons[row.email] = self._keep("people", row.email, there, wish)

    async def devices(self, rows: Collection[DeviceRow]) -> None:
        known: dict[str, Device] = {}
        for device in await self.uow.people.by_serial([row.serial for row in rows]):
            known.setdefault(device.serial or "", device)
        for row in rows:
            owner = self._person("devices.csv", row.line, row.owner) if row.owner else None
            there = self._mine(Device, row.serial) or known.get(row.serial)
            wish = there or Device(None, row.model, row.serial, id=self._id(Device, row.serial))
            company = self._company("devices.csv", row.line, row.company) or (owner and owner.company_id)
            wish = replace(
                wish,
                model=row.model,
                name=row.name or wish.name,
                person_id=owner.id if owner else wish.person_id,
                company_id=company or wish.company_id,
            )
            self._keep("devices", row.serial, there, wish)

    async def technicians(self, rows: Collection[TechnicianRow]) -> None:
        everybody = await self.uow.people.technicians() if rows else []
        known = {technician.person_id: technician for technician in everybody}
        taken = {technician.number: technician.person_id for technician in everybody}
        for row in rows:
            for slug in row.categories:
                if slug not in self.categories:
                    self._problem("technicians.csv", row.line, f"there is no category {slug[:60]!r}")
            if not (person := self._person("technicians.csv", row.line, row.email)):
                continue
            there = self._mine(Technician, row.email) or known.get(person.id)
            number = row.number or (there.number if there else self._free(taken))
            if taken.get(number, person.id) != person.id:
                if self.ids is None:
                    self._problem("technicians.csv", row.line, f"TECH-{number:03d} is somebody else already")
                    continue
                number = self._free(taken)
            wish = there or Technician(person.id, number, id=self._id(Technician, row.email))
            wish = replace(wish, number=number, role=row.role, skills=row.categories or wish.skills)
            kept = self._keep("technicians", row.email, there, wish)
            taken[kept.number] = person.id

    def _keep(self, kind: str, known_by: str, there: E | None, wish: E) -> E:
        """Note what is to become of a record, and count it; return the record as it will be."""
        tally = self.tallies[kind]
        if there is None:
            tally.added += 1
            self.changes.append(f"{kind}  + {known_by}  {_told(None, wish)}".rstrip())
            self.uow.people.add(wish)
            return wish
        if there == wish or self.ids is not None:
            tally.unchanged += 1
            return there
        tally.changed += 1
        self.changes.append(f"{kind}  ~ {known_by}  {_told(there, wish)}".rstrip())
        self.uow.people.save(wish)
        return wish

    def _id(self, kind: type[DirectoryEntry], known_by: str) -> UUID:
        return new_id() if self.ids is None else self.ids(kind.__name__, known_by)

    def _mine(self, kind: type[E], known_by: str) -> E | None:
        record = None if self.ids is None else self.own.get(self.ids(kind.__name__, known_by))
        return record if isinstance(record, kind) else None

    def _company(self, file: str, line: int, domain: str | None) -> UUID | None:
        if domain and domain not in self.company_ids:
            self._problem(file, line, f"there is no company {domain[:60]}: add it to companies.csv")
        return self.company_ids.get(domain or "")

    def _person(self, file: str, line: int, email: str) -> Person | None:
        if email not in self.persons:
            self._problem(file, line, f"there is nobody with the address {email[:60]}: add them to people.csv")
        return self.persons.get(email)

    def _problem(self, file: str, line: int, text: str) -> None:
        self.problems.append(Problem(file, line, text))

    def _free(self, taken: Collection[int]) -> int:
        return max(taken, default=0) + 1


def _told(there: E | None, wish: E) -> str:
    """What a record says that it did not say before: "licence E3, level expert"."""
    told = []
    for each in fields(wish):
        before, after = getattr(there, each.name, None), getattr(wish, each.name)
        if each.name in _UNTOLD or after == before or after in (None, "", ()) or after is False:
            continue
        value = ", ".join(after) if isinstance(after, tuple) else str(after)
        told.append(f"{each.name} {value}" if before in (None, "", ()) else f"{each.name} {_shown(before)} -> {value}")
    return "; ".join(told)


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
