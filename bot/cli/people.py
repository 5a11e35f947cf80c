"""`guichet people`: bring lists of companies, people, devices and technicians into the database; one person's data."""

import asyncio
from functools import partial
from pathlib import Path

import click

from bot.app import open_desk
from bot.categories import Categories
from bot.cli.common import run_async
from bot.cli.personal import erase_command, export_command
from bot.engine.reruns import rerun_when_stale
from bot.people_csv import Lists, read_lists
from bot.people_import import ImportReport, bring_in
from bot.ports.storage import UnitOfWorkFactory
from bot.settings import Settings, load_settings

SHOWN = 200  # changes that a dry run tells one by one


@click.group(name="people")
def command() -> None:
    """Companies, people, their devices, and technicians; all data of one person."""


command.add_command(export_command)
command.add_command(erase_command)


@command.command(name="import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the files and say what would be done; write nothing.")
def import_command(folder: Path, dry_run: bool) -> None:
    """Read companies.csv, people.csv, devices.csv and technicians.csv in FOLDER, those that are there.

    \b
    companies.csv    name, domain
    people.csv       email, name, and if known company (its domain), locale, timezone,
                     licence, level (beginner, intermediate, expert)
    devices.csv      serial, model, and if known name, owner (an e-mail address), company
    technicians.csv  email, and if wanted number, role, categories (their skills)

    Everything is brought in, or nothing and why. What is known already (by domain, address, serial number) is brought
    up to date; nothing is removed. guichet demo load brings in such files to look at.
    """
    report = run_async(imported(load_settings(), folder, dry_run))
    for column in report.unused:
        click.echo(f"not used: {column}", err=True)
    for line in summary(report):
        click.echo(line)
    if dry_run:
        for line in report.changes[:SHOWN]:
            click.echo(line)
        if len(report.changes) > SHOWN:
            click.echo(f"and {len(report.changes) - SHOWN} more")
        click.echo("A dry run: nothing was written.")


def summary(report: ImportReport) -> list[str]:
    return [
        f"{kind:<12}  {tally.added} added, {tally.changed} changed, {tally.unchanged} unchanged"
        for kind, tally in report.tallies.items()
    ]


async def imported(settings: Settings, folder: Path, dry_run: bool) -> ImportReport:
    lists = await asyncio.to_thread(read_lists, folder)
    async with open_desk(settings) as desk:
        work = partial(import_lists, desk.storage.unit_of_work, lists, desk.categories, dry_run)
        return await rerun_when_stale(work, "the people")


async def import_lists(
    unit_of_work: UnitOfWorkFactory, lists: Lists, categories: Categories, dry_run: bool
) -> ImportReport:
    async with unit_of_work() as uow:
        report = await bring_in(uow, lists, categories)
        if not dry_run:
            await uow.commit()
        return report
