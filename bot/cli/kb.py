"""`guichet kb`: the knowledge base."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot.app import load_samples, open_desk, own_index
from bot.cli.common import one_of, print_json, progress, run_async
from bot.engine.retrieval import may_show
from bot.errors import AlreadyRunning
from bot.model.knowledge import Article, Hit
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from bot.settings import Settings, load_settings
from bot.understanding import Understander
from knowledge.evaluation import evaluate
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import HybridRetriever
from knowledge.sync import SyncReport, sync_folder

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="kb")
def command() -> None:
    """Synchronise, search and measure the knowledge base."""


@command.command(name="sync")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
def sync_command(directory: Path) -> None:
    """Read DIRECTORY and everything below it: what has changed is indexed anew, what is gone disappears."""
    with progress("Articles") as bar:
        report, answering = run_async(sync_articles(load_settings(), directory, bar))
    for error in report.errors:
        click.echo(f"not used: {error}", err=True)
    click.echo(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged, "
        f"{len(report.errors)} not used ({report.ms / 1000:.1f} s)"
    )
    if answering:
        click.echo(f"{answering} is answering, and takes them up within seconds.")
    if report.errors and not (report.added or report.changed or report.unchanged):
        raise click.exceptions.Exit(1)


@command.command(name="search")
@click.argument("text")
@click.option("--audience", type=one_of(Audience), default=Audience.INTERNAL.value, help="On whose behalf.")
@click.option(
    "--lang",
    type=one_of(Language),
    help="Language of the question; otherwise it is detected.",
)
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def search_command(text: str, audience: str, lang: str | None, as_object: bool) -> None:
    """Show which articles a question finds, and how surely."""
    language = Language(lang) if lang else None
    found = run_async(search_articles(load_settings(), text, Audience(audience), language))
    if as_object:
        return print_json(found)
    for hit in found["hits"]:
        click.echo(f"{hit['confidence']:.3f}  {hit['id']}  {hit['title']}")
    if not found["hits"]:
        click.echo("Nothing found.", err=True)
    click.echo(f"answered from {found['answer_from']:.3f}, suggested from {found['suggest_from']:.3f}")
    return None


@command.command(name="eval")
@click.option("--kb", "bases", type=FILE, multiple=True, required=True, help="A base; several make one.")
@click.option("--queries", type=FILE, multiple=True, required=True, help="Labelled questions.")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def eval_command(bases: tuple[Path, ...], queries: tuple[Path, ...], as_object: bool) -> None:
    """Measure retrieval on labelled questions, in a throw-away index with the desk's own retrieval.

    KB rows {"id", "lang", "question", "answer"}, query rows {"query", "relevant": [ids]}; several files make one base.
    """
    figures: dict[str, Any] = evaluate(bases, queries)
    if as_object:
        return print_json(figures)
    for name, value in figures.items():
        click.echo(f"{name:<18} {value if value is not None else '-'}")
    return None


async def sync_articles(
    settings: Settings, directory: Path, progress: Callable[[int, int], None]
) -> tuple[SyncReport, str | None]:
    """`guichet kb sync`: write the articles; index them, too, unless another process answers here (then: which)."""
    async with open_desk(settings) as desk:
        report = await sync_folder(desk.storage.unit_of_work, directory, desk.categories, progress=progress)
        async with own_index(desk, "kb sync") as index:
            if index is None:
                return report, desk.lock.holder()
            await IndexFollower(desk.storage.unit_of_work, index).catch_up(progress)
            return report, None


async def search_articles(
    settings: Settings, text: str, audience: Audience, language: Language | None
) -> dict[str, Any]:
    """What a question finds. Raises AlreadyRunning while another process has the index."""
    async with open_desk(settings) as desk, own_index(desk, "kb search") as index:
        if index is None:
            raise AlreadyRunning(f"{desk.lock.holder()} has the index: ask it with guichet ask, or stop it first")
        await load_samples(desk)
        await IndexFollower(desk.storage.unit_of_work, index).catch_up()
        understood = Understander(desk.categories, settings.desk_language).understand(text, language=language)
        query = Query(text, understood.language, audience, devices=understood.entities.devices)
        found = await HybridRetriever(index).search(query)
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
