"""The database, as the core sees it.

Reading goes to the database at once. Writing is collected: `add` and `save` note what is to become of a record, and
`UnitOfWork.commit` applies everything in one short write transaction, so that no slow call ever happens inside one.
Saving a versioned record checks that its row still has the version that was read; if not, commit raises StaleWrite and
nothing of the unit of work is applied. Records read before are not updated by `save`: read again for the new version.
Every method raises StorageUnavailable when the database cannot be reached.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Protocol, Self
from uuid import UUID

from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.lateness import Lateness
from bot.model.ledger import Cursor, Delivery, InboxRow, JobRun, Lease, LedgerCounts, Progress
from bot.model.messages import ConversationRef, Identity, Incoming, MessageKey
from bot.model.people import (
    Account,
    Company,
    Device,
    DirectoryEntry,
    Known,
    LinkCode,
    Person,
    PersonIdentity,
    Technician,
)
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
from bot.ports.knowledge_base import Knowledge as Knowledge
from bot.ports.reports import Reports as Reports
from bot.ports.sign_in import SignInCodes as SignInCodes

Topic = Literal["inbox", "outbox", "knowledge"]
Expiring = Literal[
    "inbox_payloads", "deliveries", "traces", "answers", "sign_in_codes", "link_codes", "job_runs", "held_replies"
]
PeopleRecord = Account | Company | Person | PersonIdentity | Device | Technician | LinkCode
TicketRecord = Ticket | TicketPlace | TicketLink | HeldReply | Note | Proposal | Intervention | Survey | Attachment


class People(Protocol):
    def add(self, record: PeopleRecord) -> None: ...

    def save(self, record: PeopleRecord) -> None: ...

    def remove(self, record: DirectoryEntry) -> None:
        """Commit raises StaleWrite if the row changed since it was read, or if another row points to it by then."""
        ...

    def merge(self, keep: UUID, gone: UUID) -> None:
        """Two persons are one: at commit, after everything else that was noted, whatever points to `gone` points to
        `keep`, who takes over what they did not say of themselves, and `gone` is removed.

        Commit raises StaleWrite if one of them is not there by then, or if both are technicians.
        """
        ...

    async def known(self, identity: Identity) -> Known | None: ...

    async def person(self, id: UUID) -> Person | None: ...

    async def persons(self, ids: Collection[UUID]) -> dict[UUID, Person]: ...

    async def colleagues(self, company_id: UUID) -> list[Person]:
        """Everybody of a company."""
        ...

    async def by_email(self, emails: Collection[str]) -> list[Person]:
        """Whose address is one of these, case aside; the first met first: an address may be that of several."""
        ...

    async def technician(self, id: UUID) -> Technician | None: ...

    async def technicians(self) -> list[Technician]:
        """By number, disabled ones included."""
        ...

    async def technician_of(self, person_id: UUID) -> Technician | None: ...

    async def identities(self, person_id: UUID) -> list[PersonIdentity]: ...

    async def link_code(self, code_hash: str) -> LinkCode | None:
        """The newest with that hash."""
        ...

    async def link_codes(self, person_id: UUID, since: datetime) -> list[LinkCode]:
        """Those of a person that were made from then on, the oldest first."""
        ...

    async def company_by_id(self, id: UUID) -> Company | None: ...

    async def devices(self, person_id: UUID) -> list[Device]: ...

    async def by_serial(self, serials: Collection[str]) -> list[Device]:
        """As they are written there, case included."""
        ...

    async def company(self, domain: str) -> Company | None: ...

    async def companies(self, domains: Collection[str]) -> dict[str, Company]:
        """By domain."""
        ...

    async def between(self, first: UUID, last: UUID) -> list[DirectoryEntry]:
        """Everything with an id in this range, both ends included."""
        ...

    async def references(self, ids: Collection[UUID], ignoring: Collection[UUID] = ()) -> dict[UUID, tuple[str, ...]]:
        """Which tables have rows that point to each of these records, apart from the few rows with the ids in
        `ignoring`; only the records that are pointed to."""
        ...

    async def account(self, platform: str, native_id: str) -> Account | None: ...


class Conversations(Protocol):
    def add(self, record: Conversation | Message) -> None: ...

    def save(self, record: Conversation | Message) -> None: ...

    def add_steps(self, steps: Sequence[ProcessingStep]) -> None: ...

    async def get(self, id: UUID) -> Conversation | None: ...

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Conversation]: ...

    async def by_ref(self, ref: ConversationRef) -> Conversation | None: ...

    async def message(self, id: UUID) -> Message | None: ...

    async def message_by_native_id(self, conversation_id: UUID, native_id: str) -> Message | None: ...

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
        self, filter: TicketFilter = TicketFilter(), order: TicketOrder = "turn", limit: int = 20, offset: int = 0
    ) -> list[Ticket]:
        """`turn`: open before in_progress before waiting before resolved before closed, then priority, then oldest.
        `due`: what is promised soonest first, then as `turn`."""
        ...

    async def sla_due(self, now: datetime, limit: int = 100) -> list[Ticket]:
        """Tickets with a notice due, the longest due first."""
        ...

    async def snooze_ended(self, now: datetime, limit: int = 100) -> list[Ticket]: ...

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Ticket]: ...

    async def count(self, filter: TicketFilter = TicketFilter()) -> int: ...

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

    async def unsurveyed(self, after: datetime, before: datetime, limit: int = 100) -> list[Ticket]:
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


class InboxWrites(Protocol):
    def done(self, row: InboxRow) -> None:
        """Finish the row in this transaction; commit raises LeaseLost if it is in other hands by now."""
        ...

    def dead(self, row: InboxRow, error: str) -> None:
        """Give the row up in this transaction; `error` is a reference id and the error's type, no message text."""
        ...


class OutboxWrites(Protocol):
    def add(self, delivery: Delivery) -> None:
        """A key that exists already is left as it is. A pending row with the same `coalesce` takes the new document."""
        ...

    def withdraw(self, message_id: UUID) -> None:
        """Withdraw what is pending for a Message."""
        ...


class Cursors(Protocol):
    async def get(self, name: str) -> Cursor | None: ...

    def save(self, cursor: Cursor) -> None:
        """Insert when `version` is 0, else update."""
        ...


class UnitOfWork(Protocol):
    people: People
    conversations: Conversations
    tickets: Tickets
    problems: Problems
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


class InboxLedger(Protocol):
    """Each method is a transaction of its own."""

    async def receive(self, *events: Incoming) -> int:
        """Store events whose keys are not known yet, in order; return how many were new."""
        ...

    async def claim(self, owner: str, lease: timedelta, limit: int = 1) -> list[InboxRow]:
        """Take rows in hand: received, due, or left by an owner whose lease has run out.

        Of one conversation at most one row is in hand at a time, the earliest first. Of any number of claimers, each
        row goes to one.
        """
        ...

    async def renew(self, row: InboxRow, lease: timedelta) -> bool:
        """False if the row is in other hands by now."""
        ...

    async def retry(self, row: InboxRow, at: datetime, error: str) -> None:
        """Give the row back after a failure, to be claimed again from `at`; counts one failure."""
        ...

    async def suspect(self, row: InboxRow) -> bool:
        """Count one failure of a row in hand beforehand, in case that its handling ends the process; False if the row
        is in other hands by now."""
        ...

    async def recover(self, owner: str | None = None) -> int:
        """Give back rows in hand: those of `owner`, or with None all of them (for the only process on a database)."""
        ...

    async def expire(self) -> int:
        """Give back rows in hand whose lease has run out; return how many."""
        ...

    async def progress(self, key: MessageKey) -> Progress | None:
        """How far the event with this key has come; None if it was never received."""
        ...

    async def waiting_since(self) -> datetime | None:
        """When the oldest of those that are neither done nor dead was received; None if there are none."""
        ...

    async def dead(self, limit: int = 100) -> list[InboxRow]: ...

    async def revive(self, id: UUID) -> bool:
        """Receive a dead row anew."""
        ...


class OutboxLedger(Protocol):
    """Each method is a transaction of its own. Order is kept per conversation: a row waits for the ones before it."""

    async def claim(
        self, owner: str, lease: timedelta, accounts: Collection[tuple[str, str]], limit: int = 10
    ) -> list[Delivery]:
        """Mark rows `sending` for these (platform, account) pairs; at most one per conversation at a time.

        Rows of state unknown that are due are claimed too, with state `unknown`: their outcome is to be found out.
        """
        ...

    async def sent(self, delivery: Delivery, external_id: str, at: datetime) -> None:
        """Note the platform's id, on the Message too, and as known in the inbox, so that it is not heard as news."""
        ...

    async def postpone(self, delivery: Delivery, at: datetime, error: str) -> None:
        """Not posted: pending again from `at`."""
        ...

    async def unknown(self, delivery: Delivery, at: datetime, error: str) -> None:
        """Perhaps posted: to be looked into from `at`."""
        ...

    async def failed(self, delivery: Delivery, error: str) -> None: ...

    async def expire(self, accounts: Collection[tuple[str, str]] = ()) -> int:
        """Rows `sending` whose lease has run out become unknown, and all those of `accounts`, for a process that is
        the only one to serve them and has just started; return how many."""
        ...

    async def state(self, id: UUID) -> Delivery | None: ...

    async def of_conversation(self, ref: ConversationRef, after: int = 0) -> list[Delivery]:
        """Deliveries with a number above `after`, in order, whatever their state."""
        ...


class Leases(Protocol):
    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take or renew; None while somebody else holds it. Time is the database's where it has one."""
        ...

    async def seize(self, name: str, owner: str, ttl: timedelta) -> Lease:
        """Take it from whoever holds it: for the only process on a database, where that one can only be dead."""
        ...

    async def holder(self, name: str) -> Lease | None:
        """Who holds it now, if anybody does."""
        ...

    async def release(self, name: str, owner: str) -> None: ...


class JobRuns(Protocol):
    async def start(self, run: JobRun) -> JobRun | None:
        """The run as it has begun; its `attempt` is one higher than that of the run it takes up.

        None if (job, due time) is over, or is in the hands of the same epoch or a later one; if a later due time of the
        job has been; or if the scheduler's lease is in another epoch by now.
        """
        ...

    async def finish(self, run: JobRun) -> None:
        """Write down how it ended. Of the completed runs of a job that had no effect, only the last is kept.

        Raises StaleWrite if the run is in other hands, or the scheduler's lease in another epoch, by now.
        """
        ...

    async def unfinished(self) -> list[JobRun]:
        """Runs of the scheduler that have not ended, the longest due first."""
        ...

    async def history(self, job: str | None = None, limit: int = 50) -> list[JobRun]:
        """The latest due first."""
        ...


class Storage(Protocol):
    inbox: InboxLedger
    outbox: OutboxLedger
    leases: Leases
    job_runs: JobRuns
    sign_in_codes: SignInCodes

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
