"""Posts that were heard in public, and who wants no word."""

from uuid import UUID

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from bot.model.documents import Document
from bot.model.values import Language, Sentiment, Urgency
from storage.models.base import among, metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Utc

public_posts = Table(
    "public_posts",
    metadata,
    Column("platform", Key, nullable=False),
    Column("account", Key, nullable=False),
    Column("native_id", Key, nullable=False),
    Column("root", Key, nullable=False),
    Column("handle", CleanText, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("found_by", Choice, nullable=False),
    Column("reach", Choice, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False, index=True),
    Column("message_id", Id, nullable=False),
    Column("token", Key, nullable=False, unique=True),
    Column("link", CleanText),
    Column("warning", CleanText, nullable=False),
    Column("complaint", Boolean, nullable=False),
    Column("urgency", Choice(Urgency), nullable=False),
    Column("sentiment", Choice(Sentiment), nullable=False),
    Column("because", CleanText, nullable=False),
    Column("state", Choice, nullable=False),
    Column("number", Integer, unique=True),
    Column("reply", Json(Document)),
    Column("edited", Boolean, nullable=False),
    Column("cards", Json(tuple[UUID, ...]), nullable=False),
    Column("held_at", Utc),
    Column("reminded_at", Utc),
    Column("decided_at", Utc),
    Column("decided_by", Id, ForeignKey("people.id")),
    Column("replied_at", Utc),
    Column("reply_id", Id, index=True),
    Column("reply_link", CleanText),
    Column("opened_at", Utc),
    Column("verified_at", Utc),
    Column("ticket_id", Id, ForeignKey("tickets.id"), index=True),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("platform", "account", "native_id"),
    Index(None, "platform", "account", "root"),
)
_held = among(public_posts.c.state, "held")
Index("ix_public_posts_held", public_posts.c.number, sqlite_where=_held, postgresql_where=_held)
_approved = among(public_posts.c.state, "approved")
Index("ix_public_posts_approved", public_posts.c.reply_id, sqlite_where=_approved, postgresql_where=_approved)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("platform", Key, nullable=False),
    Column("account", Key, nullable=False),
    Column("native_id", Key, nullable=False),
    Column("since", Utc, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("platform", "account", "native_id"),
)
