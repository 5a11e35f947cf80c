"""Who is on the other side, and who works the desk."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.model.ids import new_id
from bot.model.values import Role

LEVELS = ("beginner", "intermediate", "expert")


@dataclass(frozen=True, slots=True)
class Account:
    """A workspace, guild, instance or terminal on a platform."""

    platform: str
    native_id: str
    name: str = ""
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str | None = None  # of its e-mail addresses
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str | None = None
    company_id: UUID | None = None
    locale: str | None = None
    timezone: str | None = None
    reminded_at: datetime | None = None  # when last reminded of open tickets
    licence: str | None = None  # as the organisation names it
    level: str | None = None  # of technical skill: one of LEVELS
    erased_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """One of a Person's identities; (platform, account, native_id) is unique."""

    person_id: UUID
    platform: str
    account: str
    native_id: str
    name: str = ""
    email: str | None = None
    guest: bool = False
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Device:
    person_id: UUID | None
    model: str
    serial: str | None = None
    name: str = ""
    company_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Technician:
    """A Person who works the desk. `number` is shown as TECH-042.

    `skills` are categories; those below them are included, and none means every one.
    """

    person_id: UUID
    number: int
    role: Role = Role.TECHNICIAN
    disabled: bool = False
    skills: tuple[str, ...] = ()
    on_duty: bool = False
    duty_at: datetime | None = None  # since when on or off duty; None: never said
    assigned_at: datetime | None = None  # when a ticket last came to them by turn
    as_member: bool = False  # is one, or was one, as a member of the desk's channel alone: nobody appointed them
    id: UUID = field(default_factory=new_id)
    version: int = 0

    @property
    def badge(self) -> str:
        return f"TECH-{self.number:03d}"


DirectoryEntry = Company | Person | Device | Technician  # what an organisation knows of itself before anybody speaks


# What an identity's address told: it is that of somebody met before; several have it; it would join two technicians.
FoundBy = Literal["email", "several", "two_technicians"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk knows of an incoming identity."""

    identity: PersonIdentity
    person: Person
    technician: Technician | None = None
    found: FoundBy | None = None  # what came of an address that is new to the desk

    @property
    def at_work(self) -> Technician | None:
        """The technician that they are, unless they have been disabled."""
        return self.technician if self.technician and not self.technician.disabled else None


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A one-time code that says that two identities are one person. Only its hash is kept.

    One with an empty hash is no code: it stands for `attempts` wrong ones that the person typed.
    """

    person_id: UUID
    code_hash: str
    requested_at: datetime
    expires_at: datetime
    attempts: int = 0
    used_at: datetime | None = None
    conversation_id: UUID | None = None  # where it was asked for
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class SignInCode:
    """A one-time code that was sent to an address. Only its hash is kept."""

    email: str  # normalised: trimmed, lower case
    code_hash: str
    requested_at: datetime
    expires_at: datetime
    requested_from: str = ""  # the network address, or its hash
    attempts: int = 0  # wrong codes submitted while it was good
    consumed_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
