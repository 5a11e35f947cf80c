"""Articles, phrasings, solutions, gaps and kept answers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, false, func, select, true

from bot.model.knowledge import Article, BaseVersion, CachedAnswer, KnowledgeGap, Phrasing, Solution
from bot.model.values import Language
from storage.models.knowledge import articles, cached_answers, knowledge_base, knowledge_gaps, phrasings, solutions
from storage.records import ANSWERS, ARTICLES, GAPS, PHRASINGS, SOLUTIONS
from storage.repositories.base import VALUES, Repository

_BASE = select(knowledge_base.c.number, knowledge_base.c.articles, knowledge_base.c.at)
_ARTICLE = ARTICLES.select().where(articles.c.id == bindparam("id"))
_ARTICLES = ARTICLES.select().where(articles.c.id.in_(VALUES))
_CATALOGUE = select(articles.c.id, articles.c.revision).where(articles.c.withdrawn == false())
_CATALOGUE_OF = _CATALOGUE.where(articles.c.origin == bindparam("origin"))
_LANGUAGES = (
    select(articles.c.language, func.count()).where(articles.c.withdrawn == false()).group_by(articles.c.language)
)
_LANGUAGES_OF = _LANGUAGES.where(articles.c.origin == bindparam("origin"))
_ORIGINS = (
    select(articles.c.origin, func.count())
    .where(articles.c.withdrawn == false())
    .group_by(articles.c.origin)
    .order_by(articles.c.origin)
)
_APPROVED = PHRASINGS.select().where(phrasings.c.approved == true()).order_by(phrasings.c.id)
_APPROVED_OF = _APPROVED.where(phrasings.c.article_id.in_(VALUES))
_SOLUTIONS = SOLUTIONS.select().where(solutions.c.article_id.in_(VALUES))
_GAPS = (
    GAPS.select()
    .where(knowledge_gaps.c.state == bindparam("state"))
    .order_by(knowledge_gaps.c.asked_at.desc(), knowledge_gaps.c.id.desc())
    .limit(bindparam("most"))
)
_CACHED = ANSWERS.select().where(
    cached_answers.c.key == bindparam("key"), cached_answers.c.expires_at > bindparam("now")
)


class SqlKnowledge(Repository):
    __slots__ = ()

    def put(self, article: Article) -> None:
        self._changes.put(article)

    def add(self, record: Phrasing | Solution | KnowledgeGap) -> None:
        self._changes.add(record)

    def save(self, record: Phrasing | Solution | KnowledgeGap) -> None:
        self._changes.save(record)

    def cache(self, answer: CachedAnswer) -> None:
        self._changes.answers[answer.key] = answer

    async def base_version(self) -> BaseVersion:
        row = await self._database.read(lambda connection: connection.execute(_BASE).first())
        return BaseVersion(0, 0) if row is None else BaseVersion(*row)

    async def article(self, id: str) -> Article | None:
        return await self._one(ARTICLES, _ARTICLE, id=id)

    async def articles(self, ids: Collection[str]) -> dict[str, Article]:
        return {article.id: article for article in await self._among(ARTICLES, _ARTICLES, ids)}

    async def catalogue(self, origin: str | None = None) -> dict[str, str]:
        statement = _CATALOGUE if origin is None else _CATALOGUE_OF
        wanted = {} if origin is None else {"origin": origin}
        rows = await self._database.read(lambda connection: connection.execute(statement, wanted).all())
        return {row.id: row.revision for row in rows}

    async def origins(self) -> dict[str, int]:
        rows = await self._database.read(lambda connection: connection.execute(_ORIGINS).all())
        return {str(origin): int(count) for origin, count in rows}

    async def count_by_language(self, origin: str | None = None) -> dict[Language, int]:
        statement = _LANGUAGES if origin is None else _LANGUAGES_OF
        wanted = {} if origin is None else {"origin": origin}
        rows = await self._database.read(lambda connection: connection.execute(statement, wanted).all())
        return {Language(language): count for language, count in rows}

    async def approved_phrasings(self, article_ids: Collection[str] | None = None) -> list[Phrasing]:
        if article_ids is None:
            return await self._all(PHRASINGS, _APPROVED)
        return await self._among(PHRASINGS, _APPROVED_OF, article_ids)

    async def solutions(self, article_ids: Collection[str]) -> dict[str, Solution]:
        return {found.article_id: found for found in await self._among(SOLUTIONS, _SOLUTIONS, article_ids)}

    async def gaps(self, state: str = "open", limit: int = 100) -> list[KnowledgeGap]:
        return await self._all(GAPS, _GAPS, state=state, most=limit)

    async def cached(self, key: str, now: datetime) -> CachedAnswer | None:
        return await self._one(ANSWERS, _CACHED, key=key, now=now)
