"""`guichet kb reject`: do not use phrasings, nor propose them again."""

from collections.abc import Sequence

import click

from bot.app import now, open_desk
from bot.cli.common import run_async
from bot.model.knowledge import Phrasing
from bot.phrasings import phrasing_named, rejected
from bot.settings import Settings, load_settings


@click.command(name="reject")
@click.argument("ids", nargs=-1, required=True)
def command(ids: tuple[str, ...]) -> None:
    """Drop the phrasings IDS, as guichet kb review shows them; they are not proposed again."""
    for phrasing in run_async(reject(load_settings(), ids)):
        click.echo(f"rejected: {phrasing.text}")


async def reject(settings: Settings, references: Sequence[str]) -> list[Phrasing]:
    """All of them or none. Raises InvalidInput."""
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        named = [await phrasing_named(uow.knowledge, reference) for reference in references]
        for phrasing in named:
            uow.knowledge.save(rejected(phrasing, now()))
        await uow.commit()
        return named
