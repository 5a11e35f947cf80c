"""The parts the engine works with, put together in `bot.app`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.attachments.intake import Intake
from bot.attachments.nowhere import no_files
from bot.categories import Categories
from bot.commands.table import CommandTable
from bot.devices import DeviceCatalogue
from bot.errors import IndexUnavailable
from bot.model.knowledge import Retrieval
from bot.model.messages import ConversationRef
from bot.model.people import PersonIdentity
from bot.model.tickets import Ticket
from bot.model.values import Language, Role
from bot.ports.knowledge import Grouping, Query, QuestionGrouper, Retriever, Worded
from bot.ports.language_model import LanguageModel
from bot.ports.storage import Storage
from bot.ports.upkeep import KnowledgeFolder
from bot.public.policy import PublicPolicy
from bot.sla.hours import Calendar
from bot.sla.notices import Due
from bot.texts import Texts
from bot.understanding import Understander

LONGEST_TEXT = 5_000  # characters; longer messages get a clear answer instead of a guess
EDIT_WINDOW = timedelta(minutes=1)  # an edited question is answered anew in place


class DeskRooms(Protocol):
    """Where technicians work."""

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        """The rooms in which tickets are announced."""
        ...

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        """Those of them in which tickets of a category are announced."""
        ...

    def contains(self, ref: ConversationRef) -> bool: ...

    def shows_cards(self, ref: ConversationRef) -> bool:
        """Whether a ticket's card stands in that room as a message that can be edited, with a thread of its own."""
        ...

    def opens_forms(self, ref: ConversationRef) -> bool:
        """Whether a button pressed there can open a form."""
        ...

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        """A thread of a room that the first message posted in it begins; the room where there are none. `name`: its
        own, of letters, digits and dashes."""
        ...

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        """Where this technician is alone with the desk; None if these are not the rooms of their platform."""
        ...


class Clocks(Protocol):
    """What is promised of tickets, and how long it takes."""

    @property
    def calendar(self) -> Calendar | None:
        """The desk's own business hours; None: it is open at any time."""
        ...

    def applied(self, before: Ticket | None, after: Ticket, at: datetime) -> Ticket:
        """`after` with its SLA brought to what the step makes of it; `before` is None for a new ticket."""
        ...

    def notices_due(self, ticket: Ticket, now: datetime) -> tuple[Due, ...]:
        """Every notice that is due and has not gone out, in order; of each promise only the last need be said."""
        ...

    def noticed(self, ticket: Ticket, notices: Sequence[Due]) -> Ticket:
        """The ticket once these notices are out."""
        ...


@dataclass(frozen=True, slots=True)
class NoPromises:
    """Nothing is promised."""

    calendar: Calendar | None = None

    def applied(self, before: Ticket | None, after: Ticket, at: datetime) -> Ticket:
        return after

    def notices_due(self, ticket: Ticket, now: datetime) -> tuple[Due, ...]:
        return ()

    def noticed(self, ticket: Ticket, notices: Sequence[Due]) -> Ticket:
        return ticket


@dataclass(frozen=True, slots=True)
class NoDesk:
    """No desk room: tickets wait to be listed."""

    rooms: tuple[ConversationRef, ...] = ()

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return ()

    def contains(self, ref: ConversationRef) -> bool:
        return False

    def shows_cards(self, ref: ConversationRef) -> bool:
        return False

    def opens_forms(self, ref: ConversationRef) -> bool:
        return False

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        return ref

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        return None


@dataclass(frozen=True, slots=True)
class NothingToSearch:
    """No index: of a process that answers no questions."""

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        raise IndexUnavailable("this process has no search index")


@dataclass(frozen=True, slots=True)
class EachAlone:
    """No way to tell which questions are about one thing: each is a group of its own."""

    async def group(self, questions: Sequence[Worded], known: Sequence[Sequence[Worded]] = ()) -> Grouping:
        count = len(questions)
        return Grouping(tuple(range(len(known), len(known) + count)), tuple(range(count)))


@dataclass(frozen=True, slots=True)
class AllDesks:
    """The rooms of several platforms."""

    desks: tuple[DeskRooms, ...]

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        return tuple(ref for desk in self.desks for ref in desk.rooms)

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return tuple(ref for desk in self.desks for ref in desk.rooms_for(category))

    def contains(self, ref: ConversationRef) -> bool:
        return any(desk.contains(ref) for desk in self.desks)

    def shows_cards(self, ref: ConversationRef) -> bool:
        return any(desk.shows_cards(ref) for desk in self.desks)

    def opens_forms(self, ref: ConversationRef) -> bool:
        return any(desk.opens_forms(ref) for desk in self.desks)

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        threads = (desk.new_thread(ref, name) for desk in self.desks)
        return next((thread for thread in threads if thread != ref), ref)

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        return next((ref for desk in self.desks if (ref := desk.private_room(identity))), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """The desk's choices, from the settings."""

    desk_language: Language = Language.EN
    timezone: str = "Europe/Paris"
    failed_attempts: int = 3
    idle: timedelta = timedelta(minutes=60)
    answer_threshold: float | None = None  # None: the base's own
    model_timeout: float = 20.0
    round_robin: bool = True  # new tickets go to whose turn it is, of those on duty
    surveys: bool = True
    survey_days: int = 30  # of the bot's own answers one survey a person in so many days; 0: none
    survey_delay: timedelta = timedelta(hours=1)  # after a ticket closed without a word
    nps_days: int = 0  # the same of being recommended
    mail: str | None = None  # the address that mail is sent from; None: there is no mail server
    link_secret: str = field(default="", repr=False)  # part of how link codes are kept
    recurring: timedelta = timedelta(days=30)  # in which trouble that comes again is flagged
    technicians: tuple[tuple[str, Role], ...] = ()  # addresses of those who are appointed as they are met
    desk_members: bool = False  # whether members of the desk's rooms are technicians
    public: PublicPolicy = field(default_factory=PublicPolicy)


@dataclass(frozen=True, slots=True)
class Services:
    storage: Storage
    understander: Understander
    categories: Categories
    retriever: Retriever
    texts: Texts
    commands: CommandTable[Any]
    clock: Callable[[], datetime]  # aware, UTC
    policy: Policy = field(default_factory=Policy)
    desk: DeskRooms = field(default_factory=NoDesk)
    language_model: LanguageModel | None = None
    grouper: QuestionGrouper = field(default_factory=EachAlone)
    sla: Clocks = field(default_factory=NoPromises)
    devices: DeviceCatalogue = field(default_factory=lambda: DeviceCatalogue(()))
    folder: KnowledgeFolder | None = None  # of documents that the articles follow
    files: Intake = field(default_factory=no_files)
