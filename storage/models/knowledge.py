"""Articles, how people ask for them, how they have done, and what is missing."""

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, Table

from bot.model.knowledge import Link
from bot.model.values import Audience, Language
from storage.models.base import metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Utc

Texts = tuple[str, ...]

articles = Table(
    "articles",
    metadata,
    Column("id", Key, primary_key=True),
    Column("origin", Key, nullable=False, index=True),
    Column("title", CleanText, nullable=False),
    Column("body", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("category", CleanText, nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("revision", CleanText, nullable=False),
    Column("keywords", Json(Texts), nullable=False),
    Column("phrasings", Json(Texts), nullable=False),
    Column("applies_to", Json(Texts), nullable=False),
    Column("links", Json(tuple[Link, ...]), nullable=False),
    Column("reviewed", Date),
    Column("translation_of", CleanText),
    Column("withdrawn", Boolean, nullable=False),
    version(),
)

phrasings = Table(
    "phrasings",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False, index=True),
    Column("text", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("source", Choice, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
)

solutions = Table(
    "solutions",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("summary", CleanText, nullable=False),
    Column("successes", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("resolution_seconds", Float),
    Column("id", Id, primary_key=True),
    version(),
)

knowledge_gaps = Table(
    "knowledge_gaps",
    metadata,
    Column("text", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("message_id", Id, ForeignKey("messages.id")),
    Column("category", CleanText),
    Column("best_article", CleanText),
    Column("confidence", Float, nullable=False),
    Column("state", Choice, nullable=False, index=True),
    Column("id", Id, primary_key=True),
    version(),
)

cached_answers = Table(
    "cached_answers",
    metadata,
    Column("key", Key, primary_key=True),
    Column("text", CleanText, nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("citations", Json(tuple[tuple[str, str], ...]), nullable=False),
    Column("expires_at", Utc, nullable=False),
)

# One row, which every change of an article or an approved phrasing updates: its lock puts such changes in line.
knowledge_base = Table(
    "knowledge_base",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("at", Utc),
)
