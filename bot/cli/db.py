"""`guichet db`: the database."""

from pathlib import Path

import click

from bot.cli.common import progress, run_async
from bot.errors import InvalidInput
from bot.settings import load_settings
from storage.backup import backup, restore
from storage.upgrade import upgrade


@click.group(name="db")
def command() -> None:
    """Upgrade, back up and restore the database."""


@command.command(name="upgrade")
def upgrade_command() -> None:
    """Bring the tables to what this release needs. Needed on PostgreSQL; the embedded default does it at start."""
    changed = run_async(upgrade(load_settings().database))
    click.echo("The database is upgraded." if changed else "The database is up to date.")


@command.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace FILE if it exists.")
def backup_command(file: Path, yes: bool) -> None:
    """Write everything into one compressed FILE, which restores onto SQLite and PostgreSQL alike."""
    if not file.parent.is_dir():
        raise InvalidInput(f"{file.parent} is not a folder: make it first, or name another file")
    if file.exists() and not yes:
        raise InvalidInput(f"{file} exists already: name another file, or add --yes to replace it")
    with progress("Backing up") as bar:
        run_async(backup(load_settings().database, file, progress=bar))
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@command.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Overwrite what the database holds now.")
def restore_command(file: Path, yes: bool) -> None:
    """Put a backup back. All of it or nothing; a database that holds anything is overwritten only with --yes."""
    with progress("Restoring") as bar:
        run_async(restore(load_settings().database, file, overwrite=yes, progress=bar))
    click.echo("Restored.")
