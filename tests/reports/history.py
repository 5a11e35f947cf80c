"""A made-up past of a desk: random, but the same for a seed."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.conversations import Conversation, Message
from bot.model.knowledge import AskedQuestion
from bot.model.messages import ConversationRef
from bot.model.people import Person, Technician
from bot.model.tickets import SlaKind, SlaNotice, SlaTarget, Survey, Ticket, TicketEvent
from bot.model.values import Audience, ClosedReason, Intent, Language, TicketStatus, Urgency
from bot.ports.storage import Storage, UnitOfWork

CATEGORIES = ("network", "mail", "hardware/printers", "access")
INTENTS = (Intent.HOWTO, Intent.FAULT, Intent.REQUEST)
OUTCOMES = ("answered",) * 5 + ("suggested", "lost", "unavailable", "problem", "escalated")
KINDS: tuple[SlaKind, ...] = ("acknowledge", "first_contact", "resolution")


@dataclass
class History:
    """Everything happens between `since` and `until`; `now` is the end."""

    since: datetime
    until: datetime
    closed: float = 0.6  # the share of tickets that are
    people: list[Person] = field(default_factory=list)
    technicians: list[Technician] = field(default_factory=list)
    conversation: Conversation = field(default_factory=lambda: Conversation(ConversationRef("test", "T", "dm")))
    messages: list[Message] = field(default_factory=list)
    questions: list[AskedQuestion] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    notices: list[SlaNotice] = field(default_factory=list)

    @classmethod
    def of(
        cls, seed: int, since: datetime, until: datetime, questions: int, tickets: int, closed: float = 0.6
    ) -> "History":
        history, dice = cls(since, until, closed), random.Random(seed)
        history.people = [Person(f"Person {number}") for number in range(5)]
        history.technicians = [Technician(one.id, number) for number, one in enumerate(history.people[:3], 1)]
        for _ in range(questions):
            history._ask(dice)
        for number in range(1, tickets + 1):
            history._open(dice, number)
        history.questions.sort(key=lambda one: one.asked_at)  # as they come to a desk
        history.tickets.sort(key=lambda one: one.created_at)
        return history

    async def store(self, storage: Storage) -> None:
        async with storage.unit_of_work() as uow:
            self.add_to(uow)
            await uow.commit()

    def add_to(self, uow: UnitOfWork) -> None:
        for person in self.people:
            uow.people.add(person)
        for technician in self.technicians:
            uow.people.add(technician)
        uow.conversations.add(self.conversation)
        for message in self.messages:
            uow.conversations.add(message)
        for question in self.questions:
            uow.knowledge.add(question)
        for ticket in self.tickets:
            uow.tickets.add(ticket)
        for event in self.events:
            uow.tickets.add_event(event)
        for survey in self.surveys:
            uow.tickets.add(survey)
        for notice in self.notices:
            uow.tickets.add_notice(notice)

    def _moment(self, dice: random.Random) -> datetime:
        return self.since + timedelta(
            milliseconds=dice.randrange((self.until - self.since) // timedelta(seconds=1)) * 1000
        )

    def _later(self, dice: random.Random, than: datetime, most_hours: float = 60) -> datetime:
        """Never beyond the end; to the millisecond."""
        return min(than + timedelta(milliseconds=dice.randrange(1, int(most_hours * 3_600_000))), self.until)

    def _ask(self, dice: random.Random) -> None:
        at, person = self._moment(dice), dice.choice(self.people)
        message = Message(self.conversation.id, "person", "help", at, person_id=person.id)
        self.messages.append(message)
        imported = dice.random() < 0.1
        outcome = dice.choice(OUTCOMES)
        said = dice.choice((True, False, None, None)) if outcome in ("answered", "suggested") else None
        self.questions.append(
            AskedQuestion(
                "help", Language.EN, Audience.INTERNAL, at, outcome, dice.choice((*CATEGORIES, None)),  # type: ignore[arg-type]
                confirmed=said, message_id=None if imported else message.id, asker_id=person.id,
                origin="past" if imported else "chat", intent=dice.choice(INTENTS),
            )
        )  # fmt: skip

    def _open(self, dice: random.Random, number: int) -> None:
        question = dice.choice(self.questions) if self.questions and dice.random() < 0.7 else None
        created = self._later(dice, question.asked_at, 1) if question else self._moment(dice)
        claimed = self._later(dice, created) if dice.random() < 0.8 else None
        replied = self._later(dice, claimed) if claimed and dice.random() < 0.7 else None
        resolved = self._later(dice, replied or claimed) if claimed and dice.random() < 0.7 else None
        status = TicketStatus.RESOLVED if resolved else dice.choice(tuple(TicketStatus)[:3])
        reason, closed = None, None
        if dice.random() < self.closed:
            status, closed = TicketStatus.CLOSED, self._later(dice, resolved or claimed or created)
            unresolved = (ClosedReason.NOT_A_REQUEST, ClosedReason.MERGED, ClosedReason.CANCELLED)
            reason = dice.choice((ClosedReason.CONFIRMED, ClosedReason.SILENT) if resolved else unresolved)
        reopened = dice.choice((0, 0, 0, 1, 2))
        ticket = Ticket(
            number, f"Trouble {number}", "", dice.choice(CATEGORIES), dice.choice(tuple(Urgency)),
            dice.choice(self.people).id, self.conversation.id, dice.choice(("asked", "human", "failed_attempts")),
            created, Language.EN, intent=dice.choice(INTENTS), status=status, closed_reason=reason,
            assignee_id=dice.choice(self.technicians).id if claimed else None, claimed_at=claimed,
            first_reply_at=replied, resolved_at=resolved, closed_at=closed, reopened=reopened,
            question_id=question.message_id if question else None,
            sla=tuple(self._target(dice, kind, created) for kind in KINDS if dice.random() < 0.8),
        )  # fmt: skip
        self.tickets.append(ticket)
        for _ in range(reopened):
            at = self._later(dice, created)
            self.events.append(TicketEvent(ticket.id, "reopened", at, None, TicketStatus.OPEN))
        self.events.append(TicketEvent(ticket.id, "closed", self._later(dice, created), None, status))
        for stage in range(dice.choice((0, 0, 1, 2))):
            due = self._later(dice, created)
            late = timedelta(seconds=dice.choice((0.2, 3, 40, 4000)))
            self.notices.append(SlaNotice(ticket.id, "resolution", stage + 1, 0, due, due + late))
        for kind, most in (("csat", 5), ("nps", 10)):
            if dice.random() < 0.5:
                score = dice.randrange(1, most + 1) if dice.random() < 0.6 else None
                sent = self._later(dice, created)
                self.surveys.append(Survey(kind, ticket.asker_id, sent, ticket.id, score=score))  # type: ignore[arg-type]

    def _target(self, dice: random.Random, kind: SlaKind, created: datetime) -> SlaTarget:
        due = self._later(dice, created) if dice.random() < 0.8 else None
        met = self._later(dice, created) if dice.random() < 0.6 else None
        left = dice.choice((-50.0, 50.0)) if due is None and met is None else None
        return SlaTarget(kind, 3600, created, due, left=left, stage=dice.choice((0, 0, 1, 2, 3)), met_at=met)
