"""Articles, phrasings, solutions, questions, gaps, calibrations and kept answers."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, false, func, null, select, true

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
from storage.models.knowledge import (
    articles,
    asked_questions,
    cached_answers,
    calibrations,
    gap_groups,
    knowledge_base,
    knowledge_gaps,
    phrasings,
    solutions,
)
from storage.records import ANSWERS, ARTICLES, ASKED, CALIBRATIONS, GAP_GROUPS, GAPS, PHRASINGS, SOLUTIONS
from storage.repositories.base import VALUES, Repository

_BASE = select(knowledge_base.c.number, knowledge_base.c.articles, knowledge_base.c.at)
_ARTICLE = ARTICLES.select().where(articles.c.id == bindparam("id"))
_ARTICLES = ARTICLES.select().where(articles.c.id.in_(VALUES))
_TRANSLATIONS = (
    ARTICLES.select()
    .where(articles.c.translation_of != null(), articles.c.withdrawn == false())
    .order_by(articles.c.id)
)
_TRANSLATIONS_OF = _TRANSLATIONS.where(articles.c.translation_of.in_(VALUES))
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
_PHRASINGS_OF = PHRASINGS.select().where(phrasings.c.article_id.in_(VALUES)).order_by(phrasings.c.id)
_LEARNT = PHRASINGS.select().order_by(phrasings.c.id.desc()).limit(bindparam("most"))
_PROPOSED = (
    PHRASINGS.select()
    .where(phrasings.c.approved == false(), phrasings.c.rejected_at == null())
    .order_by(phrasings.c.id)
    .limit(bindparam("most"))
)
_ALL_GAPS = (
    GAPS.select().order_by(knowledge_gaps.c.asked_at.desc(), knowledge_gaps.c.id.desc()).limit(bindparam("most"))
)
_GAPS = _ALL_GAPS.where(knowledge_gaps.c.state == bindparam("state"))
_GAP_IN = GAPS.select().where(knowledge_gaps.c.message_id == bindparam("message")).order_by(knowledge_gaps.c.id)
_GROUPS = GAP_GROUPS.select().order_by(gap_groups.c.number)
_ASKED = (
    ASKED.select().order_by(asked_questions.c.asked_at.desc(), asked_questions.c.id.desc()).limit(bindparam("most"))
)
_ASKED_OF = _ASKED.where(asked_questions.c.origin == bindparam("origin"))
_ASKED_IN = ASKED.select().where(asked_questions.c.message_id == bindparam("message"))
_ASKED_FROM = ASKED.select().where(
    asked_questions.c.origin == bindparam("origin"), asked_questions.c.reference != null()
)
_CALIBRATIONS = CALIBRATIONS.select().order_by(calibrations.c.language, calibrations.c.model)
_CACHED = ANSWERS.select().where(
    cached_answers.c.key == bindparam("key"), cached_answers.c.expires_at > bindparam("now")
)


class SqlKnowledge(Repository):
    __slots__ = ()

    def put(self, article: Article) -> None:
        self._changes.put(article)

    def add(self, record: Phrasing | Solution | KnowledgeGap | GapGroup | AskedQuestion) -> None:
        self._changes.add(record)

    def save(self, record: Phrasing | Solution | KnowledgeGap | GapGroup | AskedQuestion) -> None:
        self._changes.save(record)

    def cache(self, answer: CachedAnswer) -> None:
        self._changes.answers[answer.key] = answer

    def drop_calibrations(self) -> None:
        self._changes.drop_calibrations = True
        self._changes.calibrations.clear()

    def put_calibration(self, calibration: Calibration) -> None:
        self._changes.calibrations[calibration.language, calibration.model] = calibration

    def forget(self, questions: Collection[UUID]) -> None:
        self._changes.forgotten |= dict.fromkeys(questions)

    async def base_version(self) -> BaseVersion:
        row = await self._database.read(lambda connection: connection.execute(_BASE).first(), brief=True)
        return BaseVersion(0, 0) if row is None else BaseVersion(*row)

    async def article(self, id: str) -> Article | None:
        return await self._one(ARTICLES, _ARTICLE, id=id)

    async def articles(self, ids: Collection[str]) -> dict[str, Article]:
        return {article.id: article for article in await self._among(ARTICLES, _ARTICLES, ids)}

    async def translations(self, of: Collection[str] | None = None) -> list[Article]:
        if of is None:
            return await self._all(ARTICLES, _TRANSLATIONS)
        return await self._among(ARTICLES, _TRANSLATIONS_OF, of)

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

    async def gaps(self, state: str | None = "open", limit: int = 100) -> list[KnowledgeGap]:
        if state is None:
            return await self._all(GAPS, _ALL_GAPS, most=limit)
        return await self._all(GAPS, _GAPS, state=state, most=limit)

    async def gap_in(self, message_id: UUID) -> KnowledgeGap | None:
        return await self._one(GAPS, _GAP_IN, message=message_id)

    async def gap_groups(self) -> list[GapGroup]:
        return await self._all(GAP_GROUPS, _GROUPS)

    async def asked(self, *, origin: str | None = None, limit: int = 5000) -> list[AskedQuestion]:
        if origin is None:
            return await self._all(ASKED, _ASKED, most=limit)
        return await self._all(ASKED, _ASKED_OF, origin=origin, most=limit)

    async def asked_in(self, message_id: UUID) -> AskedQuestion | None:
        return await self._one(ASKED, _ASKED_IN, message=message_id)

    async def asked_from(self, origin: str) -> dict[str, AskedQuestion]:
        return {one.reference: one for one in await self._all(ASKED, _ASKED_FROM, origin=origin) if one.reference}

    async def phrasings(self, article_ids: Collection[str]) -> list[Phrasing]:
        return await self._among(PHRASINGS, _PHRASINGS_OF, article_ids)

    async def learnt_phrasings(self, limit: int = 1000) -> list[Phrasing]:
        return await self._all(PHRASINGS, _LEARNT, most=limit)

    async def proposed_phrasings(self, limit: int = 100) -> list[Phrasing]:
        return await self._all(PHRASINGS, _PROPOSED, most=limit)

    async def calibrations(self) -> list[Calibration]:
        return await self._all(CALIBRATIONS, _CALIBRATIONS)

    async def cached(self, key: str, now: datetime) -> CachedAnswer | None:
        return await self._one(ANSWERS, _CACHED, key=key, now=now)
