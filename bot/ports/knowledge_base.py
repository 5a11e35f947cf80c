"""The knowledge base, as a unit of work sees it: a part of bot.ports.storage, with the rules said there."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.model.knowledge import (
    Article,
    AskedQuestion,
    BaseVersion,
    CachedAnswer,
    Calibration,
    GapGroup,
    KnowledgeGap,
    Phrasing,
    Solution,
)
from bot.model.values import Language


class Knowledge(Protocol):
    def put(self, article: Article) -> None:
        """Write an article as it now is, new or changed, whatever its version; counts as a change of the base."""
        ...

    def add(self, record: Phrasing | Solution | KnowledgeGap | GapGroup | AskedQuestion) -> None: ...

    def save(self, record: Phrasing | Solution | KnowledgeGap | GapGroup | AskedQuestion) -> None: ...

    def cache(self, answer: CachedAnswer) -> None: ...

    def put_calibration(self, calibration: Calibration) -> None:
        """Write what was fitted for a language and an embedding model, in place of what was."""
        ...

    def drop_calibrations(self) -> None:
        """Delete what was fitted, in every language and for every model, before anything is put."""
        ...

    def forget(self, questions: Collection[UUID]) -> None:
        """Delete AskedQuestions, the gaps noted of their messages, and the phrasings proposed from them; approved
        phrasings stay, without the link."""
        ...

    async def base_version(self) -> BaseVersion:
        """`number` grows in the transaction of every `put` and every change of an approved phrasing."""
        ...

    async def article(self, id: str) -> Article | None: ...

    async def articles(self, ids: Collection[str]) -> dict[str, Article]:
        """Those that exist, withdrawn ones included."""
        ...

    async def translations(self, of: Collection[str] | None = None) -> list[Article]:
        """Articles, not withdrawn, that are translations of these, or with None of any."""
        ...

    async def catalogue(self, origin: str | None = None) -> dict[str, str]:
        """Id -> revision of every article that is not withdrawn."""
        ...

    async def origins(self) -> dict[str, int]:
        """How many articles of each origin are not withdrawn; by origin, without those that have none left."""
        ...

    async def count_by_language(self, origin: str | None = None) -> dict[Language, int]:
        """How many articles that are not withdrawn."""
        ...

    async def approved_phrasings(self, article_ids: Collection[str] | None = None) -> list[Phrasing]: ...

    async def solutions(self, article_ids: Collection[str]) -> dict[str, Solution]:
        """By article id."""
        ...

    async def gaps(self, state: str | None = "open", limit: int = 100) -> list[KnowledgeGap]:
        """The newest first; with None in any state."""
        ...

    async def gap_in(self, message_id: UUID) -> KnowledgeGap | None:
        """The gap noted of a Message's question."""
        ...

    async def gap_groups(self) -> list[GapGroup]:
        """All of them, by number."""
        ...

    async def asked(self, *, origin: str | None = None, limit: int = 5000) -> list[AskedQuestion]:
        """Questions that were looked up, of one origin or of all, the newest first."""
        ...

    async def asked_in(self, message_id: UUID) -> AskedQuestion | None:
        """The question that a Message asked."""
        ...

    async def asked_from(self, origin: str) -> dict[str, AskedQuestion]:
        """All questions of past tickets of an origin, by reference."""
        ...

    async def phrasings(self, article_ids: Collection[str]) -> list[Phrasing]:
        """Approved, proposed and rejected ones, in the order of their making."""
        ...

    async def learnt_phrasings(self, limit: int = 1000) -> list[Phrasing]:
        """Approved, proposed and rejected ones of any article, the newest first."""
        ...

    async def proposed_phrasings(self, limit: int = 100) -> list[Phrasing]:
        """Neither approved nor rejected yet, the oldest first."""
        ...

    async def calibrations(self) -> list[Calibration]:
        """By language and model."""
        ...

    async def cached(self, key: str, now: datetime) -> CachedAnswer | None:
        """None when expired."""
        ...
