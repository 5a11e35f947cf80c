"""What was understood of one message, and why."""

from dataclasses import dataclass
from typing import Literal

from bot.model.messages import Entities, MaskedSecret
from bot.model.values import Intent, Language, Sentiment, Urgency

TicketReason = Literal["security", "cancellation", "refund", "dispute", "complaint", "urgent", "sentiment", "human"]


@dataclass(frozen=True, slots=True)
class Understanding:
    """`text` has secrets masked. `because` names each rule that fired with the words that made it fire."""

    text: str
    language: Language
    intent: Intent
    urgency: Urgency
    sentiment: Sentiment
    category: str | None = None  # slug, None when nothing points anywhere
    complaint: bool = False
    chance_of_complaint: float | None = None  # of a post; for messages a rule decides
    wants_human: bool = False
    deadline: str | None = None  # the person's own words, such as "meeting at 9"
    entities: Entities = Entities()
    secrets: tuple[MaskedSecret, ...] = ()
    ticket_at_once: TicketReason | None = None
    feedback: Literal["yes", "no"] | None = None  # the whole message is an everyday yes or no to "did it work?"
    choice: int | None = None  # the whole message picks a number, from 1
    settled: bool = False  # "never mind, fixed"
    thanks: bool = False  # thanks and nothing else
    greeting: bool = False  # a greeting and nothing else
    asks_status: bool = False  # "where is my ticket"
    new_question: bool = False  # says itself that this is another matter
    vague: bool = False  # names no thing and no symptom
    references: tuple[int, ...] = ()  # tickets named, such as T12
    because: tuple[str, ...] = ()
