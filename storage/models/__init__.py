"""The tables, one family a module. Importing this package knows them all."""

from storage.models import contact, conversations, files, installations, knowledge, ledger, people, public, tickets
from storage.models.base import metadata

__all__ = [
    "contact",
    "conversations",
    "files",
    "installations",
    "knowledge",
    "ledger",
    "metadata",
    "people",
    "public",
    "tickets",
]
