"""`guichet kb approve`: use proposed phrasings."""

from collections.abc import Sequence

import click

from bot.app import open_desk
from bot.cli.common import run_async
from bot.model.knowledge import Phrasing
from bot.phrasings import approved, phrasing_named
from bot.settings import Settings, load_settings


@click.command(name="approve")
@click.argument("ids", nargs=-1, required=True)
def command(ids: tuple[str, ...]) -> None:
    """Use the phrasings IDS, as guichet kb review shows them, from now on."""
    for phrasing in run_async(approve(load_settings(), ids)):
        click.echo(f"approved: {phrasing.text}")


async def approve(settings: Settings, references: Sequence[str]) -> list[Phrasing]:
    """All of them or none. Raises InvalidInput."""
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        named = [await phrasing_named(uow.knowledge, reference) for reference in references]
        for phrasing in named:
            uow.knowledge.save(approved(phrasing))
        await uow.commit()
        return named
