"""One event on its way through the steps: what is known so far, and what is to come of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.model.conversations import Conversation, Matter, Message, ProcessingStep, ScoredSource
from bot.model.documents import Document, Paragraph
from bot.model.messages import ConversationRef, IncomingClick, IncomingForm, IncomingMessage, IncomingReaction
from bot.model.people import Known, Technician
from bot.model.tickets import Attachment, Proposal, Ticket
from bot.model.understanding import Understanding
from bot.model.values import AnswerKind, Audience, Language, Role
from bot.texts import Inline
from bot.tickets.numbers import TicketNumbers

Heard = IncomingMessage | IncomingClick | IncomingReaction | IncomingForm  # what somebody says, in whatever way
StepName = Literal["receive", "identify", "understand", "decide", "retrieve", "answer", "escalate", "send"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk says to a message (nothing, without a document), and what the conversation waits for then."""

    kind: AnswerKind
    document: Document | None
    matter: Matter
    confidence: float = 0.0
    calibrated: bool = False
    sources: tuple[ScoredSource, ...] = ()
    ticket: Ticket | None = None


@dataclass(slots=True)
class Step:
    outcome: str = "ok"
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Turn(Work):
    """Everything a rule or a command may look at or change. It never commits. Its `key` is the inbox row's id."""

    event: Heard
    numbers: TicketNumbers
    known: Known
    conversation: Conversation
    message: Message
    understanding: Understanding
    replaces: str | None = None  # the platform's id of an answer to edit in place
    is_stored: bool = False  # the message has been kept before
    for_them_alone: bool = False  # what is answered is for who spoke, and for nobody else in the room
    says_no_more: bool = False  # than the answer: who spoke wants no word of a program
    steps: list[ProcessingStep] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)  # the person's open and resolved ones, the newest first
    here: list[Ticket] = field(default_factory=list)  # those answered in this conversation, whoever asked first
    _begun: int = 0
    _proposals: dict[UUID, Proposal] | None = None

    @property
    def matter(self) -> Matter:
        return self.conversation.matter

    @property
    def language(self) -> Language:
        return self.understanding.language

    @property
    def audience(self) -> Audience:
        return self.event.audience

    @property
    def text(self) -> str:
        return self.understanding.text

    @property
    def technician(self) -> Technician | None:
        """Who speaks, if they work the desk and have not been disabled."""
        return self.known.at_work

    @property
    def role(self) -> Role | None:
        """What who speaks may do at the desk; None for who does not work there."""
        return self.technician.role if self.technician else None

    @property
    def own_files(self) -> tuple[Attachment, ...]:
        """What came with the message, taken or not."""
        return self.files.get(self.message.id, ())

    @property
    def brings_files(self) -> bool:
        return any(file.problem is None for file in self.own_files)

    @property
    def is_click(self) -> bool:
        return isinstance(self.event, IncomingClick)

    @property
    def is_unseen(self) -> bool:
        """Whether nobody else saw what was written: in a form, or as a command that only its author sees."""
        return isinstance(self.event, IncomingForm) or (isinstance(self.event, IncomingMessage) and self.event.quiet)

    @property
    def calls_bot(self) -> bool:
        """Whether the bot was named in what was written."""
        return isinstance(self.event, IncomingMessage) and self.event.mentioned

    @property
    def in_desk(self) -> bool:
        return self.services.desk.contains(self.conversation.ref)

    def say(self, key: str, **values: object) -> str:
        return self.services.texts(key, self.language, **values)

    def typed(self, command: str, *rest: str) -> Inline:
        return self.services.texts.typed(command, self.language, *rest)

    def paragraph(self, key: str, **values: object) -> Paragraph:
        return Paragraph(self.say(key, **values))

    def document(self, key: str, **values: object) -> Document:
        return Document((self.paragraph(key, **values),))

    def chat(self, key: str, /, matter: Matter | None = None, ticket: Ticket | None = None, **values: object) -> Answer:
        """A short answer from the catalogue; the matter at hand stays as it is unless another is given."""
        kind = AnswerKind.CHAT if ticket is None else AnswerKind.TICKET
        return Answer(kind, self.document(key, **values), matter or self.matter, ticket=ticket)

    def not_theirs(self) -> Answer:
        """They pressed what stands before everybody and is for one: they alone are told so, in a language of theirs."""
        self.for_them_alone = True
        language = Language.of(self.known.person.locale) or self.language
        self.understanding = replace(self.understanding, language=language)
        return self.chat("click.not_yours")

    @contextmanager
    def step(self, name: StepName) -> Iterator[Step]:
        """Record one of the eight steps with its outcome and milliseconds, whatever happens in it."""
        record, started = Step(), time.perf_counter()
        self._begun += 1
        position = self._begun  # steps within a step come after it
        try:
            yield record
        except BaseException as error:
            record.outcome = type(error).__name__
            raise
        finally:
            ms = round((time.perf_counter() - started) * 1000, 3)
            self.steps.append(ProcessingStep(self.message.id, position, name, record.outcome, ms, record.detail))

    def in_reply_to(self, place: Conversation) -> UUID | None:
        return self.message.id if place.id == self.conversation.id else None

    def is_origin(self, place: Conversation) -> bool:
        return place.id == self.conversation.id

    @property
    def said_to(self) -> Audience:
        return self.audience

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.known.person.timezone or self.services.policy.timezone)

    async def place(self, ref: ConversationRef) -> Conversation:
        return self.conversation if ref == self.conversation.ref else await Work.place(self, ref)

    async def place_by_id(self, id: UUID) -> Conversation | None:
        return self.conversation if id == self.conversation.id else await Work.place_by_id(self, id)

    def keep(self, place: Conversation) -> None:
        """This turn's own conversation is saved when the turn ends."""
        if place.id == self.conversation.id:
            self.conversation = place
        else:
            Work.keep(self, place)

    async def proposals(self) -> list[Proposal]:
        """What was proposed in this conversation, by position and time, with what this turn changed of it."""
        if self._proposals is None:
            self._proposals = {one.id: one for one in await self.uow.tickets.proposals(self.conversation.id)}
        return list(self._proposals.values())

    async def keep_proposal(self, proposal: Proposal) -> None:
        await self.proposals()
        assert self._proposals is not None
        self._proposals[proposal.id] = proposal
        self.uow.tickets.save(proposal)

    def adopt(self, answer: Answer) -> None:
        """Take over what the conversation waits for after an answer."""
        self.conversation = replace(self.conversation, matter=answer.matter)
