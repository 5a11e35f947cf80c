"""Tickets and what surrounds them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from bot.model.messages import Entities
from bot.model.tickets import ProblemDraft, ProblemText, SlaTarget
from bot.model.values import Audience, ClosedReason, Intent, Language, Sentiment, TicketStatus, Urgency
from storage.models.base import among, metadata, version
from storage.models.types import Choice, CleanText, Id, Json, Key, Serial, Utc

categories = Table(
    "categories",
    metadata,
    Column("slug", Key, primary_key=True),
    Column("number", CleanText, nullable=False),
    Column("code", CleanText, nullable=False),
    Column("names", Json(dict[str, str]), nullable=False),
    Column("parent", Key),
    Column("position", Integer, nullable=False),
)

problems = Table(
    "problems",
    metadata,
    Column("number", Integer, nullable=False, index=True, unique=True),
    Column("title", CleanText, nullable=False),
    Column("category", CleanText, nullable=False),
    Column("texts", Json(tuple[ProblemText, ...]), nullable=False),
    Column("words", Json(tuple[str, ...]), nullable=False),
    Column("announced_at", Utc),
    Column("updated_at", Utc),
    Column("ended_at", Utc),
    Column("author_id", Id),
    Column("draft", Json(ProblemDraft)),
    Column("end_texts", Json(tuple[ProblemText, ...]), nullable=False),
    Column("before", Json(tuple[ProblemText, ...]), nullable=False),
    Column("news", Integer, nullable=False),
    Column("tell_from", Utc),
    Column("id", Id, primary_key=True),
    version(),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Integer, nullable=False, unique=True),
    Column("title", CleanText, nullable=False),
    Column("summary", CleanText, nullable=False),
    Column("category", Key, nullable=False, index=True),
    Column("priority", Choice(Urgency), nullable=False),
    Column("asker_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("opened_because", CleanText, nullable=False),
    Column("created_at", Utc, nullable=False, index=True),
    Column("language", Choice(Language), nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("intent", Choice(Intent), nullable=False),
    Column("sentiment", Choice(Sentiment), nullable=False),
    Column("entities", Json(Entities), nullable=False),
    Column("deadline", CleanText),
    Column("deadline_at", Utc),
    Column("status", Choice(TicketStatus), nullable=False, index=True),
    Column("closed_reason", Choice(ClosedReason)),
    Column("assignee_id", Id, ForeignKey("technicians.id"), index=True),
    Column("snoozed_until", Utc),
    Column("claimed_at", Utc),
    Column("first_reply_at", Utc),
    Column("resolved_at", Utc),
    Column("closed_at", Utc),
    Column("resolution", CleanText),
    Column("resolution_reason", CleanText),
    Column("reopened", Integer, nullable=False),
    Column("problem_id", Id, ForeignKey("problems.id"), index=True),
    Column("merged_into_id", Id, ForeignKey("tickets.id"), index=True),
    Column("previous_id", Id, ForeignKey("tickets.id")),
    Column("device_id", Id, ForeignKey("devices.id"), index=True),
    Column("question_id", Id, index=True),
    Column("sla", Json(tuple[SlaTarget, ...]), nullable=False),
    Column("sla_policy", CleanText),
    Column("sla_next_at", Utc),
    Column("link", CleanText),
    Column("id", Id, primary_key=True),
    version(),
    Column("search_text", CleanText, nullable=False),  # title and summary without case and accents
    Column("due_at", Utc),  # by when something is to be done next: for sorting
    Column("sla_fate", CleanText, nullable=False),  # what came of its promises, in letters: for counting many
)
# What the jobs look for every few seconds is few, whatever has gathered.
Index(
    "ix_tickets_sla_due",
    tickets.c.sla_next_at,
    sqlite_where=tickets.c.sla_next_at.is_not(None),
    postgresql_where=tickets.c.sla_next_at.is_not(None),
)
Index(
    "ix_tickets_snoozed",
    tickets.c.snoozed_until,
    sqlite_where=tickets.c.snoozed_until.is_not(None),
    postgresql_where=tickets.c.snoozed_until.is_not(None),
)
Index(
    "ix_tickets_closed",
    tickets.c.closed_at,
    sqlite_where=tickets.c.closed_at.is_not(None),
    postgresql_where=tickets.c.closed_at.is_not(None),
)

ticket_places = Table(
    "ticket_places",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("side", Choice, nullable=False),
    Column("card_id", Id, index=True),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("ticket_id", "conversation_id", "side"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor_id", Id, ForeignKey("people.id")),
    Column("status", Choice(TicketStatus), nullable=False),
    Column("detail", Json(dict[str, Any]), nullable=False),
    Column("id", Id, nullable=False, unique=True),
    Column("number", Serial, primary_key=True),  # order of entry: several events may bear one time
    Index(None, "ticket_id", "number"),
    sqlite_autoincrement=True,
)
_reopened = among(ticket_events.c.kind, "reopened")
Index("ix_ticket_events_reopened", ticket_events.c.at, sqlite_where=_reopened, postgresql_where=_reopened)

notes = Table(
    "notes",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("author_id", Id, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("at", Utc, nullable=False),
    Column("message_id", Id, index=True),
    Column("id", Id, primary_key=True),
    version(),
)

proposals = Table(
    "proposals",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("helped", Boolean),
    Column("feedback_at", Utc),
    Column("ticket_id", Id, ForeignKey("tickets.id"), index=True),
    Column("proposed_by", Id),
    Column("applied_at", Utc),
    Column("feedback", CleanText),
    Column("id", Id, primary_key=True),
    version(),
)

interventions = Table(
    "interventions",
    metadata,
    Column("reference", Key, nullable=False, unique=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("category", CleanText, nullable=False),
    Column("root_cause", CleanText, nullable=False),
    Column("steps", Json(tuple[str, ...]), nullable=False),
    Column("author_id", Id, nullable=False),
    Column("at", Utc, nullable=False),
    Column("keywords", Json(tuple[str, ...]), nullable=False),
    Column("audience", Choice(Audience), nullable=False),
    Column("state", Choice, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("symptoms", CleanText, nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("screenshots", Json(tuple[UUID, ...]), nullable=False),
    Column("masked", Json(tuple[str, ...]), nullable=False),
    Column("reviewed_by", Id),
    Column("reviewed_at", Utc),
    Column("article_id", Key),
    Column("remark", CleanText, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
)

surveys = Table(
    "surveys",
    metadata,
    Column("kind", Choice, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("sent_at", Utc, nullable=False, index=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id")),
    Column("score", Integer),
    Column("comment", CleanText),
    Column("answered_at", Utc),
    Column("language", Choice(Language), nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    Index("ix_surveys_once", "ticket_id", "kind", unique=True),
)

attachments = Table(
    "attachments",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, index=True),
    Column("name", CleanText, nullable=False),
    Column("media_type", CleanText, nullable=False),
    Column("size", Serial, nullable=False),
    Column("native_id", CleanText, nullable=False),
    Column("stored_as", CleanText, index=True),
    Column("url", CleanText, nullable=False),
    Column("problem", CleanText),
    Column("attempt", Integer, nullable=False),
    Column("next_at", Utc),
    Column("alternative", CleanText, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
)
_to_fetch = attachments.c.next_at.is_not(None)
Index("ix_attachments_to_fetch", attachments.c.next_at, sqlite_where=_to_fetch, postgresql_where=_to_fetch)

ticket_links = Table(
    "ticket_links",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("other_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("kind", Choice, nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor_id", Id),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("ticket_id", "other_id", "kind"),
)

held_replies = Table(
    "held_replies",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("author_id", Id, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("at", Utc, nullable=False),
    Column("reason", Choice, nullable=False),
    Column("state", Choice, nullable=False),
    Column("message_id", Id, index=True),
    Column("id", Id, primary_key=True),
    version(),
)

sla_notices = Table(
    "sla_notices",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("kind", Choice, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("sent_at", Utc, nullable=False, index=True),
    Column("id", Id, primary_key=True),
    UniqueConstraint("ticket_id", "kind", "stage", "cycle"),
)

problem_subscriptions = Table(
    "problem_subscriptions",
    metadata,
    Column("problem_id", Id, ForeignKey("problems.id"), nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("wants_end", Boolean, nullable=False),
    Column("told_at", Utc),
    Column("audience", Choice(Audience), nullable=False),
    Column("language", Choice(Language), nullable=False),
    Column("news", Integer, nullable=False),
    Column("id", Id, primary_key=True),
    version(),
    UniqueConstraint("problem_id", "conversation_id", "person_id"),
)
