"""`guichet kb`: the knowledge base."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot.app import SAMPLES_ORIGIN, Desk, load_samples, open_desk, own_index
from bot.cli.common import one_of, print_json, progress, run_async
from bot.engine.retrieval import may_show
from bot.errors import AlreadyRunning, InvalidInput
from bot.model.knowledge import Article, Hit
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from bot.settings import Settings, load_settings
from bot.understanding import Understander
from knowledge.evaluation import evaluate
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import HybridRetriever
from knowledge.sync import SyncReport, sync_folder, withdraw_origin

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="kb")
def command() -> None:
    """Synchronise, list, remove, search and measure articles."""


@command.command(name="sync")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
def sync_command(directory: Path) -> None:
    """Read DIRECTORY and everything below it: what has changed is indexed anew, what is gone disappears."""
    with progress("Articles") as bar:
        report, samples, answering = run_async(sync_articles(load_settings(), directory, bar))
    for error in report.errors:
        click.echo(f"not used: {error}", err=True)
    click.echo(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged, "
        f"{len(report.errors)} not used ({report.ms / 1000:.1f} s)"
    )
    if answering:
        click.echo(f"{answering} is answering, and takes them up within seconds.")
    if samples:
        click.echo(f"{samples} sample articles are still loaded too: guichet kb remove {SAMPLES_ORIGIN}")
    if report.errors and not (report.added or report.changed or report.unchanged):
        raise click.exceptions.Exit(1)


@command.command(name="list")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def list_command(as_array: bool) -> None:
    """Show where the articles come from: each folder, and the samples, with how many there are by language."""
    rows = run_async(listed_origins(load_settings()))
    if as_array:
        return print_json(rows)
    for row in rows:
        languages = ", ".join(f"{language} {count}" for language, count in row["languages"].items())
        click.echo(f"{row['articles']:>6}  {row['origin']}  ({languages})")
    if not rows:
        click.echo("No articles.", err=True)
    return None


@command.command(name="remove")
@click.argument("origin")
@click.option("--yes", is_flag=True, help="Do it; otherwise it is only said how many articles would go.")
def remove_command(origin: str, yes: bool) -> None:
    """Remove every article that came from ORIGIN: `samples`, or a folder as guichet kb list shows it."""
    with progress("Articles") as bar:
        removed, answering = run_async(remove_articles(load_settings(), origin, yes, bar))
    click.echo(f"{removed} removed")
    if answering:
        click.echo(f"{answering} is answering, and forgets them within seconds.")


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
    if found["hits"]:
        click.echo("score  confidence  article")
    for hit in sorted(found["hits"], key=lambda hit: -hit["score"]):
        click.echo(f"{hit['score']:.3f}  {hit['confidence']:>10.3f}  {hit['id']}  {hit['title']}")
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
) -> tuple[SyncReport, int, str | None]:
    """`guichet kb sync`: write the articles; index them, too, unless another process answers here (then: which).

    The number is of the samples that are still there.
    """
    async with open_desk(settings) as desk:
        report = await sync_folder(desk.storage.unit_of_work, directory, desk.categories, progress=progress)
        async with desk.storage.unit_of_work() as uow:
            samples = (await uow.knowledge.origins()).get(SAMPLES_ORIGIN, 0)
        return report, samples, await index_now(desk, "kb sync", progress)


async def index_now(desk: Desk, doing: str, progress: Callable[[int, int], None]) -> str | None:
    """Bring the index up to date, unless another process answers here and will do so itself: then return which."""
    async with own_index(desk, doing) as index:
        if index is None:
            return desk.lock.holder()
        await IndexFollower(desk.storage.unit_of_work, index).catch_up(progress)
        return None


async def listed_origins(settings: Settings) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return [
            {"origin": origin, "articles": count, "languages": await uow.knowledge.count_by_language(origin)}
            for origin, count in (await uow.knowledge.origins()).items()
        ]


async def remove_articles(
    settings: Settings, origin: str, yes: bool, progress: Callable[[int, int], None]
) -> tuple[int, str | None]:
    """`guichet kb remove`: how many were removed, and the process that answers here, if another does."""
    async with open_desk(settings) as desk:
        async with desk.storage.unit_of_work() as uow:
            origins = await uow.knowledge.origins()
        if origin not in origins and (folder := await asyncio.to_thread(resolved, origin)) in origins:
            origin = folder  # given as kb sync was given it
        if origin in origins and not yes:
            raise InvalidInput(f"{origins[origin]} articles from {origin} would be removed: add --yes to do it")
        removed = await withdraw_origin(desk.storage.unit_of_work, origin)
        return removed, await index_now(desk, "kb remove", progress)


def resolved(folder: str) -> str:
    return str(Path(folder).resolve())


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
