"""Conversations, what was said in them, and the steps each message went through."""

from typing import Any

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from bot.model.conversations import Matter, Outcome
from bot.model.documents import Document
from bot.model.values import Audience, Language
from storage.models.base import metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Utc

conversations = Table(
    "conversations",
    metadata,
    Column("platform", CleanText, nullable=False),
    Column("account", CleanText, nullable=False),
    Column("room", CleanText, nullable=False),
    Column("thread", CleanText),
    Column("ref_key", Key, nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("people.id"), index=True),
    Column("language", Choice(Language)),
    Column("matter", Json(Matter), nullable=False),
    Column("silenced", Boolean, nullable=False),
    Column("last_message_at", Utc),
    Column("id", Id, primary_key=True),
    version(),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("author", Choice, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("native_id", Key),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("language", Choice(Language)),
    Column("in_reply_to", Id),
    Column("audience", Choice(Audience), nullable=False),
    Column("document", Json(Document)),
    Column("relay_of", Id, index=True),
    Column("outcome", Json(Outcome)),
    Column("deleted", Boolean, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    Index(None, "conversation_id", "sent_at"),
    Index(None, "conversation_id", "native_id"),
)

processing_steps = Table(
    "processing_steps",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Choice, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("ms", Float, nullable=False),
    Column("detail", Json(dict[str, Any]), nullable=False),
    PrimaryKeyConstraint("message_id", "position"),
)
