"""Finding articles."""

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
