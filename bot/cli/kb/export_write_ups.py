"""`guichet kb export-write-ups`: what was learnt from resolved tickets, as files."""

from pathlib import Path

import click

from bot.app import open_desk
from bot.cli.common import run_async
from bot.interventions.folder import export_write_ups
from bot.settings import Settings, load_settings


@click.command(name="export-write-ups")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def command(directory: Path) -> None:
    """Write every write-up of a resolved ticket into DIRECTORY, as Markdown: one file each, named by its reference.

    guichet kb import-write-ups brings them back, as they are or edited.
    """
    count = run_async(export(load_settings(), directory))
    click.echo(f"{count} write-ups in {directory}")


async def export(settings: Settings, directory: Path) -> int:
    async with open_desk(settings) as desk:
        return await export_write_ups(desk.storage.unit_of_work, directory)
