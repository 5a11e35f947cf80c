"""What the desk knows: articles, how people ask for them, and what is missing."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from bot.model.ids import new_id
from bot.model.values import Audience, Intent, Language, Urgency

GapState = Literal["open", "planned", "written", "dismissed"]
# problem: told of an announced one; escalated: a human's at once. Neither was looked up.
QuestionOutcome = Literal["answered", "suggested", "lost", "unavailable", "problem", "escalated"]


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Article:
    """A knowledge document. Its row in the database is the truth; an index only points at it."""

    id: str  # path below the synchronised folder, without suffix; FAQ entries add #number
    origin: str  # the synchronised folder or base it came from
    title: str
    body: str  # Markdown
    language: Language
    category: str
    audience: Audience
    revision: str  # hash of everything that is shown or indexed
    keywords: tuple[str, ...] = ()
    phrasings: tuple[str, ...] = ()  # from the document itself
    applies_to: tuple[str, ...] = ()  # device models; empty: any
    links: tuple[Link, ...] = ()
    reviewed: date | None = None
    translation_of: str | None = None  # an article's id
    withdrawn: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A known way to ask for an article, learnt after it was written. Used only once approved."""

    article_id: str
    text: str
    language: Language
    source: Literal["confirmed", "merged", "curator", "past_ticket"]
    approved: bool = False
    id: UUID = field(default_factory=new_id)
    version: int = 0
    question_id: UUID | None = None  # the AskedQuestion that it was taken from
    rejected_at: datetime | None = None  # by a curator: not to be proposed again

    @property
    def reference(self) -> str:
        """What a curator types for it. The end of the id: its beginning is the time, shared by all of one moment."""
        return self.id.hex[-6:]


@dataclass(frozen=True, slots=True)
class Solution:
    """An article with steps that can be proposed, and how it has done."""

    article_id: str
    summary: str
    successes: int = 0
    failures: int = 0
    resolution_seconds: float | None = None  # mean over its successes
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class KnowledgeGap:
    """A question that no article answered well enough."""

    text: str
    language: Language
    audience: Audience
    asked_at: datetime
    message_id: UUID | None
    category: str | None = None
    best_article: str | None = None
    confidence: float = 0.0
    state: GapState = "open"
    id: UUID = field(default_factory=new_id)
    version: int = 0
    group_id: UUID | None = None  # the GapGroup it was found to belong to


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Unanswered questions about one thing. What was decided about it outlives every new clustering: questions join
    groups, groups never change what they are about."""

    number: int  # what people call it by
    title: str
    language: Language
    category: str | None
    created_at: datetime
    owner_id: UUID | None = None  # the Technician who is to write the article
    state: GapState = "open"
    changed_at: datetime | None = None  # of `state`: questions asked later were not yet known then
    article_id: str | None = None  # the article that was written for it
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was asked, or one of a past ticket; secrets and personal identifiers are masked in `text`."""

    text: str
    language: Language
    audience: Audience
    asked_at: datetime
    outcome: QuestionOutcome
    category: str | None = None
    confidence: float = 0.0
    best_article: str | None = None
    confirmed: bool | None = None  # whether the asker said that the answer helped
    message_id: UUID | None = None  # of the Message; one question a message
    asker_id: UUID | None = None  # a Person, or made from a past ticket's client: to count distinct people
    origin: str = "chat"  # or the base that a past ticket came from
    reference: str | None = None  # of a past ticket: unique within its origin
    id: UUID = field(default_factory=new_id)
    version: int = 0
    intent: Intent = Intent.OTHER


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A ticket of another system, as a document has it. Secrets and personal identifiers are masked in its texts."""

    id: str  # path of the document below the synchronised folder, without suffix, and #ticket_id
    origin: str
    ticket_id: str
    subject: str
    content: str
    language: Language
    asked_at: datetime | None = None
    channel: str | None = None
    client_id: UUID | None = None  # stands for the other system's client, who cannot be told from it
    category: str | None = None  # a slug of ours
    category_name: str = ""  # what the other system calls it
    priority: Urgency | None = None
    article: str | None = None  # what it was resolved with, as the other system names it: perhaps an article's id
    resolution: str = ""
    resolution_type: str = ""
    auto_resolvable: bool | None = None
    minutes: int | None = None  # estimated, to resolve it


@dataclass(frozen=True, slots=True)
class Calibration:
    """How confidence was fitted for questions in one language: logistic in an evidence score; the two thresholds."""

    language: Language
    model: str  # the embedding model's name; "" without one
    slope: float
    intercept: float
    answer: float
    suggest: float
    ece: float  # expected calibration error
    auroc: float
    questions: int
    source: Literal["labelled", "leave_one_out"]
    false_answers: float  # the share of wrong answers that `answer` was chosen for
    fitted_at: datetime


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A generated answer kept for the same question and audience. `citations`: article id and revision of each."""

    key: str
    text: str
    audience: Audience
    citations: tuple[tuple[str, str], ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found. `score` orders hits of one search only; `confidence` (0..1) compares between searches, and is
    what thresholds are held against. `probability` of being right, where confidence has been calibrated."""

    article_id: str
    revision: str
    score: float
    confidence: float
    chunk: int = 0  # position of the best chunk
    heading: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """At or above `answer` an answer may be given; from `suggest` up, suggestions; below, the desk says it is lost."""

    answer: float
    suggest: float
    calibrated: bool = False


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Hits, best first, one per article, none beyond the audience asked for; thresholds of the base searched."""

    hits: tuple[Hit, ...]
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class BaseVersion:
    """The state of all articles: `number` grows with every change; what an index has caught up with, or has not."""

    number: int
    articles: int
    at: datetime | None = None
