"""What a handler or a job may look at and change in one unit of work. Whoever made it commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.attachments.showing import files_block
from bot.engine.services import Services
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import Technician
from bot.model.tickets import Attachment, Problem, ProblemSubscription, Ticket, TicketEvent
from bot.model.values import Audience, Language, Visibility
from bot.ports.storage import UnitOfWork
from bot.tickets.lifecycle import Change

if TYPE_CHECKING:
    from bot.public.reply import PublicReply  # which words times as the rest of the desk does

Worded = Callable[[Language], Document]


@dataclass(slots=True, kw_only=True)
class Work:
    """`key` names what is being done: deliveries carry keys made from it, so that work done twice sends once.

    `actor_id` is the Person on whose behalf it is done; None for the desk itself.
    """

    uow: UnitOfWork
    services: Services
    now: datetime
    key: str
    actor_id: UUID | None = None
    touched: dict[UUID, Ticket] = field(default_factory=dict)  # tickets that were changed, as they are now
    stale_cards: set[UUID] = field(default_factory=set)  # of these tickets: what they show is no longer so
    resolutions: dict[UUID, Ticket] = field(default_factory=dict)  # that were resolved, or are so no more
    people: dict[UUID, Technician] = field(default_factory=dict)  # technicians that were changed, the same
    files: dict[UUID, tuple[Attachment, ...]] = field(default_factory=dict)  # of messages: they go where those go
    subscriptions: dict[UUID, ProblemSubscription] = field(default_factory=dict)  # that were changed, the same
    problems: dict[UUID, Problem] = field(default_factory=dict)  # that were changed, the same
    stale_problems: set[UUID] = field(default_factory=set)  # of these, too: what their cards show is no longer so
    _sent: int = 0
    _places: dict[str, Conversation] = field(default_factory=dict)

    def save(self, change: Change) -> Ticket:
        """Save a step of a ticket's life with its event, and what the SLA makes of it."""
        ticket = self.services.sla.applied(change.before, change.ticket, self.now)
        if change.before is None:
            self.uow.tickets.add(ticket)
        else:
            self.uow.tickets.save(ticket)
        self.uow.tickets.add_event(change.event)
        self.touched[ticket.id] = ticket
        if change.before and change.before.resolved_at != ticket.resolved_at:
            self.resolutions[ticket.id] = ticket
        if change.event.detail.get("set"):
            self.stale_cards.add(ticket.id)
        return ticket

    def keep_ticket(self, ticket: Ticket) -> Ticket:
        """Save a ticket that changed without a step of its life: what it is about, or its SLA's record."""
        self.uow.tickets.save(ticket)
        self.touched[ticket.id] = ticket
        self.stale_cards.add(ticket.id)
        return ticket

    def show_cards_of(self, ticket: Ticket) -> None:
        """What belongs with a ticket has changed, and the ticket itself has not."""
        self.touched.setdefault(ticket.id, ticket)
        self.stale_cards.add(ticket.id)

    def keep_problem(self, problem: Problem) -> None:
        """Save a problem that was changed."""
        self.uow.problems.save(problem)
        self.problems[problem.id] = problem
        self.stale_problems.add(problem.id)

    def keep_subscription(self, one: ProblemSubscription, *, new: bool = False) -> None:
        """Save what somebody knows of a problem, and waits for."""
        (self.uow.problems.add if new else self.uow.problems.save)(one)
        self.subscriptions[one.id] = one

    def rely_on(self, ticket: Ticket) -> None:
        """What is done holds only if this ticket is still as it was read: whoever changes it at the same time, or
        relies on it, comes before or after."""
        if ticket.id not in self.touched:
            self.uow.tickets.save(ticket)

    def note_event(self, ticket: Ticket, kind: str, **detail: Any) -> None:
        """An event that changes nothing. `detail`: ids and codes, no free text."""
        self.uow.tickets.add_event(TicketEvent(ticket.id, kind, self.now, self.actor_id, ticket.status, detail))

    async def current(self, ticket_id: UUID) -> Ticket | None:
        """A ticket as it is, with what this work changed of it."""
        return self.touched.get(ticket_id) or await self.uow.tickets.get(ticket_id)

    async def place(self, ref: ConversationRef) -> Conversation:
        """The conversation at a ref, made if it is not known yet."""
        found = self._places.get(ref.key) or await self.uow.conversations.by_ref(ref)
        if found is None:
            found = Conversation(ref)
            self.uow.conversations.add(found)
        return self._places.setdefault(ref.key, found)

    async def place_by_id(self, id: UUID) -> Conversation | None:
        """The same by its id, with what this work changed of it."""
        known = next((place for place in self._places.values() if place.id == id), None)
        if known is None and (found := await self.uow.conversations.get(id)):
            known = self._places.setdefault(found.ref.key, found)
        return known

    def keep(self, place: Conversation) -> None:
        """Save a conversation that was changed."""
        self._places[place.ref.key] = place
        self.uow.conversations.save(place)

    def post(
        self,
        place: Conversation,
        document: Document,
        *,
        author: Literal["bot", "technician"] = "bot",
        language: Language | None = None,
        visibility: Visibility = Visibility.ROOM,
        recipient: str | None = None,
        coalesce: str | None = None,
        replaces: str | None = None,
        edits: UUID | None = None,
        relay_of: Message | None = None,
        confirms: UUID | None = None,
        key: str | None = None,
        id: UUID | None = None,
    ) -> Message:
        """Say something in a conversation: stored as a Message and put into the outbox, in this transaction.

        `recipient` (a native user id) with a visibility other than ROOM: only they may see it. With `edits` the Message
        of that id is shown anew, in place, and no new one is stored. What is a copy of a message has its files. `id`:
        that of the new Message, where it is known beforehand. Raises ValueError where anybody reads: what is said there
        is a PublicReply.
        """
        if place.ref.is_public:
            raise ValueError("only public replies are said in public")
        if relay_of and (files := files_block(self.files.get(relay_of.id, ()), refused=author != "technician")):
            document = replace(document, blocks=(*document.blocks, files))
        self._sent += 1
        language = language or place.language or self.services.policy.desk_language
        message = Message(
            conversation_id=place.id,
            author=author,
            text=document.text_with_options,
            sent_at=self.now,
            person_id=self.actor_id if author == "technician" else place.person_id,
            language=language,
            in_reply_to=self.in_reply_to(place),
            audience=self.said_to,
            document=document,
            relay_of=relay_of.id if relay_of else None,
            id=id or new_id(),
        )
        if edits is None:
            self.uow.conversations.add(message)
        self.uow.outbox.add(
            Delivery(
                conversation=place.ref,
                document=document,
                key=f"{self.key}:{key or self._sent}",
                language=language,
                visibility=visibility,
                recipient=recipient,
                message_id=message.id if edits is None else None,
                coalesce=coalesce,
                replaces=replaces,
                edits=edits,
                confirms=confirms,
            )
        )
        return message

    def post_public(
        self,
        place: Conversation,
        reply: PublicReply,
        *,
        author: Literal["bot", "technician"] = "bot",
        answers: UUID | None = None,
        held_for: timedelta | None = None,
        coalesce: str | None = None,
        confirms: UUID | None = None,
        key: str | None = None,
    ) -> Message:
        """Say something where anybody reads, in this transaction: the only way there is. `answers`: the Message that it
        is said to; `held_for`: how long it can still be taken back. Raises ValueError for any other place."""
        if not place.ref.is_public:
            raise ValueError("public replies are said in public")
        self._sent += 1
        message = Message(
            conversation_id=place.id,
            author=author,
            text=reply.document.text,
            sent_at=self.now,
            person_id=self.actor_id if author == "technician" else place.person_id,
            language=reply.language,
            in_reply_to=answers,
            audience=Audience.PUBLIC,
            document=reply.document,
        )
        self.uow.conversations.add(message)
        self.uow.outbox.add(
            Delivery(
                conversation=place.ref,
                document=reply.document,
                key=f"{self.key}:{key or self._sent}",
                language=reply.language,
                message_id=message.id,
                coalesce=coalesce,
                confirms=confirms,
                available_at=self.now + held_for if held_for else None,
                public=reply.target,
            )
        )
        return message

    def in_reply_to(self, place: Conversation) -> UUID | None:
        """The Message that is being answered there."""
        return None

    def is_origin(self, place: Conversation) -> bool:
        """Whether what is being done was asked for there."""
        return False

    @property
    def said_to(self) -> Audience:
        """Whom what is said is for."""
        return Audience.INTERNAL

    @property
    def zone(self) -> ZoneInfo:
        """Where the reader's clock is."""
        return ZoneInfo(self.services.policy.timezone)

    def line(self, key: str, language: Language, /, **values: object) -> Document:
        """One sentence of the catalogue."""
        return Document((Paragraph(self.services.texts(key, language, **values)),))

    async def tell(self, person_id: UUID, document_in: Worded, *, key: str | None = None) -> bool:
        """Say something to one person, where they are alone with the desk; False if the desk knows no such place.

        `document_in` makes it in the person's language.
        """
        person = await self.uow.people.person(person_id)
        identities = await self.uow.people.identities(person_id)
        ref = next((ref for one in reversed(identities) if (ref := self.services.desk.private_room(one))), None)
        if person is None or ref is None:
            return False
        place = await self.place(ref)
        if place.person_id is None:
            place = replace(place, person_id=person_id)
            self.keep(place)
        language = place.language or Language.of(person.locale) or self.services.policy.desk_language
        self.post(place, document_in(language), language=language, key=key)
        return True

    async def mail(self, person_id: UUID, document_in: Worded, *, key: str) -> bool:
        """Write to one person by e-mail; False where the desk has no mail server, or they no address."""
        person = await self.uow.people.person(person_id)
        if person is None or not person.email or not self.services.policy.mail:
            return False
        language = Language.of(person.locale) or self.services.policy.desk_language
        self.uow.outbox.add(
            Delivery(
                conversation=ConversationRef("email", self.services.policy.mail, person.email),
                document=document_in(language),
                key=f"{self.key}:{key}",
                language=language,
                visibility=Visibility.DIRECT,
                recipient=person.email,
            )
        )
        return True
