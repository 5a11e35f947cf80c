"""`guichet kb review`: phrasings that wait for a curator."""

from typing import Any

import click

from bot.app import open_desk
from bot.cli.common import print_json, run_async
from bot.settings import Settings, load_settings

MOST = 5000


@click.command(name="review")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def command(as_array: bool) -> None:
    """Show the phrasings that were proposed from questions whose answer helped, and from past tickets."""
    rows = run_async(proposed(load_settings()))
    if as_array:
        return print_json(rows)
    for row in rows:
        click.echo(f"{row['id']}  {row['text']}  → {row['title']} ({row['article']}, {row['source']})")
    if rows:
        click.echo("Then: guichet kb approve ID, or guichet kb reject ID", err=True)
    else:
        click.echo("Nothing waits for review.", err=True)
    return None


async def proposed(settings: Settings) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        phrasings = await uow.knowledge.proposed_phrasings(MOST)
        articles = await uow.knowledge.articles({one.article_id for one in phrasings})
    return [
        {
            "id": one.reference,
            "text": one.text,
            "language": one.language,
            "source": one.source,
            "article": one.article_id,
            "title": articles[one.article_id].title,
        }
        for one in phrasings
        if one.article_id in articles
    ]
