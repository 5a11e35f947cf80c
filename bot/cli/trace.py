"""`guichet trace`: the story of one message."""

import click

from bot.app import open_desk
from bot.cli.common import one_of, run_async
from bot.model.values import Language
from bot.settings import Settings, load_settings
from bot.trace import story_of, told


@click.command(name="trace")
@click.argument("message_id", metavar="MESSAGE")
@click.option("--lang", type=one_of(Language), help="Language of the story; otherwise the desk's.")
def command(message_id: str, lang: str | None) -> None:
    """Tell in words what happened to a message (the `message` of `guichet ask --json`, the id of its answer, or a
    post that was held, such as P12)."""
    settings = load_settings()
    click.echo(run_async(tell(settings, message_id, Language(lang) if lang else settings.desk_language)))


async def tell(settings: Settings, message_id: str, language: Language) -> str:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return told(await story_of(uow, message_id), desk.texts, language, settings.zone)
