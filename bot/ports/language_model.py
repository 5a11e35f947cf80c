"""A language model that words an answer from retrieved passages. Optional; the desk answers without one."""

from dataclasses import dataclass
from typing import Protocol

from bot.model.values import Language


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article, numbered for citation from 1 in the order given."""

    article_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GeneratedAnswer:
    """`citations`: indices (from 1) of the passages that the text rests on, each marked [n] in it."""

    text: str
    citations: tuple[int, ...]


class LanguageModel(Protocol):
    async def answer(
        self, question: str, passages: tuple[Passage, ...], language: Language, timeout: float
    ) -> GeneratedAnswer:
        """Answer from the passages alone, within `timeout` seconds. Raises ModelError."""
        ...
