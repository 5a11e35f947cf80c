"""Which rows belong to a person.

What they said, and all of a conversation in which nobody else asked; the answers to them wherever they asked; what was
relayed of it to the desk and back; and what the desk reads about their tickets: cards, the threads below them, lines
that name a ticket of theirs, and whatever was sent because of their messages and tickets.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Text, and_, func, or_, select, tuple_, type_coerce

from bot.model.messages import ConversationRef
from storage.models import conversations as c
from storage.models import ledger as x
from storage.models import people as p
from storage.models import public as u
from storage.models import tickets as t
from storage.models.base import among
from storage.models.ledger import INBOX_OPEN
from storage.repositories.base import portions

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_PATTERNS = 50


@dataclass(slots=True)
class Scope:
    person: Row[Any]
    identities: list[Row[Any]]
    emails: set[str]  # in lower case
    is_technician: bool = False
    tickets: dict[UUID, int] = field(default_factory=dict)  # id -> number
    conversations: set[UUID] = field(default_factory=set)  # in which nobody else asked
    shared: set[UUID] = field(default_factory=set)  # in which others did
    desk: set[UUID] = field(default_factory=set)  # of technicians
    said: set[UUID] = field(default_factory=set)  # messages of theirs
    told: set[UUID] = field(default_factory=set)  # messages to them
    about: set[UUID] = field(default_factory=set)  # messages that others read
    cards: set[UUID] = field(default_factory=set)  # of `about`, those that are edited in place
    posts: set[UUID] = field(default_factory=set)  # of theirs that were heard in public
    handles: set[str] = field(default_factory=set)  # under which they were published
    keys: set[str] = field(default_factory=set)  # what the ledgers call `conversations`
    inbox: set[UUID] = field(default_factory=set)
    outbox: set[UUID] = field(default_factory=set)
    elsewhere: set[UUID] = field(default_factory=set)  # of `outbox`, what told them of `conversations` in other rooms

    @property
    def messages(self) -> set[UUID]:
        return self.said | self.told | self.about


def scope_of(connection: Connection, person_id: UUID) -> Scope | None:
    person = connection.execute(select(p.people).where(p.people.c.id == person_id)).first()
    if person is None:
        return None
    identities = list(connection.execute(select(p.identities).where(p.identities.c.person_id == person_id)))
    emails = {each.lower() for each in (person.email, *(one.email for one in identities)) if each}
    scope = Scope(person, identities, emails)
    scope.is_technician = bool(ids(connection, p.technicians.c.id, p.technicians.c.person_id == person_id))
    mine = connection.execute(select(t.tickets.c.id, t.tickets.c.number).where(t.tickets.c.asker_id == person_id))
    scope.tickets = {row.id: row.number for row in mine}
    _conversations(connection, scope)
    _messages(connection, scope)
    _at_the_desk(connection, scope)
    _ledgers(connection, scope)
    return scope


def ids(connection: Connection, column: ColumnElement[Any], *where: ColumnElement[bool]) -> set[Any]:
    return {value for value in connection.execute(select(column).where(*where)).scalars() if value is not None}


def ids_among(
    connection: Connection, column: ColumnElement[Any], key: ColumnElement[Any], values: Iterable[Any]
) -> set[Any]:
    """Of the rows whose `key` is among these values."""
    return {found for part in portions(list(values)) for found in ids(connection, column, key.in_(part))}


def _conversations(connection: Connection, scope: Scope) -> None:
    m, me = c.messages.c, scope.person.id
    scope.said = ids(connection, m.id, m.person_id == me, m.author == "person")
    where = ids(connection, m.conversation_id, m.person_id == me, m.author == "person")
    asked = where | ids(connection, c.conversations.c.id, c.conversations.c.person_id == me)
    others = set()
    for part in portions(list(asked)):
        others |= ids(
            connection, m.conversation_id, m.conversation_id.in_(part), m.author == "person", m.person_id != me
        )
        others |= ids(
            connection, c.conversations.c.id, c.conversations.c.id.in_(part), c.conversations.c.person_id != me
        )
    scope.desk = _desk(connection)
    scope.conversations = asked - others - scope.desk
    scope.shared = asked - scope.conversations


def _desk(connection: Connection) -> set[UUID]:
    """The rooms in which tickets are shown, and the threads in them."""
    v = c.conversations.c
    rooms = connection.execute(
        select(v.platform, v.account, v.room)
        .join_from(t.ticket_places, c.conversations, t.ticket_places.c.conversation_id == v.id)
        .where(t.ticket_places.c.side == "desk")
        .distinct()
    ).all()
    return ids_among(connection, v.id, tuple_(v.platform, v.account, v.room), map(tuple, rooms))


def _messages(connection: Connection, scope: Scope) -> None:
    m, v, place = c.messages.c, c.conversations.c, t.ticket_places.c
    scope.told = ids_among(connection, m.id, m.conversation_id, scope.conversations) - scope.said
    scope.told |= ids_among(connection, m.id, m.in_reply_to, scope.said)
    # Where others asked too: what answers nobody else, in a conversation that the person began or that shows no ticket
    # but theirs.
    begun = ids(connection, v.id, v.person_id == scope.person.id)
    shown = ids_among(connection, place.conversation_id, place.ticket_id, scope.tickets)
    others = {
        id
        for part in portions(list(shown))
        for id in ids(
            connection,
            place.conversation_id,
            place.conversation_id.in_(part),
            place.ticket_id.not_in(select(t.tickets.c.id).where(t.tickets.c.asker_id == scope.person.id)),
        )
    }
    for part in portions(list(((begun | shown) - others - scope.desk) & scope.shared)):
        spoken = m.author.in_(["bot", "technician"])
        scope.told |= ids(connection, m.id, m.conversation_id.in_(part), spoken, m.in_reply_to.is_(None))
    here = scope.said | scope.told
    scope.about = ids_among(connection, m.id, m.relay_of, here) | ids_among(connection, m.relay_of, m.id, here)
    scope.about -= here


def _at_the_desk(connection: Connection, scope: Scope) -> None:
    m, place = c.messages.c, t.ticket_places.c
    scope.cards = ids_among(connection, place.card_id, place.ticket_id, scope.tickets)
    posts = connection.execute(select(u.public_posts).where(u.public_posts.c.person_id == scope.person.id)).all()
    scope.posts, scope.handles = {post.id for post in posts}, {post.handle for post in posts if post.handle}
    scope.cards |= {id for post in posts for id in post.cards}
    found = set(scope.cards)
    v = c.conversations.c
    for part in portions(list(scope.cards)):
        shown = connection.execute(
            select(v.platform, v.account, v.room, m.native_id)
            .join_from(c.messages, c.conversations, m.conversation_id == v.id)
            .where(m.id.in_(part), m.native_id.is_not(None))
        ).all()
        threads = ids_among(connection, v.id, tuple_(v.platform, v.account, v.room, v.thread), map(tuple, shown))
        found |= ids_among(connection, m.id, m.conversation_id, threads)
    found |= _naming(connection, scope)
    scope.about |= found - scope.said - scope.told


def _naming(connection: Connection, scope: Scope) -> set[UUID]:
    """Messages in the desk's rooms, and in technicians' own, that name one of the person's tickets."""
    m, v = c.messages.c, c.conversations.c
    desk = scope.desk | ids(connection, v.id, v.person_id.in_(select(p.technicians.c.person_id)))
    found: set[UUID] = set()
    numbers = list(scope.tickets.values())
    for start in range(0, len(numbers), _MOST_PATTERNS):
        few = numbers[start : start + _MOST_PATTERNS]
        named = re.compile(rf"(?<!\w)T(?:{'|'.join(map(str, few))})(?!\w)")
        like = or_(*(m.text.like(f"%T{number}%") for number in few))
        for part in portions(list(desk)):
            rows = connection.execute(select(m.id, m.text).where(like, m.conversation_id.in_(part)))
            found |= {id for id, text in rows if named.search(text)}
    return found


def _ledgers(connection: Connection, scope: Scope) -> None:
    o, v = x.outbox.c, c.conversations.c
    because_of = {str(id) for id in (*scope.said, *scope.tickets, scope.person.id)}
    theirs_alone = {str(id) for id in scope.conversations}
    for id, key, message in connection.execute(select(o.id, o.key, o.message_id)):
        named = _UUID.findall(key)
        if key.startswith("contact:") and not theirs_alone.isdisjoint(named):
            scope.elsewhere.add(id)
            scope.outbox.add(id)
        if not because_of.isdisjoint(named):
            scope.outbox.add(id)
            if message is not None and message not in scope.said | scope.told:
                scope.about.add(message)
    scope.outbox |= ids_among(connection, o.id, o.message_id, scope.messages)
    scope.outbox |= ids_among(connection, o.id, o.edits, scope.messages)
    for part in portions(list(scope.conversations)):
        places = connection.execute(select(v.platform, v.account, v.room, v.thread).where(v.id.in_(part))).all()
        scope.keys |= {ConversationRef(*row).key for row in places}
    scope.outbox |= ids_among(connection, o.id, o.conversation_key, scope.keys)
    for one in scope.identities:
        theirs = and_(o.platform == one.platform, o.account == one.account, o.recipient == one.native_id)
        scope.outbox |= ids(connection, o.id, theirs)
    for email in scope.emails:
        scope.outbox |= ids(connection, o.id, or_(func.lower(o.room) == email, func.lower(o.recipient) == email))
    scope.inbox = ids_among(connection, x.inbox.c.id, x.inbox.c.id, scope.messages) | heard_from(connection, scope)


def heard_from(connection: Connection, scope: Scope, *, only_open: bool = False) -> set[UUID]:
    """Events of which the person is the author."""
    i = x.inbox.c
    raw = type_coerce(i.event, Text)
    found: set[UUID] = set()
    for one in scope.identities:
        where = [i.event.is_not(None), raw.contains(_quoted(one.native_id), autoescape=True)]
        if only_open:
            where.append(among(i.state, *INBOX_OPEN))
        author = (one.platform, one.account, one.native_id)
        for id, event in connection.execute(select(i.id, i.event).where(*where)):
            if (event.author.platform, event.author.account, event.author.native_id) == author:
                found.add(id)
    return found


def _quoted(text: str) -> str:
    """As it stands within JSON, as far as that is the same everywhere."""
    return re.split(r'["\\\x00-\x1f]', text)[0]
