"""`guichet kb search`: what a question finds."""

from typing import Any

import click

from bot.app import index_to_read, load_samples, open_desk
from bot.cli.common import one_of, print_json, run_async
from bot.engine.retrieval import may_show
from bot.errors import AlreadyRunning
from bot.model.knowledge import Article, Hit
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from bot.settings import Settings, load_settings
from bot.understanding import Understander


@click.command(name="search")
@click.argument("text")
@click.option("--audience", type=one_of(Audience), default=Audience.INTERNAL.value, help="On whose behalf.")
@click.option(
    "--lang",
    type=one_of(Language),
    help="Language of the question; otherwise it is detected.",
)
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def command(text: str, audience: str, lang: str | None, as_object: bool) -> None:
    """Show which articles a question finds, and how surely."""
    language = Language(lang) if lang else None
    found = run_async(search_articles(load_settings(), text, Audience(audience), language))
    if as_object:
        return print_json(found)
    if found["hits"]:
        click.echo("score  confidence  article")
    for hit in sorted(found["hits"], key=lambda hit: -hit["score"]):
        click.echo(f"{hit['score']:.3f}  {hit['confidence']:>10.3f}  {hit['id']}  {hit['title']}")
    if not found["hits"]:
        click.echo("Nothing found.", err=True)
    click.echo(f"answered from {found['answer_from']:.3f}, suggested from {found['suggest_from']:.3f}")
    return None


async def search_articles(
    settings: Settings, text: str, audience: Audience, language: Language | None
) -> dict[str, Any]:
    """What a question finds. Raises AlreadyRunning while another process has the index."""
    async with open_desk(settings) as desk:
        await load_samples(desk)
        async with index_to_read(desk, "kb search") as index:
            if index is None:
                raise AlreadyRunning(f"{desk.lock.holder()} has the index: ask it with guichet ask, or stop it first")
            understander = Understander(desk.categories, settings.desk_language, desk.devices)
            understood = understander.understand(text, language=language)
            query = Query(text, understood.language, audience, devices=understood.entities.devices)
            found = await desk.retriever(index).search(query)
        async with desk.storage.unit_of_work() as uow:
            rows = await uow.knowledge.articles([hit.article_id for hit in found.hits])
    return {
        "hits": [
            as_json(hit, rows[hit.article_id]) for hit in found.hits if may_show(rows.get(hit.article_id), audience)
        ],
        "language": understood.language,
        "answer_from": found.thresholds.answer,
        "suggest_from": found.thresholds.suggest,
    }


def as_json(hit: Hit, article: Article) -> dict[str, Any]:
    return {
        "id": hit.article_id,
        "title": article.title,
        "language": article.language,
        "score": hit.score,
        "confidence": hit.confidence,
        "heading": hit.heading,
    }
