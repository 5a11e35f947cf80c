"""`guichet kb import-write-ups`: bring write-ups back from files."""

from collections.abc import Callable
from pathlib import Path

import click

from bot.app import now, open_desk
from bot.cli.common import progress, run_async
from bot.cli.kb.indexing import index_now
from bot.interventions.folder import ImportReport, import_write_ups
from bot.settings import Settings, load_settings


@click.command(name="import-write-ups")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
def command(directory: Path, dry_run: bool) -> None:
    """Bring the write-ups to what the Markdown files in DIRECTORY say; those without a file stay as they are.

    What is approved answers at once, what is not answers nobody. Nothing is masked: whoever edits a file reviews it.
    """
    with progress("Articles") as bar:
        report, answering = run_async(bring_in(load_settings(), directory, dry_run, bar))
    for error in report.errors:
        click.echo(f"not used: {error}", err=True)
    for what, references in (("added", report.added), ("changed", report.changed)):
        for reference in references:
            click.echo(f"{'would be ' if dry_run else ''}{what}: {reference}")
    click.echo(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} unchanged, "
        f"{len(report.errors)} not used{' (dry run: nothing was changed)' if dry_run else ''}"
    )
    if answering:
        click.echo(f"{answering} is answering, and takes them up within seconds.")
    if report.errors:
        raise click.exceptions.Exit(1)


async def bring_in(
    settings: Settings, directory: Path, dry_run: bool, progress: Callable[[int, int], None]
) -> tuple[ImportReport, str | None]:
    async with open_desk(settings) as desk:
        report = await import_write_ups(
            desk.storage.unit_of_work, directory, desk.categories, desk.texts, now, dry_run=dry_run
        )
        if dry_run:
            return report, None
        return report, await index_now(desk, "kb import-write-ups", progress)
