"""The demonstration's companies, people, devices and technicians: brought in, and taken back without a trace.

What belongs to the demonstration is told by its id. Every other id of the desk is a UUIDv7, whose first 48 bits are the
time at which it was made. These are UUIDv8 (RFC 9562, section 5.8) with 48 bits that no clock will show before the year
9713, `de30de30-de30-8…`, and a hash of what the record is known by. So they are recognised in the database by a range
of ids, whichever release brought them in and whatever was changed about them since; to bring them in twice gives the
same ids; and nothing else can be taken for them.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from bot.model.people import Company, Device, DirectoryEntry, Person, Technician
from bot.people_csv import Lists
from bot.people_import import Categories, ImportReport, bring_in
from bot.ports.storage import UnitOfWork

_MARK = 0xDE30_DE30_DE30
FIRST = UUID(int=_MARK << 80)
LAST = UUID(int=(_MARK + 1 << 80) - 1)

# What points to something goes before it.
_ORDER: dict[type[DirectoryEntry], str] = {
    Device: "devices",
    Technician: "technicians",
    Person: "people",
    Company: "companies",
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    removed: dict[str, int]  # by kind
    kept: tuple[str, ...]  # what is in use, in words


def demo_id(kind: str, known_by: str) -> UUID:
    digest = int.from_bytes(hashlib.blake2b(f"{kind}\x1f{known_by}".encode(), digest_size=10).digest(), "big")
    high, low = digest >> 68, digest & (1 << 62) - 1
    return UUID(int=_MARK << 80 | 0x8 << 76 | high << 64 | 0b10 << 62 | low)


async def load_people(uow: UnitOfWork, lists: Lists, categories: Categories) -> ImportReport:
    """Note in `uow` what is not there yet; what is there, the demonstration's or not, is left as it is."""
    return await bring_in(uow, lists, categories, demo_id, await uow.people.between(FIRST, LAST))


async def clean_people(uow: UnitOfWork) -> Cleaned:
    """Note in `uow` the removal of everything that belongs to the demonstration, apart from what others point to by
    now: a person who asked or worked on a ticket, a company that somebody else belongs to."""
    ours = await uow.people.between(FIRST, LAST)
    removed = dict.fromkeys(_ORDER.values(), 0)
    kept: list[str] = []
    gone: list[UUID] = []
    for kind, name in _ORDER.items():
        records = [record for record in ours if isinstance(record, kind)]
        held = await uow.people.references([record.id for record in records], gone)
        for record in records:
            if record.id not in held:
                uow.people.remove(record)
                removed[name] += 1
                gone.append(record.id)
        kept += sorted(
            f"{_called(record)}: still used by {', '.join(held[record.id]).replace('_', ' ')}"
            for record in records
            if record.id in held
        )
    return Cleaned(removed, tuple(kept))


def _called(record: DirectoryEntry) -> str:
    match record:
        case Company():
            return f"company {record.name}"
        case Person():
            return f"person {record.name}"
        case Technician():
            return f"technician {record.badge}"
        case Device():
            return f"device {record.name or record.model}"
