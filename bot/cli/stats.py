"""`guichet stats`: the desk's figures, for people and for programs."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.app import Desk, now, open_desk
from bot.cli.common import print_json, run_async
from bot.errors import InvalidInput
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.reports.asking import DEFAULT, VIEWS, Shown, View, Wanted, tables, technician_names
from bot.reports.data import CSV_COLUMNS, compared_data, csv_rows, listed_data
from bot.reports.figures import compared, pipeline
from bot.reports.periods import Period, between, named
from bot.reports.sheets import Sheet
from bot.reports.wording import Wording
from bot.settings import Settings, load_settings
from bot.tickets.export import written

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="stats")
@click.argument("period", required=False)
@click.option("--from", "first", type=DAY, help="The first day, in the desk's zone.")
@click.option("--to", "last", type=DAY, help="The last day, included; today without it.")
@click.option("--view", type=click.Choice(VIEWS), default="overview", show_default=True, help="What to show.")
@click.option("--format", "form", type=click.Choice(("text", "csv", "json")), default="text", show_default=True)
@click.option("--technicians", is_flag=True, help="How each technician does, too: for those who lead them.")
def command(period: str | None, first: Any, last: Any, view: View, form: str, technicians: bool) -> None:
    """Show what was asked and what became of it, against the period before.

    PERIOD is week (the default), month, 30d, 2026-11, 2026-W47, 2026-11-21 or 2026. The views: overview; work (tickets
    that need a human now); pipeline (how long messages took, by day); queue (what is not handled or not sent).

    Silence is counted as silence, and no share is given of fewer than 20 cases.
    """
    settings = load_settings()
    if period and (first or last):
        raise InvalidInput("give a period, or --from and --to, not both")
    asked = Wanted(chosen(period, first and first.date(), last and last.date(), settings.zone), view)
    if form == "text":
        return show(run_async(shown(settings, asked, technicians)))
    data = run_async(as_data(settings, asked, technicians))
    if form == "json":
        return print_json(data)
    click.echo(written(CSV_COLUMNS, csv_rows(data)), nl=False)
    return None


def chosen(period: str | None, first: date | None, last: date | None, zone: ZoneInfo) -> Period:
    today = now().astimezone(zone).date()
    if first or last:
        if first is None:
            raise InvalidInput("--to needs --from")
        try:
            return between(first, last or max(first, today), zone)
        except ValueError as error:
            raise InvalidInput(f"--from and --to: {error}") from error
    found = named(period or DEFAULT, now(), zone)
    if found is None:
        raise InvalidInput(f"{period!r} is no period; such as week, month, 30d, 2026-11, 2026-W47 or 2026-11-21")
    return found


async def shown(settings: Settings, asked: Wanted, technicians: bool) -> Shown:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return await tables(uow, asked, now(), wording(desk), technicians=technicians)


def wording(desk: Desk) -> Wording:
    return Wording(desk.texts.plain, desk.categories.name, Language.EN, desk.settings.zone)


async def as_data(settings: Settings, asked: Wanted, technicians: bool) -> dict[str, Any]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return await data_of(uow, asked, technicians)


async def data_of(uow: UnitOfWork, asked: Wanted, technicians: bool) -> dict[str, Any]:
    reports, at = uow.reports, now()
    match asked.view:
        case "work":
            return listed_data("work", tickets=await reports.in_need(at))
        case "pipeline":
            return listed_data("pipeline", days=await pipeline(reports, asked.period, at))
        case "queue":
            return listed_data("queue", states=await reports.backlog(), failed=await reports.failed())
        case _:
            this, before = await compared(reports, asked.period, at, technicians=technicians)
            names = await technician_names(uow) if technicians else {}
            return compared_data(this, before, asked.period.zone.key, names)


def show(found: Shown) -> None:
    from rich import box
    from rich.console import Console  # slow to import, and of no use to scripts
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200  # a pipe has no width to keep to

    def table(sheet: Sheet) -> Table:
        made = Table(title=Text(sheet.title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD)
        for place, column in enumerate(sheet.columns):
            made.add_column(Text(column), justify="left" if place == 0 else "right", overflow="fold")
        for row in sheet.rows:
            made.add_row(*map(Text, row))
        made.show_header = any(sheet.columns)
        return made

    if found.title:
        console.print(Text(found.title, style="bold"))
    for sheet in found.sheets:
        console.print(table(sheet))
    for note in found.notes:
        console.print(Text(note, style="dim"))
