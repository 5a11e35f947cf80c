"""Removing rows that nobody needs any more, a portion at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Executable, Select, bindparam, delete, func, null, or_, select, true, update

from bot.model.values import InboxState
from bot.ports.storage import Expiring
from storage.models import contact as v
from storage.models import conversations as c
from storage.models import knowledge as k
from storage.models import ledger as x
from storage.models import people as p
from storage.models import public as u
from storage.models import tickets as t
from storage.models.base import among
from storage.models.ledger import OUTBOX_OVER
from storage.models.types import Utc
from storage.repositories.base import VALUES
from storage.repositories.context import StorageContext

_BEFORE = bindparam("before", type_=Utc)
_last = x.job_runs.alias("last")
_LAST_DUE = (
    select(func.max(_last.c.scheduled_for))
    .where(_last.c.job == x.job_runs.c.job)
    .correlate(x.job_runs)
    .scalar_subquery()
)

# What is found by its key, and what becomes of it.
_FOUND: dict[Expiring, Select[Any]] = {
    "overheard": select(x.inbox.c.sequence).where(x.inbox.c.dismissed == true(), x.inbox.c.finished_at < _BEFORE),
    "inbox_payloads": select(x.inbox.c.sequence).where(
        among(x.inbox.c.state, InboxState.DONE), x.inbox.c.event != null(), x.inbox.c.finished_at < _BEFORE
    ),
    "deliveries": select(x.outbox.c.id).where(among(x.outbox.c.state, *OUTBOX_OVER), x.outbox.c.finished_at < _BEFORE),
    "traces": select(c.processing_steps.c.message_id)
    .join(c.messages, c.messages.c.id == c.processing_steps.c.message_id)
    .where(c.messages.c.sent_at < _BEFORE)
    .distinct(),
    "answers": select(k.cached_answers.c.key).where(k.cached_answers.c.expires_at < _BEFORE),
    "sign_in_codes": select(p.sign_in_codes.c.id).where(p.sign_in_codes.c.expires_at < _BEFORE),
    "link_codes": select(p.link_codes.c.id).where(p.link_codes.c.expires_at < _BEFORE),
    "contact_visits": select(v.contact_visits.c.id).where(v.contact_visits.c.seen_at < _BEFORE),
    "used_links": select(v.used_links.c.id).where(v.used_links.c.used_at < _BEFORE),
    # What the scheduler has begun is in hand; what somebody began by hand that long ago is not.
    "job_runs": select(x.job_runs.c.id).where(
        x.job_runs.c.started_at < _BEFORE,
        x.job_runs.c.scheduled_for < _LAST_DUE,
        or_(x.job_runs.c.outcome.not_in(("running", "retrying")), x.job_runs.c.epoch == 0),
    ),
    # Nothing was said to them and nothing came of them: that they were heard stays as a figure.
    "seen_posts": select(u.public_posts.c.id).where(
        u.public_posts.c.seen_at < _BEFORE,
        among(u.public_posts.c.state, "seen"),
        u.public_posts.c.number == null(),
        u.public_posts.c.ticket_id == null(),
        u.public_posts.c.handle != "",
    ),
    "held_replies": select(t.held_replies.c.id).where(t.held_replies.c.state != "held", t.held_replies.c.at < _BEFORE),
}


def _of(column: Column[Any]) -> Executable:
    return delete(column.table).where(column.in_(VALUES))


_DONE: dict[Expiring, tuple[Executable, ...]] = {
    # Should it come again, it is dismissed again; unless it is being considered after all by now.
    "overheard": (delete(x.inbox).where(x.inbox.c.sequence.in_(VALUES), x.inbox.c.dismissed == true()),),
    # The key stays: it is what tells that an event has been handled.
    "inbox_payloads": (update(x.inbox).where(x.inbox.c.sequence.in_(VALUES)).values(event=null()),),
    "deliveries": (_of(x.outbox_merged.c.outbox_id), _of(x.outbox.c.id)),
    "traces": (_of(c.processing_steps.c.message_id),),
    "answers": (_of(k.cached_answers.c.key),),
    "sign_in_codes": (_of(p.sign_in_codes.c.id),),
    "link_codes": (_of(p.link_codes.c.id),),
    "contact_visits": (
        delete(v.contact_guests).where(v.contact_guests.c.visit_id.in_(VALUES)),
        _of(v.contact_visits.c.id),
    ),
    "used_links": (_of(v.used_links.c.id),),
    "job_runs": (_of(x.job_runs.c.id),),
    "seen_posts": (
        delete(t.attachments).where(
            t.attachments.c.message_id.in_(select(u.public_posts.c.message_id).where(u.public_posts.c.id.in_(VALUES))),
            t.attachments.c.stored_as == null(),  # what was brought to a ticket is the ticket's
        ),
        update(c.messages)
        .where(c.messages.c.id.in_(select(u.public_posts.c.message_id).where(u.public_posts.c.id.in_(VALUES))))
        .values(text="", version=c.messages.c.version + 1),
        update(u.public_posts)
        .where(u.public_posts.c.id.in_(VALUES))
        .values(text="", handle="", warning="", link=None, version=u.public_posts.c.version + 1),
    ),
    "held_replies": (_of(t.held_replies.c.id),),
}


class SqlExpired:
    def __init__(self, context: StorageContext) -> None:
        self._database = context.database

    async def purge(self, kind: Expiring, before: datetime, limit: int) -> int:
        wanted = {"before": before}
        statement = _FOUND[kind].limit(limit)
        found: Sequence[Any] = await self._database.read(
            lambda connection: connection.execute(statement, wanted).scalars().all()
        )
        if not found:
            return 0

        def block(connection: Connection) -> None:
            for each in _DONE[kind]:
                connection.execute(each, {"values": list(found)})

        await self._database.write(block)
        return len(found)
