"""Workspaces that gave the desk a token."""

from sqlalchemy import Column, Table, UniqueConstraint

from storage.models.base import metadata
from storage.models.types import CleanText, Id, Key, Utc

installations = Table(
    "installations",
    metadata,
    Column("platform", Key, nullable=False),
    Column("account", Key, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("token", CleanText, nullable=False),
    Column("installed_at", Utc, nullable=False),
    Column("scopes", CleanText, nullable=False),
    Column("id", Id, primary_key=True),
    UniqueConstraint("platform", "account"),
)
