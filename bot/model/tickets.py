"""Tickets and what surrounds them. The rules of a ticket's life are in `bot.tickets.lifecycle`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from bot.model.ids import new_id
from bot.model.messages import Entities
from bot.model.values import ACTIVE, Audience, ClosedReason, Intent, Language, Sentiment, TicketStatus, Urgency

SlaKind = Literal["acknowledge", "first_contact", "resolution"]


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """One thing promised of a ticket, and by when. While the ticket waits on the person, or is over, the clock stands:
    `due_at` is unset then, and `left` says how many seconds of business time remain; negative if it was late already.

    `stage` counts the notices that are out: 1 the warning, 2 the first escalation, 3 and more the levels above.
    """

    kind: SlaKind
    seconds: int  # of business time, as promised
    started_at: datetime
    due_at: datetime | None
    next_at: datetime | None = None  # when the next notice is due; None: never, as things stand
    left: float | None = None
    stage: int = 0
    met_at: datetime | None = None  # in time or not: `due_at` tells

    @property
    def in_time(self) -> bool | None:
        """Whether the promise was kept; None as long as that is open."""
        if self.met_at is not None:
            return self.due_at is None or self.met_at <= self.due_at
        return False if self.stage > 1 or (self.left or 0) < 0 else None


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
    # failed_attempts, asked, reaction, human, security, cancellation, dispute, complaint, urgent, sentiment
    opened_because: str
    created_at: datetime
    language: Language
    audience: Audience = Audience.PUBLIC
    intent: Intent = Intent.OTHER
    sentiment: Sentiment = Sentiment.NEUTRAL
    entities: Entities = Entities()
    deadline: str | None = None  # as it was said
    deadline_at: datetime | None = None  # when that is, where it could be told
    status: TicketStatus = TicketStatus.OPEN
    closed_reason: ClosedReason | None = None
    assignee_id: UUID | None = None  # Technician
    snoozed_until: datetime | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    resolution: str | None = None  # what the person was told
    resolution_reason: str | None = None  # fixed, duplicate, no_reply, not_reproducible
    reopened: int = 0
    problem_id: UUID | None = None
    merged_into_id: UUID | None = None  # Ticket
    previous_id: UUID | None = None  # the closed Ticket that this one goes on with
    device_id: UUID | None = None  # the asker's Device that it is about, where that was recognised
    question_id: UUID | None = None  # the Message whose question it came of; None: no question came before
    sla: tuple[SlaTarget, ...] = ()
    sla_policy: str | None = None  # the name of the policy that `sla` was made by
    sla_next_at: datetime | None = None  # the earliest `next_at` of its targets
    link: str | None = None  # a permanent address of the message that it came of
    id: UUID = field(default_factory=new_id)
    version: int = 0

    @property
    def reference(self) -> str:
        return f"T{self.number}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def due_at(self) -> datetime | None:
        """By when something is to be done next: what is promised soonest, or the person's own deadline."""
        if not self.is_active:
            return None
        promised = (target.due_at for target in self.sla if target.due_at and not target.met_at)
        return min((*promised, *([self.deadline_at] if self.deadline_at else [])), default=None)


@dataclass(frozen=True, slots=True)
class TicketPlace:
    """A conversation that shows the ticket. `card_id` is the Message that shows it there; replies to that message are
    the ticket's thread."""

    ticket_id: UUID
    conversation_id: UUID
    side: Literal["asker", "desk"]
    card_id: UUID | None = None
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
    message_id: UUID | None = None  # the Message it was
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article proposed in a conversation, and later on its ticket. `helped`: None until the person says, or the
    technician who tried it."""

    conversation_id: UUID
    message_id: UUID  # the question it answered
    article_id: str
    position: int  # 1 for the first proposed
    at: datetime
    helped: bool | None = None
    feedback_at: datetime | None = None
    ticket_id: UUID | None = None
    proposed_by: UUID | None = None  # the technician's Person; None: the desk itself
    applied_at: datetime | None = None  # when somebody went through its steps
    feedback: str | None = None  # in whose words it helped or not
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
    title: str = ""
    symptoms: str = ""  # what the asker met, in words that hold for everybody
    language: Language = Language.EN
    screenshots: tuple[UUID, ...] = ()  # Attachments
    masked: tuple[str, ...] = ()  # kinds of personal data that were found in the draft and masked
    reviewed_by: UUID | None = None  # Person
    reviewed_at: datetime | None = None
    article_id: str | None = None  # what it became once approved
    remark: str = ""  # why it was rejected or withdrawn, in the words of who did
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What readers of one audience and language are told of a problem. Plain text of a technician."""

    audience: Audience
    language: Language
    text: str
    workaround: str = ""
    news: int = 0  # the number of the news that it came with


@dataclass(frozen=True, slots=True)
class ProblemDraft:
    """What is to be said next of a problem: written and shown to its author, sent only once they have confirmed it."""

    step: Literal["announce", "update", "end"]
    texts: tuple[ProblemText, ...]
    author_id: UUID  # Person
    at: datetime
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Problem:
    """One cause behind several tickets. Announced while `announced_at` is set and `ended_at` is not; shown as P3.

    Matching questions get its text before any article: by category, and by at least one of `words` where there are any.
    News go out from `tell_from` on, in portions; until then they can be taken back. `before` is what stood before the
    last news.
    """

    number: int
    title: str
    category: str
    texts: tuple[ProblemText, ...] = ()
    words: tuple[str, ...] = ()
    announced_at: datetime | None = None
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    author_id: UUID | None = None  # Person
    draft: ProblemDraft | None = None
    end_texts: tuple[ProblemText, ...] = ()  # what is told of its end, where something is said of it
    before: tuple[ProblemText, ...] = ()
    news: int = 0  # how often there was something to tell
    tell_from: datetime | None = None  # None: everybody has been told
    id: UUID = field(default_factory=new_id)
    version: int = 0

    @property
    def reference(self) -> str:
        return f"P{self.number}"

    @property
    def is_announced(self) -> bool:
        return self.announced_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class ProblemSubscription:
    """Somebody was told of a problem where they asked: they are told there when it is over. With `wants_end` they asked
    for it, or have a ticket: they are told what is new meanwhile, too. `audience` is that of the least privileged who
    read there."""

    problem_id: UUID
    conversation_id: UUID
    person_id: UUID
    at: datetime
    wants_end: bool = False
    told_at: datetime | None = None  # that it is over, or that it does not concern them: nothing more is to be told
    audience: Audience = Audience.PUBLIC
    language: Language = Language.EN
    news: int = 0  # the latest that they know of
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class TicketLink:
    """Two tickets that belong together. `follows`: the first goes on with the closed second; `merged`: the first is
    part of the second; `recurring`: the same trouble of the same person or device, within a month."""

    ticket_id: UUID
    other_id: UUID
    kind: Literal["related", "follows", "merged", "recurring"]
    at: datetime
    actor_id: UUID | None = None  # Person; None: the desk itself
    id: UUID = field(default_factory=new_id)
    version: int = 0


# public: it was meant for everybody and waits for a second look; no_post: nothing public is there to be answered;
# opted_out: the person asked to be left alone.
HeldReason = Literal["not_assignee", "lost_race", "not_active", "to_bot", "public", "no_post", "opted_out"]


@dataclass(frozen=True, slots=True)
class HeldReply:
    """What a technician wrote and the desk did not send, until they decide: send it, or keep it as a note.

    What was meant for everybody is sent to everybody, or dropped, and never anything else.
    """

    ticket_id: UUID
    author_id: UUID  # Person
    text: str
    at: datetime
    reason: HeldReason
    state: Literal["held", "sent", "kept", "dropped"] = "held"
    message_id: UUID | None = None  # the Message it was
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class SlaNotice:
    """A notice of an SLA that went out: of each target and stage exactly one. What `sent_at` is later than `due_at` is
    the desk's own lateness, not the technicians'."""

    ticket_id: UUID
    kind: SlaKind
    stage: int
    cycle: int  # how often the ticket had been reopened: a reopened ticket is warned anew
    due_at: datetime
    sent_at: datetime
    id: UUID = field(default_factory=new_id)


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
    language: Language = Language.EN
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `stored_as` names it in the file store once it has been fetched.

    Until then `next_at` is when to try next; with a `problem` it will not be had: too_large, wrong_type, …; what a
    public post has is only named (`in_public`) until there is a ticket. `alternative`: what a picture shows.
    """

    message_id: UUID
    name: str
    media_type: str
    size: int
    native_id: str = ""
    stored_as: str | None = None
    url: str = ""  # where the platform has it
    problem: str | None = None
    attempt: int = 0
    next_at: datetime | None = None
    alternative: str = ""
    sensitive: bool = False  # shown to nobody who does not want to see it
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
