"""The bytes of attachments, where they lie in the database."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table

from storage.models.base import metadata
from storage.models.types import CleanText, Id, Serial, Utc

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("begun_at", Utc, nullable=False),
    Column("stored_at", Utc),  # none as long as it is not whole
    Column("size", Serial, nullable=False),
    Column("sha256", CleanText, nullable=False),
    Index("ix_files_stored_at", "stored_at"),
)

file_parts = Table(
    "file_parts",
    metadata,
    Column("file_id", Id, ForeignKey("files.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
