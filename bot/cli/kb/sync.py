"""`guichet kb sync`: bring the articles to the state of a folder."""

from collections.abc import Callable
from pathlib import Path

import click

from bot.app import SAMPLES_ORIGIN, open_desk
from bot.cli.common import progress, run_async
from bot.cli.kb.indexing import index_now
from bot.settings import Settings, load_settings
from knowledge.past_questions import keeper
from knowledge.sync import SyncReport, sync_folder


@click.command(name="sync")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(directory: Path) -> None:
    """Read DIRECTORY and everything below it: what has changed is indexed anew, what is gone disappears."""
    with progress("Articles") as bar:
        report, samples, answering = run_async(sync_articles(load_settings(), directory, bar))
    for error in report.errors:
        click.echo(f"not used: {error}", err=True)
    for notice in report.notices:
        click.echo(f"note: {notice}", err=True)
    click.echo(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged, "
        f"{len(report.errors)} not used ({report.ms / 1000:.1f} s)"
    )
    if report.tickets:
        click.echo(f"{report.tickets} past tickets read: guichet kb trends, guichet kb review")
    if answering:
        click.echo(f"{answering} is answering, and takes them up within seconds.")
    if samples:
        click.echo(f"{samples} sample articles are still loaded too: guichet kb remove {SAMPLES_ORIGIN}")
    if report.errors and not (report.added or report.changed or report.unchanged):
        raise click.exceptions.Exit(1)


async def sync_articles(
    settings: Settings, directory: Path, progress: Callable[[int, int], None]
) -> tuple[SyncReport, int, str | None]:
    """`guichet kb sync`: write the articles; index them, too, unless another process answers here (then: which).

    The number is of the samples that are still there.
    """
    async with open_desk(settings) as desk:
        report = await sync_folder(
            desk.storage.unit_of_work,
            directory,
            desk.categories,
            progress=progress,
            devices=desk.devices,
            keep_tickets=keeper(desk.storage.unit_of_work),
        )
        async with desk.storage.unit_of_work() as uow:
            samples = (await uow.knowledge.origins()).get(SAMPLES_ORIGIN, 0)
        return report, samples, await index_now(desk, "kb sync", progress)
