"""What keeps several processes from doing one thing twice: inbox and outbox, leases, runs of jobs, cursors."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from bot.model.ledger import Cursor, Delivery, InboxRow, JobRun, Lease, Progress
from bot.model.messages import ConversationRef, Incoming, MessageKey

Expiring = Literal[
    "overheard",
    "inbox_payloads",
    "deliveries",
    "traces",
    "answers",
    "sign_in_codes",
    "link_codes",
    "contact_visits",
    "seen_posts",
    "used_links",
    "job_runs",
    "held_replies",
]


class InboxWrites(Protocol):
    def done(self, row: InboxRow, *, dismissed: bool = False) -> None:
        """Finish the row in this transaction; commit raises LeaseLost if it is in other hands by now. `dismissed`: what
        was said was for nobody at the desk, for all that is known."""
        ...

    def dead(self, row: InboxRow, error: str) -> None:
        """Give the row up in this transaction; `error` is a reference id and the error's type, no message text."""
        ...

    def reconsider(self, conversation: ConversationRef, since: datetime) -> None:
        """Have what was dismissed in a conversation handled after all, if it was sent after `since`: now the desk is
        spoken to there. Before everything else that waits there, in the order in which it came."""
        ...


class OutboxWrites(Protocol):
    def add(self, delivery: Delivery) -> None:
        """A key that exists already is left as it is. A pending row with the same `coalesce` takes the new document.

        Raises ValueError for what is no public reply and would be said in public.
        """
        ...

    def withdraw(self, message_id: UUID) -> None:
        """Withdraw what is pending for a Message."""
        ...


class Cursors(Protocol):
    async def get(self, name: str) -> Cursor | None: ...

    async def starting_with(self, prefix: str) -> list[Cursor]:
        """In the order of their names."""
        ...

    def save(self, cursor: Cursor) -> None:
        """Insert when `version` is 0, else update."""
        ...

    def remove(self, cursor: Cursor) -> None: ...


class InboxLedger(Protocol):
    """Each method is a transaction of its own."""

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        """Store events whose keys are not known yet, in order; return how many were new.

        `reached`: how far was read, by the name of the cursor, written down in the same transaction.
        """
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

    async def postpone(self, row: InboxRow, at: datetime, why: str) -> None:
        """Give the row back as if it had not been taken up, to be claimed again from `at`. It is no failure."""
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
