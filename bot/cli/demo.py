"""`guichet demo`: data to try a desk with, and no trace of it afterwards."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from bot.app import SAMPLES, SAMPLES_ORIGIN, now, open_desk
from bot.categories import Categories
from bot.cli.common import progress, run_async
from bot.cli.kb.indexing import index_now
from bot.demo_people import Cleaned, clean_people, load_people
from bot.engine.reruns import rerun_when_stale
from bot.errors import InvalidInput, LoadError
from bot.model.knowledge import AskedQuestion, PastTicket
from bot.people_csv import read_lists
from bot.people_import import ImportReport, Tally
from bot.ports.storage import UnitOfWorkFactory
from bot.rehearsal import rehearsed
from bot.settings import Settings, load_settings
from knowledge.demo import FOLDER, ORIGIN, TICKETS
from knowledge.loaders import find_documents, load_document
from knowledge.past_questions import drop_past_questions, keep_past_questions
from knowledge.sync import SyncReport, sync_folder, withdraw_origin

SHOWN = 5  # articles that are not used, told one by one

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    articles: SyncReport
    people: ImportReport
    tickets: Tally


@dataclass(frozen=True, slots=True)
class Removed:
    articles: int
    people: Cleaned
    tickets: int


@click.group(name="demo")
def command() -> None:
    """Load demonstration data, and remove exactly that again.

    It is the sample articles and invented companies, people, devices, technicians and past tickets. Beside a desk that
    runs, too: it takes them up, or forgets them, within seconds.
    """


@command.command(name="load")
@click.option("--dry-run", is_flag=True, help="Say what would be added; write nothing.")
def load_command(dry_run: bool) -> None:
    """Add what is not there yet. What is there is not changed, so that this can be repeated, after a failure too."""
    with progress("Demonstration") as bar:
        loaded, answering = run_async(load_demo(load_settings(), dry_run, bar))
    for error in loaded.articles.errors[:SHOWN]:
        click.echo(f"not used: {error}", err=True)
    if (more := len(loaded.articles.errors) - SHOWN) > 0:
        click.echo(f"and {more} more not used", err=True)
    articles = loaded.articles
    rows = [("articles", articles.added, articles.changed, articles.unchanged)]
    rows += [(kind, one.added, one.changed, one.unchanged) for kind, one in loaded.people.tallies.items()]
    tickets = loaded.tickets
    rows.append(("past tickets", tickets.added, tickets.changed, tickets.unchanged))
    for kind, added, changed, there in rows:
        click.echo(f"{kind:<12}  {added} added, {changed} changed, {there} there already")
    finish(dry_run, answering, "takes them up")


@command.command(name="clean")
@click.option("--yes", is_flag=True, help="Do it; otherwise it is only said what would be removed.")
@click.option("--keep-articles", is_flag=True, help="Leave the sample articles.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, as without --yes.")
def clean_command(yes: bool, keep_articles: bool, dry_run: bool) -> None:
    """Remove what guichet demo load added, whenever it did, and nothing else.

    The sample articles go, too, if the desk gave them to itself at its first start. Stays, and is named: who or what
    other data points to by now, such as a person with a real ticket.
    """
    with progress("Demonstration") as bar:
        removed, answering = run_async(clean_demo(load_settings(), dry_run or not yes, not keep_articles, bar))
    click.echo(f"{'articles':<12}  {removed.articles} removed")
    for kind, count in removed.people.removed.items():
        click.echo(f"{kind:<12}  {count} removed")
    click.echo(f"{'past tickets':<12}  {removed.tickets} removed")
    for kept in removed.people.kept:
        click.echo(f"kept {kept}")
    if not yes and not dry_run:
        click.echo("Nothing was removed yet: add --yes to do it, and --keep-articles to leave the articles.")
    else:
        finish(dry_run, answering, "forgets them")


def finish(dry_run: bool, answering: str | None, does: str) -> None:
    if dry_run:
        click.echo("A dry run: nothing was written.")
    elif answering:
        click.echo(f"{answering} is answering, and {does} within seconds.")


async def load_demo(settings: Settings, dry_run: bool, bar: Progress) -> tuple[Loaded, str | None]:
    """Write the records; index the articles, too, unless another process answers here (then: which)."""
    async with open_desk(settings) as desk:
        unit_of_work = desk.storage.unit_of_work
        loaded = await load(rehearsed(unit_of_work) if dry_run else unit_of_work, desk.categories, bar)
        return loaded, None if dry_run else await index_now(desk, "demo load", bar)


async def clean_demo(settings: Settings, dry_run: bool, articles: bool, bar: Progress) -> tuple[Removed, str | None]:
    async with open_desk(settings) as desk:
        unit_of_work = desk.storage.unit_of_work
        removed = await clean(rehearsed(unit_of_work) if dry_run else unit_of_work, articles)
        return removed, None if dry_run else await index_now(desk, "demo clean", bar)


async def load(unit_of_work: UnitOfWorkFactory, categories: Categories, bar: Progress | None = None) -> Loaded:
    """Every step is whole or not at all, and can be repeated: after an end in the middle, load or clean goes on."""
    await refuse_to_replace(unit_of_work)
    lists = await asyncio.to_thread(read_lists, FOLDER)
    articles = await sync_folder(unit_of_work, SAMPLES, categories, SAMPLES_ORIGIN, bar)

    async def people() -> ImportReport:
        async with unit_of_work() as uow:
            report = await load_people(uow, lists, categories)
            await uow.commit()
            return report

    return Loaded(articles, await rerun_when_stale(people, "the people"), await load_tickets(unit_of_work, categories))


async def load_tickets(unit_of_work: UnitOfWorkFactory, categories: Categories) -> Tally:
    """Keep the past tickets as questions that were asked. Raises LoadError before anything is written."""
    found = await asyncio.to_thread(lambda: list(load_document(FOLDER, TICKETS, categories, ORIGIN)))
    for each in found:
        if isinstance(each, LoadError):
            raise each
    async with unit_of_work() as uow:
        known = await uow.knowledge.asked_from(ORIGIN)
    tickets = brought_forward([each for each in found if isinstance(each, PastTicket)], known, now())
    written = await keep_past_questions(unit_of_work, ORIGIN, tickets, now())
    added = sum(ticket.id not in known for ticket in tickets)
    return Tally(added, max(written - added, 0), len(tickets) - written)


def brought_forward(
    tickets: Sequence[PastTicket], known: Mapping[str, AskedQuestion], moment: datetime
) -> list[PastTicket]:
    """The tickets as if the last had come yesterday, so that trends have something to show; by whole days. What is kept
    already has been brought forward: the rest goes with it."""
    dated = {ticket.id: ticket.asked_at for ticket in tickets if ticket.asked_at}
    before = next((known[id].asked_at - at for id, at in dated.items() if id in known), None)
    days = before if before is not None else timedelta(days=(moment - max(dated.values())).days - 1)
    return [replace(ticket, asked_at=ticket.asked_at + days) if ticket.asked_at else ticket for ticket in tickets]


async def clean(unit_of_work: UnitOfWorkFactory, articles: bool = True) -> Removed:
    async def people() -> Cleaned:
        async with unit_of_work() as uow:
            cleaned = await clean_people(uow)
            await uow.commit()
            return cleaned

    cleaned = await rerun_when_stale(people, "the people")
    forgotten = await drop_past_questions(unit_of_work, ORIGIN)
    async with unit_of_work() as uow:
        there = SAMPLES_ORIGIN in await uow.knowledge.origins()
    withdrawn = await withdraw_origin(unit_of_work, SAMPLES_ORIGIN) if there and articles else 0
    return Removed(withdrawn, cleaned, forgotten)


async def refuse_to_replace(unit_of_work: UnitOfWorkFactory) -> None:
    """Raise InvalidInput where sample articles would take the place of others: of a folder that is not there now."""
    names = await asyncio.to_thread(partial(sample_names, SAMPLES))
    async with unit_of_work() as uow:
        rows = (await uow.knowledge.articles(names)).values()
    others = sorted({row.origin for row in rows if row.origin != SAMPLES_ORIGIN and not row.withdrawn})
    for origin in others:
        if not await asyncio.to_thread(Path(origin).is_dir):
            raise InvalidInput(
                f"articles from {origin} have the names of sample articles, and that folder is not there now: make it "
                f"available again, or remove its articles (guichet kb remove {origin})"
            )


def sample_names(folder: Path) -> list[str]:
    found = [path for path in find_documents(folder) if isinstance(path, Path)]
    return [path.relative_to(folder).with_suffix("").as_posix() for path in found]
