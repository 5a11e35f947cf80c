"""The tables, one family a module. Importing this package knows them all."""

from storage.models import conversations, files, installations, knowledge, ledger, people, public, tickets
from storage.models.base import metadata

__all__ = ["conversations", "files", "installations", "knowledge", "ledger", "metadata", "people", "public", "tickets"]
