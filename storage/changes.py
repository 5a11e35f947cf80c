"""What a unit of work has noted and not yet written."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.model.conversations import ProcessingStep
from bot.model.knowledge import Article, CachedAnswer, Calibration, Phrasing
from bot.model.ledger import Cursor, Delivery, InboxRow
from bot.model.tickets import Category
from storage.codec import Codec
from storage.records import PLAIN

FEW = 10  # rows


@dataclass(frozen=True, slots=True)
class Finished:
    """An inbox row that ends in this transaction: done, or dead with the error's name."""

    row: InboxRow
    error: str | None = None
    dismissed: bool = False


@dataclass(slots=True)
class Changes:
    """Of one record only the latest state counts; what is added and then saved is inserted as it last was."""

    inserts: dict[Codec[Any], dict[object, Any]] = field(default_factory=dict)
    updates: dict[Codec[Any], dict[object, Any]] = field(default_factory=dict)
    read: dict[object, Any] = field(default_factory=dict)  # records of wide kinds as they were read, by identity
    removals: dict[Codec[Any], dict[object, Any]] = field(default_factory=dict)
    steps: list[ProcessingStep] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    answers: dict[str, CachedAnswer] = field(default_factory=dict)
    calibrations: dict[tuple[str, str], Calibration] = field(default_factory=dict)  # by language and model
    drop_calibrations: bool = False
    forgotten: dict[UUID, None] = field(default_factory=dict)  # questions to delete
    categories: list[Category] | None = None
    finished: list[Finished] = field(default_factory=list)
    reconsidered: dict[str, datetime] = field(default_factory=dict)  # keys of conversations, and since when
    outbox: list[Delivery | UUID] = field(default_factory=list)  # a delivery to add, or the message to withdraw
    merged: dict[UUID, UUID] = field(default_factory=dict)  # people who are part of another from now on
    base_changed: bool = False

    def add(self, record: Any) -> None:
        codec = PLAIN[type(record)]
        self.inserts.setdefault(codec, {})[codec.identity(record)] = record
        if isinstance(record, Phrasing) and record.approved:
            self.base_changed = True

    def save(self, record: Any) -> None:
        codec = PLAIN[type(record)]
        identity = codec.identity(record)
        if identity in self.inserts.get(codec, ()):
            self.inserts[codec][identity] = record
        else:
            self.updates.setdefault(codec, {})[identity] = record
        if isinstance(record, Phrasing):
            self.base_changed = True

    def remove(self, record: Any) -> None:
        codec = PLAIN[type(record)]
        self.removals.setdefault(codec, {})[codec.identity(record)] = record

    def save_cursor(self, cursor: Cursor) -> None:
        """A cursor of version 0 is new; once stored it has version 1."""
        if cursor.version == 0:
            self.add(replace(cursor, version=1))
        else:
            self.save(cursor)

    def put(self, article: Article) -> None:
        self.articles[article.id] = article
        self.base_changed = True

    def swap(self, other: "Changes") -> None:
        """Exchange contents. A commit takes them away, so that leaving the unit cannot alter what is being written."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, theirs)
            setattr(other, name, mine)

    @property
    def is_brief(self) -> bool:
        """Whether it is written in less time than it takes to go to a thread for it: what comes of one message, or a
        few rows."""
        if self.finished:
            return True
        many = self.articles or self.answers or self.calibrations or self.categories or self.forgotten or self.merged
        rows = sum(len(of) for kind in (self.inserts, self.updates, self.removals) for of in kind.values())
        return not many and rows + len(self.steps) + len(self.outbox) <= FEW

    def __bool__(self) -> bool:
        return bool(
            self.inserts
            or self.updates
            or self.removals
            or self.steps
            or self.articles
            or self.answers
            or self.calibrations
            or self.drop_calibrations
            or self.forgotten
            or self.categories is not None
            or self.finished
            or self.reconsidered
            or self.outbox
            or self.merged
        )
