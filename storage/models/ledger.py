"""The inbox, the outbox, and what else keeps several processes from doing one thing twice."""

from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false, true

from bot.model.documents import Document
from bot.model.messages import Incoming
from bot.model.public import PublicTarget
from bot.model.values import InboxState, Language, OutboxState, Visibility
from storage.models.base import among, metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Serial, Utc

INBOX_OPEN = ("received", "processing")
INBOX_OVER = ("done", "dead")
OUTBOX_OPEN = ("pending", "sending", "unknown")
OUTBOX_OVER = ("sent", "failed", "withdrawn")

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, nullable=False, unique=True),
    Column("sequence", Serial, primary_key=True),
    Column("key", Key, nullable=False, unique=True),
    Column("conversation_key", Key, nullable=False),
    Column("event", Json(Incoming)),  # none where only the key is known: what the desk itself has posted
    Column("state", Choice(InboxState), nullable=False),
    Column("owner", CleanText),
    Column("lease_until", Utc),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("available_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("error", CleanText),
    Column("dismissed", Boolean, nullable=False, server_default=false()),  # done since it was for nobody at the desk
    sqlite_autoincrement=True,
)
# Ledgers grow without end, while what is open stays few. No index holds both: with one at hand, SQLite would sort all
# that is open for every claim instead of reading it in order.
_inbox_open = among(inbox.c.state, *INBOX_OPEN)
Index("ix_inbox_open", inbox.c.sequence, sqlite_where=_inbox_open, postgresql_where=_inbox_open)
Index(
    "ix_inbox_open_conversation",
    inbox.c.conversation_key,
    inbox.c.sequence,
    sqlite_where=_inbox_open,
    postgresql_where=_inbox_open,
)
_inbox_over = among(inbox.c.state, *INBOX_OVER)
Index("ix_inbox_over", inbox.c.state, sqlite_where=_inbox_over, postgresql_where=_inbox_over)
_inbox_dismissed = inbox.c.dismissed == true()
Index("ix_inbox_dismissed", inbox.c.conversation_key, sqlite_where=_inbox_dismissed, postgresql_where=_inbox_dismissed)

outbox = Table(
    "outbox",
    metadata,
    Column("platform", CleanText, nullable=False),
    Column("account", CleanText, nullable=False),
    Column("room", CleanText, nullable=False),
    Column("thread", CleanText),
    Column("document", Json(Document), nullable=False),
    Column("key", Key, nullable=False, unique=True),
    Column("language", Choice(Language), nullable=False),
    Column("visibility", Choice(Visibility), nullable=False),
    Column("recipient", CleanText),
    Column("message_id", Id, index=True),
    Column("replaces", CleanText),
    Column("coalesce", Key),
    Column("available_at", Utc),
    Column("id", Id, nullable=False, unique=True),
    Column("state", Choice(OutboxState), nullable=False),
    Column("number", Serial, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("repeated", Boolean, nullable=False),
    Column("edits", Id),
    Column("reaction", CleanText),
    Column("confirms", Id),
    Column("public", Json(PublicTarget)),
    Column("conversation_key", Key, nullable=False),
    Column("account_key", Key, nullable=False),
    Column("owner", CleanText),
    Column("lease_until", Utc),
    Column("external_id", CleanText),
    Column("finished_at", Utc),
    Column("error", CleanText),
    Index(None, "conversation_key", "number"),
    sqlite_autoincrement=True,
)
_outbox_open = among(outbox.c.state, *OUTBOX_OPEN)
_outbox_pending = among(outbox.c.state, "pending")
Index("ix_outbox_open", outbox.c.number, sqlite_where=_outbox_open, postgresql_where=_outbox_open)
Index(
    "ix_outbox_open_conversation",
    outbox.c.conversation_key,
    outbox.c.number,
    sqlite_where=_outbox_open,
    postgresql_where=_outbox_open,
)
Index("ix_outbox_coalesce", outbox.c.coalesce, sqlite_where=_outbox_pending, postgresql_where=_outbox_pending)
_outbox_over = among(outbox.c.state, *OUTBOX_OVER)
Index("ix_outbox_over", outbox.c.state, sqlite_where=_outbox_over, postgresql_where=_outbox_over)

# Keys of deliveries that became part of another row, so that they count as known.
outbox_merged = Table(
    "outbox_merged",
    metadata,
    Column("key", Key, primary_key=True),
    Column("outbox_id", Id, ForeignKey("outbox.id"), nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", CleanText, nullable=False),
    version(),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Key, primary_key=True),
    Column("owner", CleanText, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("since", Utc, nullable=False),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", Key, nullable=False),
    Column("scheduled_for", Utc, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("owner", CleanText, nullable=False),
    Column("finished_at", Utc),
    Column("outcome", Choice, nullable=False),
    Column("detail", Json(dict[str, Any]), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("effects", Integer, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("job", "scheduled_for"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", Integer, nullable=False),
)
