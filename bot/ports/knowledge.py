"""Finding articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.model.knowledge import Retrieval
from bot.model.values import Audience, Language


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `devices` named in the question exclude articles that apply to other models only."""

    text: str
    language: Language
    audience: Audience
    devices: tuple[str, ...] = ()
    category: str | None = None  # restrict to this category and those below it


class Retriever(Protocol):
    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        """The best articles for a query, filtered by audience inside the index's own query.

        Raises IndexUnavailable. A hit may be older than its article's row: callers check the row before showing it.
        """
        ...


Worded = tuple[str, Language]  # a question and its language


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which group each question belongs to: the number of a known one, or, from their number on, a new one.

    `titles`: for each new group the position of the question that says best what it is about.
    """

    group_of: tuple[int, ...]
    titles: tuple[int, ...]


class QuestionGrouper(Protocol):
    async def group(self, questions: Sequence[Worded], known: Sequence[Sequence[Worded]] = ()) -> Grouping:
        """Put together questions about one thing; `known` are groups that there are, by the questions in them.

        The same questions always make the same groups. Takes a second or so for a thousand: not for a transaction.
        """
        ...
