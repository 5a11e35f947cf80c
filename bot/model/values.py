"""The closed vocabularies. These exact strings stand in JSON and in the database."""

from enum import StrEnum


class Intent(StrEnum):
    HOWTO = "howto"
    FAULT = "fault"
    REQUEST = "request"
    ORDER = "order"
    BILLING = "billing"
    PLAN = "plan"
    ACTIVATION = "activation"
    CANCELLATION = "cancellation"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    SECURITY = "security"
    HUMAN = "human"
    STATUS = "status"
    SMALLTALK = "smalltalk"
    OTHER = "other"


class Urgency(StrEnum):
    """Information; annoying; partly unavailable; wholly unavailable. A ticket's priority has the same four values."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return tuple(Urgency).index(self)

    def at_least(self, floor: "Urgency") -> "Urgency":
        return self if self.rank >= floor.rank else floor


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    VERY_NEGATIVE = "very_negative"


class Audience(StrEnum):
    """Who may read: anyone, or members of the organisation only. The least privileged reader decides."""

    PUBLIC = "public"
    INTERNAL = "internal"

    def may_read(self, article: "Audience") -> bool:
        """Whether a reader of this audience may see a document of that one."""
        return article is Audience.PUBLIC or self is Audience.INTERNAL


class Language(StrEnum):
    FR = "fr"
    EN = "en"

    @classmethod
    def of(cls, locale: str | None) -> "Language | None":
        """fr-CA -> fr; None for a locale that the desk does not speak."""
        code = (locale or "").replace("_", "-").split("-")[0].lower()
        return cls(code) if code in tuple(cls) else None


class TicketStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


ACTIVE = (TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.WAITING)  # somebody has something to do


class ClosedReason(StrEnum):
    CONFIRMED = "confirmed"
    SILENT = "silent"
    NOT_A_REQUEST = "not_a_request"
    MERGED = "merged"
    CANCELLED = "cancelled"


class AnswerKind(StrEnum):
    """What the desk did with a message."""

    ANSWER = "answer"
    SUGGESTIONS = "suggestions"
    CLARIFY = "clarify"
    LOST = "lost"
    KNOWN_PROBLEM = "known_problem"
    REFERRAL = "referral"
    TICKET = "ticket"
    CHAT = "chat"
    COMMAND = "command"


class Role(StrEnum):
    """What a technician may do; each role may do what the ones before it may."""

    TECHNICIAN = "technician"
    LEAD = "lead"
    CURATOR = "curator"
    ADMIN = "admin"


class Visibility(StrEnum):
    """Who sees a reply: everybody in the room, the asker alone in the room, the asker in a direct message."""

    ROOM = "room"
    ONLY_ASKER = "only_asker"
    DIRECT = "direct"


class InboxState(StrEnum):
    RECEIVED = "received"
    PROCESSING = "processing"
    DONE = "done"
    DEAD = "dead"


class OutboxState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
