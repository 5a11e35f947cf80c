"""Browsers that have a chat on the contact page, those that go on with one, and links that let one in."""

from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint

from bot.model.values import Language
from storage.models.base import metadata, version
from storage.models.types import Choice, CleanText, Id, Key, Utc

contact_visits = Table(
    "contact_visits",
    metadata,
    Column("browser", Key, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False, index=True),
    Column("post_id", Id, ForeignKey("public_posts.id"), index=True),
    Column("about_id", Id, ForeignKey("conversations.id"), index=True),
    Column("language", Choice(Language), nullable=False),
    Column("verified_at", Utc),
    Column("told_at", Utc),
    Column("way", Choice),
    Column("address", CleanText),
    Column("others", CleanText, nullable=False),
    Column("consented_at", Utc),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("browser", "post_id"),
    UniqueConstraint("browser", "about_id"),
)

contact_guests = Table(
    "contact_guests",
    metadata,
    Column("visit_id", Id, ForeignKey("contact_visits.id"), nullable=False),
    Column("browser", Key, nullable=False, index=True),
    Column("since", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("visit_id", "browser"),
)

used_links = Table(
    "used_links",
    metadata,
    Column("id", Key, primary_key=True),
    Column("visit_id", Id, nullable=False),
    Column("used_at", Utc, nullable=False, index=True),
)
