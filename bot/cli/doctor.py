"""`guichet doctor`: is every part well, and if not, what is to be done."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import click

from bot.app import SAMPLES_ORIGIN, Desk, open_desk, own_index
from bot.checks import Check, check_home, check_ledger, check_settings
from bot.cli.common import print_json, run_async
from bot.errors import GuichetError, SettingsError
from bot.settings import Settings, load_settings
from knowledge.index.follower import is_current

MARKS = {"ok": "✓", "warning": "!", "broken": "✗"}


@click.command(name="doctor")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def command(as_array: bool) -> None:
    """Check every part and say what to do. Exit status 1 if something is broken."""
    checks = run_async(examined())
    if as_array:
        print_json([{"part": c.part, "state": c.state, "finding": c.finding, "remedy": c.remedy} for c in checks])
    for check in () if as_array else checks:
        click.echo(f"{MARKS[check.state]} {check.part:<11} {check.finding}")
        if check.remedy:
            click.echo(f"  {'':<11} → {check.remedy}")
    if any(check.state == "broken" for check in checks):
        raise click.exceptions.Exit(1)


async def examined() -> list[Check]:
    try:
        settings = load_settings()
    except SettingsError as error:
        remedy = "correct the variable in the environment or in .env; .env.example has every setting"
        return [Check("settings", "broken", line, remedy) for line in str(error).splitlines()]
    checks = check_settings(os.environ, Path(".env"))
    checks.append(home := check_home(settings.home))
    if home.state != "broken":
        checks += [check async for check in check_desk(settings)]
    return checks


async def check_desk(settings: Settings) -> AsyncIterator[Check]:
    """The database and what is in it; what cannot be opened is broken, and ends the look."""
    try:
        async with open_desk(settings) as desk:
            yield Check("database", "ok", "SQLite" if settings.is_sqlite else "PostgreSQL")
            yield Check("categories", "ok", f"{len(desk.categories.records())} categories")
            for check in check_ledger(await desk.storage.counts()):
                yield check
            yield await check_articles(desk)
            yield await check_index(desk)
    except GuichetError as error:
        yield Check(part_of(error), "broken", str(error))


def part_of(error: GuichetError) -> str:
    return "settings" if isinstance(error, SettingsError) else "database"


async def check_articles(desk: Desk) -> Check:
    async with desk.storage.unit_of_work() as uow:
        counts = await uow.knowledge.count_by_language()
        samples = await uow.knowledge.catalogue(SAMPLES_ORIGIN)
    total = sum(counts.values())
    if not total:
        remedy = "guichet kb sync DIR loads yours; the first start loads samples"
        return Check("articles", "warning", "there are no articles", remedy)
    languages = ", ".join(f"{language} {count}" for language, count in sorted(counts.items()))
    if len(samples) == total:
        remedy = "guichet kb sync DIR loads your own"
        return Check("articles", "ok", f"{total} sample articles ({languages})", remedy)
    return Check("articles", "ok", f"{total} articles ({languages})")


async def check_index(desk: Desk) -> Check:
    """Whether the index can be opened and is in step; the process that has it open keeps it so by itself."""
    try:
        async with own_index(desk, "doctor") as index:
            if index is None:
                return Check("index", "ok", f"in use by {desk.lock.holder()}")
            current = await is_current(desk.storage.unit_of_work, index)
    except GuichetError as error:
        return Check("index", "broken", str(error), f"remove {desk.index_directory}: it is made anew from the database")
    if not current:
        return Check("index", "ok", "behind the articles; the next start brings it up to date")
    return Check("index", "ok", "in step with the articles")
