"""Forgetting a person: in one transaction, what they said, what was said to them and about them becomes empty."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, delete, func, select, update

from bot.errors import StaleWrite
from bot.model.conversations import Matter
from bot.model.documents import Document
from bot.model.messages import Entities
from bot.model.people import Person
from bot.model.values import ACTIVE, InboxState, OutboxState
from bot.ports.personal import ERASED, Erased
from bot.public.links import new_token
from storage.merging import repoint
from storage.models import contact
from storage.models import conversations as c
from storage.models import knowledge as k
from storage.models import ledger as x
from storage.models import people as p
from storage.models import public as u
from storage.models import tickets as t
from storage.personal.scope import Scope, heard_from, ids, ids_among, scope_of
from storage.personal.sweeping import markers_of, sweep
from storage.records import PEOPLE
from storage.repositories.base import portions
from storage.repositories.public import hidden
from storage.upserts import upsert


def erase(connection: Connection, person_id: UUID, at: datetime) -> Erased | None:
    """Raises StaleWrite while something of theirs is in hand: messages, answers being sent, tickets being worked on."""
    connection.execute(select(p.people.c.id).where(p.people.c.id == person_id).with_for_update())
    scope = scope_of(connection, person_id)
    if scope is None:
        return None
    if in_hand(connection, scope) or ids(
        connection, t.tickets.c.id, t.tickets.c.asker_id == person_id, t.tickets.c.status.in_(ACTIVE)
    ):
        raise StaleWrite("something of the person is in hand")
    markers = markers_of(connection, scope)
    eraser = _Eraser(connection, scope, at)
    files = eraser.attachments()
    for step in (
        eraser.knowledge, eraser.messages, eraser.conversations, eraser.ledgers, eraser.tickets, eraser.around_tickets,
        eraser.in_public, eraser.directory,
    ):  # fmt: skip
        step()
    # Whatever still points to the person by a key of its own is of a writer who does not know yet: it is refused.
    empty = Person(ERASED, erased_at=at)
    connection.execute(PEOPLE.insert, [PEOPLE.encode(empty)])
    repoint(connection, person_id, empty.id)
    connection.execute(delete(p.people).where(p.people.c.id == person_id))
    eraser.counts.update(sweep(connection, markers, {str(person_id): str(empty.id)}))
    if eraser.base_changed:
        connection.execute(upsert(connection.dialect.name).base, {"now": at})
    counts = {name: eraser.counts[name] for name in sorted(eraser.counts) if eraser.counts[name]}
    return Erased(empty.id, counts, tuple(sorted(files)), tuple(sorted(scope.tickets)))


def in_hand(connection: Connection, scope: Scope) -> int:
    sending = {
        id
        for part in portions(list(scope.outbox))
        for id in ids(connection, x.outbox.c.id, x.outbox.c.id.in_(part), x.outbox.c.state.in_(["sending", "unknown"]))
    }
    return len(heard_from(connection, scope, only_open=True)) + len(sending)


class _Eraser:
    def __init__(self, connection: Connection, scope: Scope, at: datetime) -> None:
        self.connection = connection
        self.scope = scope
        self.at = at
        self.counts: Counter[str] = Counter()
        self.base_changed = False

    def blank(self, table: Table, key: Column[Any], values: Collection[Any], **new: Any) -> None:
        """Change the rows whose `key` is among the values."""
        if "version" in table.c:
            new["version"] = table.c.version + 1
        for part in portions(list(values)):
            found = self.connection.execute(update(table).where(key.in_(part)).values(new))
            self.counts[table.name] += found.rowcount

    def drop(self, table: Table, key: Column[Any], values: Collection[Any]) -> None:
        for part in portions(list(values)):
            self.counts[table.name] += self.connection.execute(delete(table).where(key.in_(part))).rowcount

    def attachments(self) -> set[str]:
        """Keys of files of which nothing is left."""
        a = t.attachments.c
        theirs = ids_among(self.connection, a.stored_as, a.message_id, self.scope.messages)
        gone = {"name": ERASED, "native_id": "", "url": "", "stored_as": None, "next_at": None, "problem": "gone"}
        gone |= {"alternative": ""}
        self.blank(t.attachments, a.message_id, self.scope.messages, **gone)
        return theirs - ids_among(self.connection, a.stored_as, a.stored_as, theirs)

    def knowledge(self) -> None:
        """Questions stay as figures; ways to ask that were learnt from them go, and so do all answers that are kept."""
        q, g = k.asked_questions.c, k.knowledge_gaps.c
        asked = ids(self.connection, q.id, q.asker_id == self.scope.person.id)
        asked |= ids_among(self.connection, q.id, q.message_id, self.scope.said)
        learnt = k.phrasings.c.question_id
        self.base_changed = bool(asked)
        self.drop(k.phrasings, learnt, asked)
        self.blank(k.asked_questions, q.id, asked, text="")
        gaps = ids_among(self.connection, g.id, g.message_id, self.scope.said)
        self._gap_titles(gaps)
        alone = ids(self.connection, g.id, g.group_id.is_(None)) & gaps
        self.drop(k.knowledge_gaps, g.id, alone)
        self.blank(k.knowledge_gaps, g.id, gaps - alone, text=ERASED)
        everything = self.connection.execute(delete(k.cached_answers))
        self.counts["cached_answers"] += everything.rowcount

    def _gap_titles(self, gaps: Collection[UUID]) -> None:
        """A group that is called by the person's question is called by another one's, if there is one."""
        g, group = k.knowledge_gaps.c, k.gap_groups.c
        for part in portions(list(gaps)):
            rows = self.connection.execute(
                select(group.id, group.title, g.text)
                .join_from(k.knowledge_gaps, k.gap_groups, g.group_id == group.id)
                .where(g.id.in_(part))
            ).all()
            for id, title, text in rows:
                if title.removesuffix(" …").casefold() in " ".join(text.split()).casefold():
                    other = self.connection.execute(
                        select(g.text).where(g.group_id == id, g.id.not_in(list(gaps)), g.text != ERASED).order_by(g.id)
                    ).scalar()
                    self.blank(k.gap_groups, group.id, [id], title=(other or ERASED)[:90])

    def messages(self) -> None:
        m = c.messages.c
        everything = self.scope.messages
        for part in portions(list(everything)):
            rows = self.connection.execute(select(m.id, m.outcome).where(m.id.in_(part), m.outcome.is_not(None))).all()
            for id, outcome in rows:
                kept = replace(outcome, entities=Entities(), text="")
                self.connection.execute(update(c.messages).where(m.id == id).values(outcome=kept))
        self.blank(c.messages, m.id, everything, text="", document=None)
        self.blank(c.messages, m.id, (self.scope.said | self.scope.told) - self.scope.cards, native_id=None)
        steps = c.processing_steps
        self.blank(steps, steps.c.message_id, self.scope.said | self.scope.told, detail={})

    def conversations(self) -> None:
        """What comes there later begins a new one."""
        v = c.conversations
        for id in self.scope.conversations:
            self.blank(v, v.c.id, [id], room=ERASED, thread=None, ref_key=f"erased\x1f{id}", matter=Matter())
        theirs = ids_among(self.connection, v.c.id, v.c.id, self.scope.shared)
        for id, matter in [
            row
            for part in portions(list(theirs))
            for row in self.connection.execute(select(v.c.id, v.c.matter).where(v.c.id.in_(part)))
        ]:
            if matter.question_message in self.scope.said:
                self.blank(v, v.c.id, [id], matter=Matter())

    def ledgers(self) -> None:
        o, i = x.outbox.c, x.inbox.c
        dead = {
            id
            for part in portions(list(self.scope.inbox))
            for id in ids(self.connection, i.id, i.id.in_(part), i.state == InboxState.DEAD)
        }
        self.blank(x.inbox, i.id, self.scope.inbox, event=None)
        self.blank(x.inbox, i.id, dead, state=InboxState.DONE)
        self.blank(
            x.outbox, o.id, self.scope.outbox, document=Document(()), recipient=None, replaces=None, error=None,
            public=None,
        )  # fmt: skip
        for part in portions(list(self.scope.outbox)):
            pending = ids(self.connection, o.id, o.id.in_(part), o.state == OutboxState.PENDING)
            self.blank(x.outbox, o.id, pending, state=OutboxState.WITHDRAWN, finished_at=self.at)
        private = ids_among(self.connection, o.id, o.conversation_key, self.scope.keys) | self.scope.elsewhere
        for email in self.scope.emails:
            private |= ids(self.connection, o.id, o.platform == "email", func.lower(o.room) == email)
        self.blank(x.outbox, o.id, private, room=ERASED, thread=None, conversation_key=ERASED)
        self.blank(x.inbox, i.conversation_key, self.scope.keys, conversation_key=ERASED)

    def tickets(self) -> None:
        self.blank(
            t.tickets, t.tickets.c.id, self.scope.tickets,
            title=ERASED, summary="", search_text="", entities=Entities(), deadline=None, resolution=None,
            link=None,
        )  # fmt: skip
        place = t.ticket_places.c
        theirs = ids_among(
            self.connection, place.id, place.conversation_id, self.scope.conversations | self.scope.shared
        )
        asking = ids_among(self.connection, place.id, place.ticket_id, self.scope.tickets) & theirs
        for part in portions(list(asking)):
            asker_side = ids(self.connection, place.id, place.id.in_(part), place.side == "asker")
            self.drop(t.ticket_places, place.id, asker_side)

    def around_tickets(self) -> None:
        tickets, me = self.scope.tickets, self.scope.person.id
        self.blank(t.notes, t.notes.c.ticket_id, tickets, text="")
        held = t.held_replies.c
        waiting = ids_among(self.connection, held.id, held.ticket_id, tickets)
        self.blank(t.held_replies, held.id, waiting, text="", state="kept")
        one = t.proposals.c
        proposals = ids_among(self.connection, one.id, one.ticket_id, tickets)
        proposals |= ids_among(self.connection, one.id, one.message_id, self.scope.said)
        self.blank(t.proposals, one.id, proposals, feedback=None)
        self._write_ups(tickets)
        self.blank(t.surveys, t.surveys.c.person_id, [me], comment=None, conversation_id=None)
        s = t.problem_subscriptions.c
        waiting = ids(self.connection, s.id, s.person_id == me, s.told_at.is_(None))
        self.blank(t.problem_subscriptions, s.id, waiting, told_at=self.at)

    def _write_ups(self, tickets: Iterable[UUID]) -> None:
        """One that was approved has been masked and reviewed, and says what holds for everybody."""
        i = t.interventions.c
        written = ids_among(self.connection, i.id, i.ticket_id, list(tickets))
        approved = ids(self.connection, i.id, i.state == "approved") & written
        self.blank(t.interventions, i.id, approved, screenshots=())
        self.blank(
            t.interventions, i.id, written - approved,
            root_cause="", steps=(), keywords=(), screenshots=(), title="", symptoms="", remark="",
        )  # fmt: skip

    def in_public(self) -> None:
        """That a post was heard, and what came of it, stays as a figure. Who said stop is left alone all the same: the
        wish is kept under a name that tells nobody who it was."""
        post, out = u.public_posts.c, u.opt_outs.c
        gone = {"handle": ERASED, "text": "", "warning": "", "link": None, "reply": None, "root": ERASED}
        self.blank(u.public_posts, post.id, self.scope.posts, **gone)
        for id in self.scope.posts:
            self.blank(u.public_posts, post.id, [id], native_id=f"{ERASED}:{id}", token=new_token())
        for part in portions(list(self.scope.posts)):
            held = ids(self.connection, post.id, post.id.in_(part), post.state.in_(["held", "approved"]))
            self.blank(u.public_posts, post.id, held, state="withdrawn")
        for one in self.scope.identities:
            theirs = ids(
                self.connection, out.id,
                out.platform == one.platform, out.account == one.account, out.native_id == one.native_id,
            )  # fmt: skip
            self.blank(u.opt_outs, out.id, theirs, native_id=hidden(one.platform, one.account, one.native_id))

    def directory(self) -> None:
        """A company keeps its devices; they are nobody's from now on."""
        me, d = self.scope.person.id, p.devices.c
        private = ids(self.connection, d.id, d.person_id == me, d.company_id.is_(None))
        self.blank(p.devices, d.id, private, serial=None)
        self.blank(p.devices, d.person_id, [me], person_id=None, name="")
        self.drop(p.identities, p.identities.c.person_id, [me])
        visits = ids(self.connection, contact.contact_visits.c.id, contact.contact_visits.c.person_id == me)
        self.drop(contact.contact_guests, contact.contact_guests.c.visit_id, visits)
        self.drop(contact.contact_visits, contact.contact_visits.c.id, visits)
        self.drop(p.link_codes, p.link_codes.c.person_id, [me])
        self.drop(p.sign_in_codes, p.sign_in_codes.c.email, self.scope.emails)
        self.counts["people"] += 1
