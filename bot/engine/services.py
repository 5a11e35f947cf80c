"""The parts the engine works with, put together in `bot.app`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.categories import Categories
from bot.commands.table import CommandTable
from bot.model.messages import ConversationRef
from bot.model.values import Language
from bot.ports.knowledge import Grouping, QuestionGrouper, Retriever, Worded
from bot.ports.language_model import LanguageModel
from bot.ports.storage import Storage
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

    def contains(self, ref: ConversationRef) -> bool: ...


@dataclass(frozen=True, slots=True)
class NoDesk:
    """No desk room: tickets wait to be listed."""

    rooms: tuple[ConversationRef, ...] = ()

    def contains(self, ref: ConversationRef) -> bool:
        return False


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

    def contains(self, ref: ConversationRef) -> bool:
        return any(desk.contains(ref) for desk in self.desks)


@dataclass(frozen=True, slots=True)
class Policy:
    """The desk's choices, from the settings."""

    desk_language: Language = Language.EN
    timezone: str = "Europe/Paris"
    failed_attempts: int = 3
    idle: timedelta = timedelta(minutes=60)
    answer_threshold: float | None = None  # None: the base's own
    model_timeout: float = 20.0


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
