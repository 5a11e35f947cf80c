"""A conversation, what was said in it, and what the desk is waiting to hear."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.messages import ConversationRef, Entities
from bot.model.values import AnswerKind, Audience, Intent, Language, Sentiment, Urgency


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the person can pick: by its button, its number, or its words."""

    label: str
    value: str  # an article's id, a category's slug or a ticket's reference


@dataclass(frozen=True, slots=True)
class AwaitsFeedback:
    """An article was proposed: did it work?"""

    article: str
    type: Literal["feedback"] = "feedback"


@dataclass(frozen=True, slots=True)
class AwaitsChoice:
    """Up to three "did you mean" were shown."""

    choices: tuple[Choice, ...]
    type: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class AwaitsClarification:
    """A question back: `choices` are categories."""

    choices: tuple[Choice, ...]
    type: Literal["clarification"] = "clarification"


@dataclass(frozen=True, slots=True)
class AwaitsTicketConsent:
    """A ticket was offered: shall it be opened?"""

    type: Literal["ticket_consent"] = "ticket_consent"


@dataclass(frozen=True, slots=True)
class AwaitsTicketChoice:
    """Several tickets are open: which is `text` about? `wish` is what to do with it once it is known."""

    choices: tuple[Choice, ...]
    text: str
    wish: Literal["detail", "status", "settled"]
    type: Literal["ticket_choice"] = "ticket_choice"


@dataclass(frozen=True, slots=True)
class AwaitsConfirmation:
    """A technician resolved `ticket` (a reference): is it settled?"""

    ticket: str
    type: Literal["confirmation"] = "confirmation"


@dataclass(frozen=True, slots=True)
class AwaitsRating:
    """A survey was sent: its score is awaited, or, once that is there, perhaps a comment."""

    survey: UUID
    kind: Literal["csat", "nps"] = "csat"
    rated: bool = False
    type: Literal["rating"] = "rating"


@dataclass(frozen=True, slots=True)
class AwaitsProblem:
    """An announced problem was told of: shall they hear when it is over, or is it something else?"""

    problem: UUID
    type: Literal["problem"] = "problem"


Pending = Annotated[
    AwaitsFeedback
    | AwaitsChoice
    | AwaitsClarification
    | AwaitsTicketConsent
    | AwaitsTicketChoice
    | AwaitsConfirmation
    | AwaitsProblem
    | AwaitsRating,
    Field(discriminator="type"),
]


@dataclass(frozen=True, slots=True)
class Matter:
    """The question at hand and how far the desk has come with it. A new question starts a new one."""

    question: str = ""
    question_message: UUID | None = None
    pending: Pending | None = None
    offered: tuple[str, ...] = ()  # articles shown, in order
    candidates: tuple[str, ...] = ()  # articles not shown yet, best first
    failed: int = 0  # attempts that did not help; a question back is not one
    clarified: int = 0  # questions asked back
    category: str | None = None
    intent: Intent = Intent.OTHER
    urgency: Urgency = Urgency.LOW
    sentiment: Sentiment = Sentiment.NEUTRAL
    deadline: str | None = None
    entities: Entities = Entities()
    problem: UUID | None = None  # the announced Problem that they were told it is
    not_problems: tuple[UUID, ...] = ()  # those that they said it is not


@dataclass(frozen=True, slots=True)
class Conversation:
    """One per ConversationRef. `silenced`: a human has answered; the bot is quiet until the ticket is resolved."""

    ref: ConversationRef
    person_id: UUID | None = None
    language: Language | None = None
    matter: Matter = Matter()
    silenced: bool = False
    last_message_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was understood of a message and what came of it: the record behind `ask --json` and `trace`."""

    kind: AnswerKind
    language: Language
    intent: Intent
    urgency: Urgency
    sentiment: Sentiment
    category: str | None = None
    complaint: bool = False
    wants_human: bool = False
    entities: Entities = Entities()
    confidence: float = 0.0
    calibrated: bool = False
    sources: tuple["ScoredSource", ...] = ()
    ticket: str | None = None
    text: str = ""
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ScoredSource:
    id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Message:
    """Something said in a conversation, by a person, the bot, or a technician."""

    conversation_id: UUID
    author: Literal["person", "bot", "technician"]
    text: str  # secrets masked
    sent_at: datetime
    native_id: str | None = None  # the platform's id, of the message as it came or as it was posted
    person_id: UUID | None = None
    language: Language | None = None
    in_reply_to: UUID | None = None
    audience: Audience = Audience.PUBLIC
    document: Document | None = None  # what the bot answered
    outcome: Outcome | None = None  # of a person's message
    deleted: bool = False
    relay_of: UUID | None = None  # the Message that this is a copy of, on the other side of a ticket
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class ProcessingStep:
    """One of the eight steps a message went through. `detail` holds codes, ids and figures, never free text."""

    message_id: UUID
    position: int
    step: Literal["receive", "identify", "understand", "decide", "retrieve", "answer", "escalate", "send"]
    outcome: str
    ms: float
    detail: dict[str, Any] = field(default_factory=dict)
