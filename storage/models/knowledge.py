"""Articles, how people ask for them, how they have done, and what is missing."""

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, Table, UniqueConstraint

from bot.model.knowledge import Link
from bot.model.values import Audience, Intent, Language
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
    Column("question_id", Id, index=True),
    Column("rejected_at", Utc),
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
    Column("group_id", Id),
)

gap_groups = Table(
    "gap_groups",
    metadata,
    Column("number", Integer, nullable=False, unique=True),
    Column("title", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("category", CleanText),
    Column("created_at", Utc, nullable=False),
    Column("owner_id", Id, ForeignKey("technicians.id")),
    Column("state", Choice, nullable=False),
    Column("changed_at", Utc),
    Column("article_id", CleanText),
    Column("id", Id, primary_key=True),
    version(),
)

asked_questions = Table(
    "asked_questions",
    metadata,
    Column("text", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("asked_at", Utc, nullable=False, index=True),
    Column("outcome", Choice, nullable=False),
    Column("category", CleanText),
    Column("confidence", Float, nullable=False),
    Column("best_article", CleanText),
    Column("confirmed", Boolean),
    Column("message_id", Id, ForeignKey("messages.id"), unique=True),
    Column("asker_id", Id, index=True),
    Column("origin", Key, nullable=False),
    Column("reference", Key),
    Column("id", Id, primary_key=True),
    version(),
    Column("intent", Choice(Intent), nullable=False),
    UniqueConstraint("origin", "reference"),
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("language", Choice(Language), primary_key=True),
    Column("model", Key, primary_key=True),
    Column("slope", Float, nullable=False),
    Column("intercept", Float, nullable=False),
    Column("answer", Float, nullable=False),
    Column("suggest", Float, nullable=False),
    Column("ece", Float, nullable=False),
    Column("auroc", Float, nullable=False),
    Column("questions", Integer, nullable=False),
    Column("source", Choice, nullable=False),
    Column("false_answers", Float, nullable=False),
    Column("fitted_at", Utc, nullable=False),
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
