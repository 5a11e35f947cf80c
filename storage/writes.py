"""Applying what a unit of work has noted: one block of statements, in a fixed order of tables."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, func, null, select, true, update
from sqlalchemy.exc import IntegrityError

from bot.errors import LeaseLost, StaleWrite
from bot.model.knowledge import Article
from bot.model.ledger import Delivery
from bot.model.values import InboxState, OutboxState
from storage.changes import Changes, Finished
from storage.locks import lock_conversations
from storage.merging import merge_people
from storage.models.base import among
from storage.models.knowledge import articles, asked_questions, knowledge_base, knowledge_gaps, phrasings
from storage.models.ledger import inbox, outbox, outbox_merged
from storage.models.tickets import categories
from storage.models.types import Utc
from storage.moments import Moments
from storage.records import ANSWERS, ARTICLES, CALIBRATIONS, CATEGORIES, DELIVERIES, MESSAGES, PLAIN, STEPS
from storage.repositories.base import VALUES, portions
from storage.upserts import upsert

_FINISH = (
    update(inbox)
    .where(
        inbox.c.id == bindparam("row"),
        inbox.c.owner == bindparam("holder"),
        inbox.c.attempt == bindparam("nth"),
        inbox.c.state == InboxState.PROCESSING,
    )
    .values(
        state=bindparam("new_state"),
        error=bindparam("why"),
        finished_at=bindparam("now", type_=Utc),
        dismissed=bindparam("is_dismissed"),
        owner=None,
        lease_until=None,
    )
)
_DISMISSED = select(inbox.c.sequence, inbox.c.event).where(
    inbox.c.dismissed == true(), inbox.c.conversation_key == bindparam("conversation"), inbox.c.event != null()
)
_RECONSIDER = (
    update(inbox)
    .where(inbox.c.sequence.in_(VALUES))
    .values(state=InboxState.RECEIVED, attempt=0, failures=0, finished_at=None, dismissed=False)
)
_WITHDRAW = (
    update(outbox)
    .where(outbox.c.message_id == bindparam("message"), among(outbox.c.state, "pending"))
    .values(state=OutboxState.WITHDRAWN, finished_at=bindparam("now", type_=Utc))
)
_KNOWN_KEY = select(
    exists().where(outbox.c.key == bindparam("wanted")) | exists().where(outbox_merged.c.key == bindparam("wanted"))
)
_FIRST_PENDING = (
    select(func.min(outbox.c.number))
    .where(
        outbox.c.coalesce == bindparam("mark"),
        outbox.c.conversation_key == bindparam("conversation"),
        among(outbox.c.state, "pending"),
    )
    .scalar_subquery()
)
_MERGE = (
    update(outbox)
    .where(outbox.c.number == _FIRST_PENDING, outbox.c.state == OutboxState.PENDING)
    .values(document=bindparam("latest", type_=outbox.c.document.type), language=bindparam("spoken"))
    .returning(outbox.c.id)
)
_SHOWN = select(func.count()).where(articles.c.id.in_(VALUES), articles.c.withdrawn != true())
_DROP_PROPOSED = delete(phrasings).where(phrasings.c.question_id.in_(VALUES), phrasings.c.approved != true())
_UNLINK_APPROVED = (
    update(phrasings)
    .where(phrasings.c.question_id.in_(VALUES))
    .values(question_id=None, version=phrasings.c.version + 1)
)
_DROP_GAPS = delete(knowledge_gaps).where(
    knowledge_gaps.c.message_id.in_(select(asked_questions.c.message_id).where(asked_questions.c.id.in_(VALUES)))
)
_DROP_ASKED = delete(asked_questions).where(asked_questions.c.id.in_(VALUES))
_COUNT = update(knowledge_base).values(articles=knowledge_base.c.articles + bindparam("more"))


def apply(connection: Connection, changes: Changes, moments: Moments) -> None:
    """Raises LeaseLost or StaleWrite, after which the transaction must be undone."""
    now = moments.clock()
    for finished in changes.finished:
        _finish(connection, finished, now)
    for conversation, since in changes.reconsidered.items():
        _reconsider(connection, conversation, since)
    if changes.base_changed:
        connection.execute(upsert(connection.dialect.name).base, {"now": now})
    if changes.articles:
        _put_articles(connection, list(changes.articles.values()))
    if changes.categories is not None:
        connection.execute(categories.delete())
        if changes.categories:
            connection.execute(CATEGORIES.insert, [CATEGORIES.encode(category) for category in changes.categories])
    for codec in PLAIN.values():
        if new := changes.inserts.get(codec):
            connection.execute(codec.insert, [codec.encode(record) for record in new.values()])
        if codec is MESSAGES and changes.steps:
            connection.execute(
                upsert(connection.dialect.name).steps, [STEPS.encode(step) for step in _latest_steps(changes)]
            )
        if changed := changes.updates.get(codec):
            _update(connection, codec, changed.values(), changes.read)
    for codec in reversed(PLAIN.values()):  # what points to something goes before it
        if gone := changes.removals.get(codec):
            _remove(connection, codec, gone.values())
    if changes.forgotten:
        _forget(connection, list(changes.forgotten))
    if changes.drop_calibrations:
        connection.execute(CALIBRATIONS.table.delete())
    if changes.calibrations:
        rows = [CALIBRATIONS.encode(fitted) for fitted in changes.calibrations.values()]
        connection.execute(upsert(connection.dialect.name).calibrations, rows)
    if changes.answers:
        rows = [ANSWERS.encode(answer) for answer in changes.answers.values()]
        connection.execute(upsert(connection.dialect.name).answers, rows)
    if changes.outbox:
        _send(connection, changes.outbox, now)
    for one, into in changes.merged.items():  # after everything that was still said of the one who goes
        merge_people(connection, into, one)


def _finish(connection: Connection, finished: Finished, now: Any) -> None:
    row = finished.row
    found = connection.execute(
        _FINISH,
        {
            "row": row.id,
            "holder": row.owner,
            "nth": row.attempt,
            "new_state": InboxState.DONE if finished.error is None else InboxState.DEAD,
            "why": finished.error,
            "is_dismissed": finished.dismissed,
            "now": now,
        },
    )
    if found.rowcount == 0:
        raise LeaseLost(f"inbox row {row.sequence} is in other hands")


def _reconsider(connection: Connection, conversation: str, since: datetime) -> None:
    found = connection.execute(_DISMISSED, {"conversation": conversation}).all()
    later = [sequence for sequence, event in found if event.sent_at > since]
    for part in portions(later):
        connection.execute(_RECONSIDER, {"values": part})


def _update(connection: Connection, codec: Any, records: Collection[Any], read: Mapping[object, Any]) -> None:
    # In the order of their ids, as everybody does, so that two writers never wait for each other.
    for record in sorted(records, key=lambda record: str(codec.identity(record))):
        known = read.get(codec.identity(record)) if codec.wide else None
        statement, row = codec.change(record, known if known and known.version == record.version else None)
        if connection.execute(statement, row).rowcount == 0:
            raise StaleWrite(f"a row of {codec.table.name} changed since it was read")


def _remove(connection: Connection, codec: Any, records: Collection[Any]) -> None:
    table = codec.table
    for record in sorted(records, key=lambda record: str(codec.identity(record))):
        this = (table.c[codec.key] == codec.identity(record)) & (table.c.version == record.version)
        try:
            removed = connection.execute(table.delete().where(this)).rowcount
        except IntegrityError as error:
            raise StaleWrite(f"something points to a row of {table.name} by now") from error
        if removed == 0:
            raise StaleWrite(f"a row of {table.name} changed since it was read")


def _put_articles(connection: Connection, put: Sequence[Article]) -> None:
    # The base's row, locked before, keeps these counts from meeting those of another writer.
    before = sum(connection.execute(_SHOWN, {"values": part}).scalar_one() for part in portions([a.id for a in put]))
    rows = [ARTICLES.encode(article) for article in sorted(put, key=lambda article: article.id)]
    connection.execute(upsert(connection.dialect.name).articles, rows)
    connection.execute(_COUNT, {"more": sum(not article.withdrawn for article in put) - before})


def _forget(connection: Connection, questions: Sequence[UUID]) -> None:
    for part in portions(questions):
        for statement in (_DROP_PROPOSED, _UNLINK_APPROVED, _DROP_GAPS, _DROP_ASKED):
            connection.execute(statement, {"values": part})


def _latest_steps(changes: Changes) -> Collection[Any]:
    return {(step.message_id, step.position): step for step in changes.steps}.values()


def _send(connection: Connection, entries: Sequence[Delivery | UUID], now: Any) -> None:
    deliveries = [entry for entry in entries if isinstance(entry, Delivery)]
    if deliveries:
        lock_conversations(connection, "outbox", (delivery.conversation.key for delivery in deliveries))
    for entry in entries:
        if isinstance(entry, UUID):
            connection.execute(_WITHDRAW, {"message": entry, "now": now})
        elif entry.coalesce is None or not _merged(connection, entry):
            connection.execute(upsert(connection.dialect.name).new_outbox, DELIVERIES.encode(entry))


def _merged(connection: Connection, delivery: Delivery) -> bool:
    """Whether the delivery needs no row: its key is known, or its document went into a row that waits already."""
    if connection.execute(_KNOWN_KEY, {"wanted": delivery.key}).scalar_one():
        return True
    waiting = connection.execute(
        _MERGE,
        {
            "mark": delivery.coalesce,
            "conversation": delivery.conversation.key,
            "latest": delivery.document,
            "spoken": delivery.language,
        },
    ).scalar()
    if waiting is None:
        return False
    connection.execute(upsert(connection.dialect.name).new_merged, {"key": delivery.key, "outbox_id": waiting})
    return True
