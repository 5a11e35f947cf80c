"""The database, as the core sees it.

Reading goes to the database at once. Writing is collected: `add` and `save` note what is to become of a record, and
`UnitOfWork.commit` applies everything in one short write transaction, so that no slow call ever happens inside one.
Saving a versioned record checks that its row still has the version that was read; if not, commit raises StaleWrite and
nothing of the unit of work is applied. Records read before are not updated by `save`: read again for the new version.
Every method raises StorageUnavailable when the database cannot be reached.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol, Self
from uuid import UUID

from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.lateness import Lateness
from bot.model.ledger import LedgerCounts
from bot.model.messages import ConversationRef
from bot.model.tickets import (
    Attachment,
    Category,
    HeldReply,
    Intervention,
    Note,
    Problem,
    ProblemSubscription,
    Proposal,
    SlaNotice,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from bot.model.values import TicketStatus, Urgency
from bot.ports.contact import Contact as Contact
from bot.ports.files import Attachments as Attachments
from bot.ports.files import FileStore as FileStore
from bot.ports.installations import Installations as Installations
from bot.ports.knowledge_base import Knowledge as Knowledge
from bot.ports.ledgers import Cursors as Cursors
from bot.ports.ledgers import Expiring as Expiring
from bot.ports.ledgers import InboxLedger as InboxLedger
from bot.ports.ledgers import InboxWrites as InboxWrites
from bot.ports.ledgers import JobRuns as JobRuns
from bot.ports.ledgers import Leases as Leases
from bot.ports.ledgers import OutboxLedger as OutboxLedger
from bot.ports.ledgers import OutboxWrites as OutboxWrites
from bot.ports.people import People as People
from bot.ports.people import PeopleRecord as PeopleRecord
from bot.ports.personal import PersonalData as PersonalData
from bot.ports.public import Public as Public
from bot.ports.reports import Reports as Reports
from bot.ports.sign_in import SignInCodes as SignInCodes

Topic = Literal["inbox", "outbox", "knowledge"]
TicketRecord = Ticket | TicketPlace | TicketLink | HeldReply | Note | Proposal | Intervention | Survey | Attachment


class Conversations(Protocol):
    def add(self, record: Conversation | Message) -> None: ...

    def save(self, record: Conversation | Message) -> None: ...

    def add_steps(self, steps: Sequence[ProcessingStep]) -> None: ...

    async def get(self, id: UUID) -> Conversation | None: ...

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Conversation]: ...

    async def by_ref(self, ref: ConversationRef) -> Conversation | None: ...

    async def message(self, id: UUID) -> Message | None: ...

    async def public_among(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of these conversations in which a person ever wrote where anybody may read."""
        ...

    async def message_by_native_id(self, conversation_id: UUID, native_id: str) -> Message | None: ...

    async def perhaps_posted(self, conversation_id: UUID) -> list[Message]:
        """What is being posted, or may have been without anybody knowing as what; the earliest first."""
        ...

    async def live_threads(self, platform: str, account: str, since: datetime) -> list[ConversationRef]:
        """Threads in which a person wrote from then on, and those of tickets that are not closed: where they are
        answered, and under their cards."""
        ...

    async def last_asked(self, person_id: UUID, limit: int = 20) -> list[Message]:
        """What somebody wrote to the desk and was answered, the latest first."""
        ...

    async def copies(self, message_id: UUID) -> list[Message]:
        """What was relayed of a message to the other side of its ticket."""
        ...

    async def messages(self, conversation_id: UUID, limit: int = 200) -> list[Message]:
        """The latest `limit`, oldest first."""
        ...

    async def steps(self, message_id: UUID) -> list[ProcessingStep]:
        """By position."""
        ...


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """All that are given must hold. `category` includes those below it; `text` is looked for in title and summary."""

    statuses: tuple[TicketStatus, ...] = ()
    priorities: tuple[Urgency, ...] = ()
    category: str | None = None
    assignee_id: UUID | None = None
    unassigned: bool = False
    asker_id: UUID | None = None
    conversation_id: UUID | None = None
    text: str | None = None
    problem_id: UUID | None = None
    device_id: UUID | None = None
    snoozed: bool | None = None  # True: only snoozed ones; False: none of them
    created_after: datetime | None = None
    resolved_before: datetime | None = None


TicketOrder = Literal["turn", "due", "newest", "oldest", "priority"]


class Tickets(Protocol):
    def add(self, record: TicketRecord) -> None: ...

    def save(self, record: TicketRecord) -> None: ...

    def remove(self, record: TicketPlace | TicketLink) -> None:
        """Commit raises StaleWrite if the row changed since it was read."""
        ...

    def add_event(self, event: TicketEvent) -> None: ...

    def add_notice(self, notice: SlaNotice) -> None:
        """Commit raises StaleWrite if this notice of a target has gone out already."""
        ...

    async def next_number(self) -> int:
        """Take the next ticket number, in a transaction of its own: never given twice; unused ones leave a gap."""
        ...

    async def get(self, id: UUID) -> Ticket | None: ...

    async def by_number(self, number: int) -> Ticket | None: ...

    async def find(
        self,
        filter: TicketFilter = TicketFilter(),
        order: TicketOrder = "turn",
        limit: int = 20,
        offset: int = 0,
        *,
        reader: UUID | None = None,
    ) -> list[Ticket]:
        """`turn`: what the reader has to act on first, then what is due soonest, then by priority, then the oldest.

        A technician (`reader`) acts on what they have, then on what nobody has; then come the others', what waits on
        its asker, what is snoozed, resolved and closed. An asker, whose own tickets are asked for, acts on what waits
        on them and on what they are to confirm. `due`: what is due soonest first, whoever acts.
        """
        ...

    async def sla_due(self, now: datetime, limit: int = 100) -> list[Ticket]:
        """Tickets with a notice due, the longest due first."""
        ...

    async def snooze_ended(self, now: datetime, limit: int = 100) -> list[Ticket]: ...

    async def without_card(self, rooms: Collection[ConversationRef], since: datetime, limit: int = 100) -> list[Ticket]:
        """Active tickets that were opened since then and are shown in none of these rooms, the oldest first."""
        ...

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Ticket]: ...

    async def count_opened(self, actor_id: UUID, since: datetime) -> int:
        """How many tickets somebody opened from then on, whoever asks in them."""
        ...

    async def count(self, filter: TicketFilter = TicketFilter()) -> int: ...

    async def troubles(self, ticket: Ticket, category: str, since: datetime) -> list[Ticket]:
        """Tickets before this one, of its asker or its device, in a category or below it, that were opened or written
        up from then on; the oldest first. What was no request, or is part of another ticket, is none."""
        ...

    async def active_of(self, person_id: UUID) -> list[Ticket]:
        """Open, in progress, waiting or resolved tickets of an asker, the newest first."""
        ...

    async def events(self, ticket_id: UUID) -> list[TicketEvent]: ...

    async def notes(self, ticket_id: UUID) -> list[Note]: ...

    async def places(self, ticket_id: UUID) -> list[TicketPlace]: ...

    async def places_in(self, conversation_id: UUID) -> list[TicketPlace]: ...

    async def place_of_card(self, card_id: UUID) -> TicketPlace | None:
        """The place whose card is this Message."""
        ...

    async def links(self, ticket_id: UUID) -> list[TicketLink]:
        """Those that name the ticket on either side, the oldest first."""
        ...

    async def held(self, id: UUID) -> HeldReply | None: ...

    async def held_of(self, ticket_id: UUID) -> list[HeldReply]:
        """Those that nobody has decided on yet, the oldest first."""
        ...

    async def written_as(self, message_id: UUID) -> Note | HeldReply | None:
        """The note or the held words that a technician's message became."""
        ...

    async def notices(self, ticket_id: UUID) -> list[SlaNotice]: ...

    async def lateness(self, since: datetime | None = None, until: datetime | None = None) -> Lateness:
        """Of the SLA notices sent from `since` on and before `until`: how much later than due."""
        ...

    async def proposals(self, conversation_id: UUID) -> list[Proposal]:
        """By position and time."""
        ...

    async def proposal(self, id: UUID) -> Proposal | None: ...

    async def proposals_on(self, ticket_id: UUID) -> list[Proposal]:
        """By position and time."""
        ...

    async def resolved_with(self, article_id: str) -> list[tuple[UUID, datetime, datetime]]:
        """The proposals of an article that helped on a ticket that is resolved, each with when that was opened and
        resolved."""
        ...

    async def interventions(self, ticket_id: UUID) -> list[Intervention]:
        """The oldest first."""
        ...

    async def intervention(self, reference: str) -> Intervention | None: ...

    async def written_up(self, state: str | None = None, limit: int = 100, offset: int = 0) -> list[Intervention]:
        """Write-ups in one state or, with None, in any: by time, the oldest first."""
        ...

    async def surveys(self, ticket_id: UUID) -> list[Survey]: ...

    async def survey(self, id: UUID) -> Survey | None: ...

    async def surveys_of(self, person_id: UUID) -> list[Survey]:
        """The newest first."""
        ...

    async def surveys_sent(self, kind: Literal["csat", "nps"], after: datetime, before: datetime) -> list[Survey]:
        """Sent from `after` on and before `before`, the oldest first."""
        ...

    async def unsurveyed(self, after: datetime, before: datetime, limit: int = 100, offset: int = 0) -> list[Ticket]:
        """Tickets that a human resolved, closed as confirmed or silent within these times, of which nobody has asked
        how it went; the longest closed first."""
        ...

    async def attachments(self, message_id: UUID) -> list[Attachment]: ...


class Problems(Protocol):
    def add(self, record: Problem | ProblemSubscription) -> None: ...

    def save(self, record: Problem | ProblemSubscription) -> None: ...

    async def get(self, id: UUID) -> Problem | None: ...

    async def by_number(self, number: int) -> Problem | None: ...

    async def announced(self) -> list[Problem]:
        """Announced and not ended, the oldest first."""
        ...

    async def recent(self, limit: int = 20) -> list[Problem]:
        """Whatever their state, the newest first."""
        ...

    async def next_number(self) -> int:
        """As of tickets."""
        ...

    async def to_tell(self, now: datetime) -> list[Problem]:
        """Those with news to tell by now."""
        ...

    async def subscriptions(self, problem_id: UUID) -> list[ProblemSubscription]: ...

    async def subscriptions_in(self, conversation_id: UUID) -> list[ProblemSubscription]:
        """Of all problems that somebody was told of in this conversation, the oldest first."""
        ...


class Categories(Protocol):
    def replace(self, categories: Sequence[Category]) -> None: ...

    async def all(self) -> list[Category]: ...


class UnitOfWork(Protocol):
    people: People
    conversations: Conversations
    tickets: Tickets
    attachments: Attachments
    problems: Problems
    public: Public
    contact: Contact
    knowledge: Knowledge
    categories: Categories
    reports: Reports
    inbox: InboxWrites
    outbox: OutboxWrites
    cursors: Cursors

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not committed is forgotten."""
        ...

    async def commit(self) -> None:
        """Apply everything noted since the last commit, or nothing. Raises StaleWrite, LeaseLost."""
        ...


UnitOfWorkFactory = Callable[[], UnitOfWork]


class Storage(Protocol):
    inbox: InboxLedger
    outbox: OutboxLedger
    files: FileStore  # in the database, whether it is the one in use or not
    leases: Leases
    job_runs: JobRuns
    sign_in_codes: SignInCodes
    installations: Installations
    personal: PersonalData

    def unit_of_work(self) -> UnitOfWork: ...

    async def changed(self, topic: Topic, timeout: float) -> None:
        """Return as soon as something of that kind was committed, by any process where the database can tell, or
        after `timeout` seconds."""
        ...

    async def counts(self) -> LedgerCounts: ...

    async def purge(self, kind: Expiring, before: datetime, limit: int = 500) -> int:
        """Remove at most `limit` rows of a kind that were over before then, in one transaction; return how many.

        What is still in hand, or waits for somebody's decision, stays however old it is.
        """
        ...

    async def close(self) -> None: ...
