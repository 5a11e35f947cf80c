"""`guichet kb list`: where the articles come from."""

from typing import Any

import click

from bot.app import open_desk
from bot.cli.common import print_json, run_async
from bot.settings import Settings, load_settings


@click.command(name="list")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def command(as_array: bool) -> None:
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


async def listed_origins(settings: Settings) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return [
            {"origin": origin, "articles": count, "languages": await uow.knowledge.count_by_language(origin)}
            for origin, count in (await uow.knowledge.origins()).items()
        ]
