"""All that is known of an article, put together for those who care for it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.knowledge import Article, Phrasing, Solution
from bot.ports.storage import Knowledge
from bot.translations import is_stale

GONE = "removed"  # the revision of an article whose document is gone: it is taken up again if the document returns


@dataclass(frozen=True, slots=True)
class ArticleSheet:
    article: Article
    pair: tuple[Article, ...]  # what it translates, and its translations
    stale: tuple[tuple[Article, Article], ...]  # translations older than their source, each with that
    phrasings: tuple[str, ...]  # in use: its own and the approved ones
    proposed: tuple[Phrasing, ...]  # waiting for a curator
    solution: Solution | None  # how it has done, where somebody said so


def revision(article: Article) -> str:
    """A hash of everything that is shown or indexed of an article."""
    content = [
        article.title,
        article.body,
        article.language.value,
        article.category,
        article.audience.value,
        article.keywords,
        article.phrasings,
        article.applies_to,
        [(link.title, link.url) for link in article.links],
        article.reviewed.isoformat() if article.reviewed else None,
        article.translation_of,
    ]
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()


async def sheet_of(knowledge: Knowledge, wanted: str) -> ArticleSheet | None:
    """The article with that id, or the only one whose id ends so; None if there is none."""
    article = await named(knowledge, wanted)
    if article is None:
        return None
    pair = await pair_of(knowledge, article)
    learnt = await knowledge.phrasings([article.id])
    return ArticleSheet(
        article=article,
        pair=tuple(pair),
        stale=tuple(stale_among([article, *pair])),
        phrasings=(*article.phrasings, *(one.text for one in learnt if one.approved)),
        proposed=tuple(one for one in learnt if not one.approved and one.rejected_at is None),
        solution=(await knowledge.solutions([article.id])).get(article.id),
    )


async def named(knowledge: Knowledge, wanted: str) -> Article | None:
    wanted = wanted.strip()
    if article := await knowledge.article(wanted):
        return article
    ends = [id for id in await knowledge.catalogue() if id.endswith(f"/{wanted}") or id.rpartition("/")[2] == wanted]
    return await knowledge.article(ends[0]) if len(ends) == 1 else None


async def pair_of(knowledge: Knowledge, article: Article) -> list[Article]:
    """What the article is a translation of, and what is a translation of it."""
    source = await knowledge.article(article.translation_of) if article.translation_of else None
    return [*([source] if source else []), *await knowledge.translations([article.id])]


async def stale_translations(knowledge: Knowledge) -> list[tuple[Article, Article]]:
    """Every translation that is older than its source, with that."""
    translations = await knowledge.translations(None)
    sources = await knowledge.articles([one.translation_of for one in translations if one.translation_of])
    return stale_among([*translations, *sources.values()])


def stale_among(articles: Sequence[Article]) -> list[tuple[Article, Article]]:
    known = {article.id: article for article in articles}
    return [
        (article, source)
        for article in known.values()
        if article.translation_of and (source := known.get(article.translation_of)) and is_stale(article, source)
    ]
