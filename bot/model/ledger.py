"""The inbox and the outbox: what was received and what is to be sent, with who has it in hand."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.messages import ConversationRef, Incoming
from bot.model.public import PublicTarget
from bot.model.values import InboxState, Language, OutboxState, Visibility


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An event in someone's hands. `attempt` counts how often it was taken up, `failures` how often it raised."""

    id: UUID
    sequence: int  # order of arrival
    event: Incoming
    state: InboxState
    owner: str | None
    attempt: int
    failures: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One document to one conversation: an outbox row.

    `key` is unique, so that a handler that runs twice cannot send twice. Rows with the same `coalesce` that are still
    pending become one: the latest document wins, in the place of the first. `replaces` is the platform's id of a
    message to edit; `edits` names it by its Message, whose platform id is known when its turn comes. With `reaction`
    the emoji is put on that message, and the document is what platforms without reactions say instead. `confirms` is
    the technician's Message that this one relays: they are told there whether it arrived. `repeated` tells the adapter
    that this may have been shown before.
    """

    conversation: ConversationRef
    document: Document
    key: str
    language: Language = Language.EN
    visibility: Visibility = Visibility.ROOM
    recipient: str | None = None  # native user id, for what only one person may see
    message_id: UUID | None = None  # the Message that this says
    replaces: str | None = None
    coalesce: str | None = None
    available_at: datetime | None = None  # not before; None: at once
    id: UUID = field(default_factory=new_id)
    state: OutboxState = OutboxState.PENDING
    number: int = 0  # order of entry; given by the store
    attempt: int = 0
    repeated: bool = False
    edits: UUID | None = None
    reaction: str | None = None
    confirms: UUID | None = None
    public: PublicTarget | None = None  # of a public reply, and of nothing else


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an event has come. `id` is its inbox row's and its Message's; `undelivered` counts what is still to be
    sent for it to the account that it came from: others may have nobody who delivers to them at present."""

    id: UUID
    state: InboxState
    undelivered: int

    @property
    def is_over(self) -> bool:
        """Handled, and everything that came of it delivered where it came from."""
        return self.state in (InboxState.DONE, InboxState.DEAD) and self.undelivered == 0


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """For doctor, metrics and tests."""

    inbox: dict[str, int]
    outbox: dict[str, int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far something was read. Advanced in the transaction that stores what was read."""

    name: str
    value: str
    version: int = 0


RunOutcome = Literal["running", "retrying", "completed", "failed", "skipped"]
SCHEDULER = "scheduler"  # the lease of whoever leads the jobs


@dataclass(frozen=True, slots=True)
class Lease:
    """`epoch` grows with every change of owner: a fencing token. `since`: when this owner took it."""

    name: str
    owner: str
    expires_at: datetime
    epoch: int
    since: datetime


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job for one due time; (job, scheduled_for) is unique.

    `epoch` is that of the scheduler's lease under which it runs; 0: by hand, under none. `attempt` counts how often it
    was taken up. `effects`: how many things it did. `detail`: codes and references, no free text.
    """

    job: str
    scheduled_for: datetime
    started_at: datetime
    owner: str
    finished_at: datetime | None = None
    outcome: RunOutcome = "running"
    detail: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0
    attempt: int = 1
    effects: int = 0
    id: UUID = field(default_factory=new_id)
    version: int = 0
