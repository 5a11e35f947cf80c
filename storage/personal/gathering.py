"""Everything of one person as plain values, for them to keep."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Column, Connection, Table, select

from storage.models import contact as v
from storage.models import conversations as c
from storage.models import knowledge as k
from storage.models import ledger as x
from storage.models import people as p
from storage.models import public as u
from storage.models import tickets as t
from storage.personal.scope import Scope, ids, ids_among, scope_of
from storage.repositories.base import portions

_OF_THE_LEDGER = frozenset({"owner", "lease_until", "conversation_key", "account_key", "key", "ref_key", "search_text"})
_SECRET = frozenset({"browser", "code_hash", "requested_from", "token"})

Rows = list[dict[str, Any]]


def gather(connection: Connection, person_id: UUID) -> dict[str, Rows] | None:
    scope = scope_of(connection, person_id)
    if scope is None:
        return None
    me, tickets = [person_id], scope.tickets
    here = scope.said | scope.told

    def rows(table: Table, key: Column[Any], values: Collection[Any]) -> Rows:
        return _rows(connection, table, key, values)

    technician = ids_among(connection, p.technicians.c.id, p.technicians.c.person_id, me)
    return {
        "person": rows(p.people, p.people.c.id, me),
        "company": rows(p.companies, p.companies.c.id, [scope.person.company_id]),
        "identities": rows(p.identities, p.identities.c.person_id, me),
        "devices": rows(p.devices, p.devices.c.person_id, me),
        "technician": rows(p.technicians, p.technicians.c.id, technician),
        "link_codes": rows(p.link_codes, p.link_codes.c.person_id, me),
        "sign_in_codes": rows(p.sign_in_codes, p.sign_in_codes.c.email, scope.emails),
        "conversations": rows(c.conversations, c.conversations.c.id, scope.conversations | scope.shared),
        "messages": rows(c.messages, c.messages.c.id, here),
        "messages_at_the_desk": rows(c.messages, c.messages.c.id, scope.about),
        "files": rows(t.attachments, t.attachments.c.message_id, scope.messages),
        "traces": rows(c.processing_steps, c.processing_steps.c.message_id, here),
        "tickets": rows(t.tickets, t.tickets.c.id, tickets),
        "ticket_events": rows(t.ticket_events, t.ticket_events.c.ticket_id, tickets),
        "notes": rows(t.notes, t.notes.c.ticket_id, tickets),
        "held_replies": rows(t.held_replies, t.held_replies.c.ticket_id, tickets),
        "proposals": rows(t.proposals, t.proposals.c.message_id, scope.said),
        "write_ups": rows(t.interventions, t.interventions.c.ticket_id, tickets),
        "surveys": rows(t.surveys, t.surveys.c.person_id, me),
        "problems_told_of": rows(t.problem_subscriptions, t.problem_subscriptions.c.person_id, me),
        "questions": rows(k.asked_questions, k.asked_questions.c.asker_id, me),
        "knowledge_gaps": rows(k.knowledge_gaps, k.knowledge_gaps.c.message_id, scope.said),
        "phrasings": _phrasings(connection, person_id),
        "received": rows(x.inbox, x.inbox.c.id, scope.inbox),
        "public_posts": rows(u.public_posts, u.public_posts.c.person_id, me),
        "asked_to_be_left_alone": _opt_outs(connection, scope),
        "contact_visits": rows(v.contact_visits, v.contact_visits.c.person_id, me),
        "sent": rows(x.outbox, x.outbox.c.id, scope.outbox),
    }


def _opt_outs(connection: Connection, scope: Scope) -> Rows:
    out = u.opt_outs.c
    found = [
        id
        for one in scope.identities
        for id in ids(
            connection, out.id,
            out.platform == one.platform, out.account == one.account, out.native_id == one.native_id,
        )
    ]  # fmt: skip
    return _rows(connection, u.opt_outs, out.id, found)


def _phrasings(connection: Connection, person_id: UUID) -> Rows:
    asked = ids_among(connection, k.asked_questions.c.id, k.asked_questions.c.asker_id, [person_id])
    return _rows(connection, k.phrasings, k.phrasings.c.question_id, asked)


def _rows(connection: Connection, table: Table, key: Column[Any], values: Collection[Any]) -> Rows:
    columns = [column for column in table.c if column.name not in _OF_THE_LEDGER | _SECRET]
    found = [
        dict(row._mapping)
        for part in portions([value for value in values if value is not None])
        for row in connection.execute(select(*columns).where(key.in_(part)).order_by(*table.primary_key.columns))
    ]
    plain: Rows = to_jsonable_python(found)
    return plain
