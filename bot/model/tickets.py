"""Tickets and what surrounds them. The rules of a ticket's life are in `bot.tickets.lifecycle`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from bot.model.ids import new_id
from bot.model.messages import Entities
from bot.model.values import Audience, ClosedReason, Intent, Language, Sentiment, TicketStatus, Urgency


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that needs a human. `number` is shown as T12."""

    number: int
    title: str
    summary: str
    category: str
    priority: Urgency
    asker_id: UUID  # Person
    conversation_id: UUID
    opened_because: str  # failed_attempts, asked, human, security, cancellation, dispute, complaint, urgent, sentiment
    created_at: datetime
    language: Language
    audience: Audience = Audience.PUBLIC
    intent: Intent = Intent.OTHER
    sentiment: Sentiment = Sentiment.NEUTRAL
    entities: Entities = Entities()
    deadline: str | None = None  # as the person said it
    status: TicketStatus = TicketStatus.OPEN
    closed_reason: ClosedReason | None = None
    assignee_id: UUID | None = None  # Technician
    snoozed_until: datetime | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    resolution: str | None = None  # what the person was told
    reopened: int = 0
    problem_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0

    @property
    def reference(self) -> str:
        return f"T{self.number}"

    @property
    def is_active(self) -> bool:
        return self.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class TicketPlace:
    """A conversation that shows the ticket. `card` is the platform's id of the message that shows it."""

    ticket_id: UUID
    conversation_id: UUID
    side: Literal["asker", "desk"]
    card: str | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of the audit trail: ids and states, no free text. The trail alone rebuilds the ticket's states."""

    ticket_id: UUID
    kind: str  # opened, claimed, released, resolved, reopened, closed, replied, noted, detail_added, escalated, …
    at: datetime
    actor_id: UUID | None  # Person; None: the desk itself
    status: TicketStatus  # after the event
    detail: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Note:
    """Internal; never sent to the asker."""

    ticket_id: UUID
    author_id: UUID
    text: str
    at: datetime
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article proposed in a conversation, and later on its ticket. `helped`: None until the person says."""

    conversation_id: UUID
    message_id: UUID  # the question it answered
    article_id: str
    position: int  # 1 for the first proposed
    at: datetime
    helped: bool | None = None
    feedback_at: datetime | None = None
    ticket_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Intervention:
    """The write-up of a resolved ticket: INT-2026-01-NET-001, numbered per month and category code."""

    reference: str
    ticket_id: UUID
    category: str
    root_cause: str
    steps: tuple[str, ...]
    author_id: UUID
    at: datetime
    keywords: tuple[str, ...] = ()
    audience: Audience = Audience.INTERNAL
    state: Literal["draft", "approved", "rejected", "withdrawn"] = "draft"
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One cause behind several tickets. Announced while `announced_at` is set and `ended_at` is not.

    Matching questions get `texts` before any article: by category, and by at least one of `words` where there are any.
    """

    title: str
    category: str
    audience: Audience
    texts: dict[str, str]  # language -> what askers are told
    words: tuple[str, ...] = ()
    announced_at: datetime | None = None
    ended_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    kind: Literal["csat", "nps"]
    person_id: UUID
    sent_at: datetime
    ticket_id: UUID | None = None
    conversation_id: UUID | None = None
    score: int | None = None
    comment: str | None = None
    answered_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `stored_as` names it in the file store once it has been fetched."""

    message_id: UUID
    name: str
    media_type: str
    size: int
    native_id: str = ""
    stored_as: str | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the tree; the slug is its path. `names` and `words` by language."""

    slug: str
    number: str
    code: str
    names: dict[str, str]
    parent: str | None = None
    position: int = 0
