"""`guichet kb trends`: what people ask, this period against the one before."""

from dataclasses import asdict
from datetime import timedelta

import click

from bot.app import now, open_desk
from bot.cli.common import print_json, run_async
from bot.gaps import Trend, trends
from bot.settings import Settings, load_settings
from knowledge.clustering import Clusterer


@click.command(name="trends")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1, 3650), help="Length of a period.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 5000), help="How many to show.")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def command(days: int, limit: int, as_array: bool) -> None:
    """Show all questions, answered or not, put together; what has grown most comes first.

    Questions asked here and those of past tickets, the newest 5,000.
    """
    found = run_async(found_trends(load_settings(), timedelta(days=days)))[:limit]
    if as_array:
        return print_json([asdict(trend) for trend in found])
    if found:
        click.echo(f"{'now':>5} {'before':>6} {'change':>6}  answered  helped")
    for trend in found:
        change = trend.recent - trend.before
        click.echo(
            f"{trend.recent:>5} {trend.before:>6} {change:>+6}  {trend.answered:>8}  {trend.confirmed:>6}  "
            f"{trend.title} ({trend.category or 'uncategorised'}, {trend.language})"
        )
    if not found:
        click.echo(f"No questions in the last {2 * days} days.", err=True)
    return None


async def found_trends(settings: Settings, period: timedelta) -> list[Trend]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return await trends(uow, Clusterer(desk.embedders), now(), period)
