"""`guichet kb remove`: withdraw the articles of an origin."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from bot.app import open_desk
from bot.cli.common import progress, run_async
from bot.cli.kb.indexing import index_now
from bot.errors import InvalidInput
from bot.settings import Settings, load_settings
from knowledge.past_questions import drop_past_questions
from knowledge.sync import withdraw_origin


@click.command(name="remove")
@click.argument("origin")
@click.option("--yes", is_flag=True, help="Do it; otherwise it is only said how many articles would go.")
def command(origin: str, yes: bool) -> None:
    """Remove every article that came from ORIGIN: `samples`, or a folder as guichet kb list shows it."""
    with progress("Articles") as bar:
        removed, answering = run_async(remove_articles(load_settings(), origin, yes, bar))
    click.echo(f"{removed} removed")
    if answering:
        click.echo(f"{answering} is answering, and forgets them within seconds.")


async def remove_articles(
    settings: Settings, origin: str, yes: bool, progress: Callable[[int, int], None]
) -> tuple[int, str | None]:
    """`guichet kb remove`: how many were removed, and the process that answers here, if another does."""
    async with open_desk(settings) as desk:
        async with desk.storage.unit_of_work() as uow:
            origins = await uow.knowledge.origins()
        if origin not in origins and (folder := await asyncio.to_thread(resolved, origin)) in origins:
            origin = folder  # given as kb sync was given it
        if origin in origins and not yes:
            raise InvalidInput(f"{origins[origin]} articles from {origin} would be removed: add --yes to do it")
        removed = await withdraw_origin(desk.storage.unit_of_work, origin)
        await drop_past_questions(desk.storage.unit_of_work, origin)
        return removed, await index_now(desk, "kb remove", progress)


def resolved(folder: str) -> str:
    return str(Path(folder).resolve())
