"""Who is on the other side, and who works the desk."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, UniqueConstraint

from bot.model.values import Role
from storage.models.base import metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Utc

accounts = Table(
    "accounts",
    metadata,
    Column("platform", Key, nullable=False),
    Column("native_id", Key, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("platform", "native_id"),
)

companies = Table(
    "companies",
    metadata,
    Column("name", CleanText, nullable=False),
    Column("domain", Key, unique=True),
    Column("id", Id, primary_key=True),
    version(),
)

people = Table(
    "people",
    metadata,
    Column("name", CleanText, nullable=False),
    Column("email", Key, index=True),
    Column("company_id", Id, ForeignKey("companies.id"), index=True),
    Column("locale", CleanText),
    Column("timezone", CleanText),
    Column("reminded_at", Utc),
    Column("licence", CleanText),
    Column("level", CleanText),
    Column("erased_at", Utc),
    Column("id", Id, primary_key=True),
    version(),
)

identities = Table(
    "identities",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("platform", Key, nullable=False),
    Column("account", Key, nullable=False),
    Column("native_id", Key, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("email", CleanText),
    Column("guest", Boolean, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("platform", "account", "native_id"),
)

devices = Table(
    "devices",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), index=True),
    Column("model", CleanText, nullable=False),
    Column("serial", CleanText),
    Column("name", CleanText, nullable=False),
    Column("company_id", Id, ForeignKey("companies.id")),
    Column("id", Id, primary_key=True),
    version(),
)

technicians = Table(
    "technicians",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, unique=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("role", Choice(Role), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("skills", Json(tuple[str, ...]), nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("duty_at", Utc),
    Column("assigned_at", Utc),
    Column("as_member", Boolean, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("email", Key, nullable=False, index=True),
    Column("code_hash", CleanText, nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("requested_from", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("consumed_at", Utc),
    Column("id", Id, primary_key=True),
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("code_hash", Key, nullable=False, index=True),
    Column("requested_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("used_at", Utc),
    Column("conversation_id", Id),
    Column("id", Id, primary_key=True),
    version(),
)
